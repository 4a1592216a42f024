"""What a browser may ask of the pages: to run them and to have their files, nothing else.

Streamlit also takes wishes of whoever develops an app, from anybody who opens a page: to empty
the caches of all, to tell the branch and changed files of the source, to write into its folder.
And it tells every page where its script lies on the server.
"""

from pathlib import PurePath
from typing import Any, Final

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.app_session import AppSession

TAKEN: Final = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
_OPERATION: Final = "backend_operation_request"
_OPERATIONS: Final = frozenset({"deferred_file", "dataframe_chunk"})
_take: Final = AppSession.handle_backmsg
_word_session: Final = AppSession._create_new_session_message  # noqa: SLF001


def take_only_wishes_of_visitors() -> None:
    """Have Streamlit pass over what no page of ours sends. Doing it twice does no harm."""
    AppSession.handle_backmsg = _take_known  # type: ignore[method-assign]
    AppSession._create_new_session_message = _without_folder  # type: ignore[method-assign]  # noqa: SLF001


def is_taken(wish: BackMsg) -> bool:
    """Tell whether a wish is one that our pages have."""
    kind = wish.WhichOneof("type")
    if kind == _OPERATION:
        return wish.backend_operation_request.WhichOneof("payload") in _OPERATIONS
    return kind in TAKEN


def _take_known(self: AppSession, msg: BackMsg) -> None:
    if is_taken(msg):
        _take(self, msg)


def _without_folder(self: AppSession, *arguments: Any, **facts: Any) -> Any:
    message = _word_session(self, *arguments, **facts)
    session = message.new_session
    session.main_script_path = PurePath(session.main_script_path).name
    return message
