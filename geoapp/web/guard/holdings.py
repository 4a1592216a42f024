"""What the pages hold in memory for whom: uploads on their way in, files on their way out.

Streamlit keeps both by ids that whoever knows them may use. The guard asks first whose they are.
"""

from typing import Final, Protocol

MOST_BYTES: Final = 400_000_000  # that one account may have lying in memory
MOST_FILES: Final = 120
UPLOADS_AT_ONCE: Final = 2
UPLOADS_OF_ALL: Final = 4
_UPLOADS: Final = "/_stcore/upload_file/"
_MEDIA: Final = "/media/"


class Holdings(Protocol):
    """What the guard must know of the pages; handles are those of ``Caller``."""

    def owner(self, session: str) -> str | None:
        """Tell who opened a session of the pages; ``None`` when there is no such session."""

    def held(self, owner: str) -> tuple[int, int]:
        """Tell how many bytes and files lie there for somebody."""

    def may_read(self, media: str, owner: str) -> bool:
        """Tell whether a page of somebody offers a file."""


def upload_session(path: str) -> str | None:
    """Give the session of the pages into which a file is sent; ``None`` when none is."""
    if not path.startswith(_UPLOADS):
        return None
    return path.removeprefix(_UPLOADS).partition("/")[0]


def media_id(path: str) -> str | None:
    """Give the id of a file that a page offers; ``None`` when none is asked for."""
    if not path.startswith(_MEDIA):
        return None
    return path.removeprefix(_MEDIA).partition(".")[0]
