"""What Streamlit tells everybody who opens a page."""

from typing import Any, Final

from streamlit.runtime.app_session import AppSession

_make: Final = AppSession._create_new_session_message  # noqa: SLF001


def keep_paths_to_ourselves() -> None:
    """Leave out where on this machine the app lies, which the first message of a page names.

    The browser only makes a name for the app out of it. Doing it twice does no harm.
    """
    AppSession._create_new_session_message = _without_path  # type: ignore[method-assign]  # noqa: SLF001


def _without_path(self: AppSession, *arguments: Any, **named: Any) -> Any:
    message = _make(self, *arguments, **named)
    message.new_session.main_script_path = message.new_session.name
    return message
