"""Which files of a workspace a backup holds: all that cannot be made again."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from geoapp.catalog.stored import FEATURES, MANIFEST

LAYERS: Final = "layers"
ATTACHMENTS: Final = "attachments"
REGISTER: Final = "register.db"
# Work that is not finished yet, and what is made again of other files.
LEFT_OUT: Final = frozenset({"staging", "inbox", LAYERS, "cache"})
_MADE_AGAIN: Final = frozenset({"thumbnails", "__pycache__"})
SECRET_SUFFIXES: Final = (".key", ".secret")


def iter_contents(folder: Path, snapshots: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Name the files, as paths within the workspace.

    Args:
        folder: The workspace.
        snapshots: Layer and name of all that the register names; whether their files are
            there is for the reader to find out.
    """
    for layer, name in sorted(snapshots):
        for file in (FEATURES, MANIFEST):
            yield f"{LAYERS}/{layer}/{name}/{file}"
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if place.parts[0] in LEFT_OUT or place.parts[0].startswith(REGISTER):
            continue
        if any(part.startswith(".") or part in _MADE_AGAIN for part in place.parts):
            continue
        if path.is_file() and not path.is_symlink():
            yield place.as_posix()


def is_secret(place: str) -> bool:
    """Tell whether only the owner may read a file."""
    return place.endswith(SECRET_SUFFIXES)
