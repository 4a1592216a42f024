"""What Streamlit holds in memory for whom, for the guard at the door.

Streamlit names a file that it offers by its content, and one that is made only when somebody
asks for it belongs to no session at all. Both are mended here, so that the guard can tell whose
a file is: by the whole content, and kept with the session that made it.
"""

import hashlib
from typing import Any, Final

from streamlit import runtime
from streamlit.runtime import memory_media_file_storage
from streamlit.runtime.media_file_manager import MediaFileManager

HANDLE: Final = "session"  # as config.toml has the guard's header named in ``st.user``
_MADE: Final = "made-on-demand"
_make: Final = MediaFileManager.execute_deferred


class PageHoldings:
    """Reads what the running Streamlit holds; see ``geoapp.web.guard.holdings``."""

    def owner(self, session: str) -> str | None:
        """Tell who opened a session of the pages; ``None`` when there is no such session."""
        if not runtime.exists():
            return None
        found = runtime.get_instance()._session_mgr.get_session_info(session)  # noqa: SLF001
        return None if found is None else str(found.session._user_info.get(HANDLE) or "")  # noqa: SLF001

    def held(self, owner: str) -> tuple[int, int]:
        """Tell how many bytes and files lie there for somebody."""
        if not runtime.exists():
            return 0, 0
        held: Any = runtime.get_instance().uploaded_file_mgr
        sizes = [
            len(file.data)
            for session, files in list(held.file_storage.items())
            if self.owner(session) == owner
            for file in list(files.values())
        ]
        return sum(sizes), len(sizes)

    def may_read(self, media: str, owner: str) -> bool:
        """Tell whether a page of somebody offers a file."""
        if not runtime.exists():
            return False
        offered = runtime.get_instance().media_file_mgr._files_by_session_and_coord  # noqa: SLF001
        return any(
            media in list(files.values()) and self.owner(session) == owner
            for session, files in list(offered.items())
        )


def name_files_by_whole_content() -> None:
    """Have Streamlit tell files apart by all of their content and keep to whom they belong.

    It looks at the ends and the middle of large files only: two of them could have one name,
    and whoever asked for one could get the other. Doing it twice does no harm.
    """
    memory_media_file_storage._calculate_file_id = _whole_id  # noqa: SLF001
    MediaFileManager.execute_deferred = _make_for_session  # type: ignore[method-assign]


def _whole_id(data: bytes, mimetype: str, filename: str | None = None) -> str:
    digest = hashlib.sha256(data)
    for part in (mimetype, filename or ""):
        digest.update(b"\0" + part.encode())
    return digest.hexdigest()


def _make_for_session(self: MediaFileManager, file_id: str) -> str:
    entry = self._deferred_callables.get(file_id)
    url = _make(self, file_id)
    if entry:
        made = url.rsplit("/", 1)[-1].partition(".")[0]
        with self._lock:
            offered = self._files_by_session_and_coord[entry["session_id"]]
            offered[f"{_MADE}-{file_id}"] = made
    return url
