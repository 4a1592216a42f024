"""Whether the place is fit: room on the disk, rights on secrets, what killed work left."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geoapp.database.place import is_writable
from geoapp.keeping.contents import REGISTER, SECRET_SUFFIXES
from geoapp.keeping.finding import Symptom

_LEAST_FREE_BYTES: Final = 2**30
_LEFT_AFTER_S: Final = 3600
_OTHERS: Final = 0o007
_GROUP_AND_OTHERS: Final = 0o077
# The names under which the product writes what is not finished yet; nobody else's are touched.
_UNFINISHED: Final = re.compile(
    r"\.(publishing|staging|backing-up|restoring)-.+|\..+-\d+-[0-9a-f]{8}|\..+\.part"
)


def examine_room(folder: Path) -> Iterator[Symptom]:
    """Look at the disk: room for the next import, and whether it can be written at all."""
    if not is_writable(folder):
        yield Symptom("read_only", "warning", folder.name)
    free = shutil.disk_usage(folder).free
    largest = max(
        (path.stat().st_size for path in folder.glob("layers/*/*/features.parquet")), default=0
    )
    needed = max(_LEAST_FREE_BYTES, 6 * largest)
    if free < needed:
        facts = {"free": free // 2**20, "needed": needed // 2**20}
        yield Symptom("disk_low", "warning", folder.name, facts)


def examine_secrets(folder: Path) -> Iterator[Symptom]:
    """Find secrets that others on this machine can read."""
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        forbidden = _GROUP_AND_OTHERS if path.name.endswith(SECRET_SUFFIXES) else 0
        if path.name == REGISTER:
            forbidden = _OTHERS
        mode = path.stat().st_mode & 0o777
        if mode & forbidden:
            facts = {"mode": f"{mode:03o}", "wanted": f"{mode & ~forbidden:03o}"}
            yield Symptom("secret_open", "warning", path.name, facts)


def find_leftovers(folder: Path) -> list[Path]:
    """Find what killed work left behind more than an hour ago; it is in nobody's use."""
    candidates = [
        *folder.glob(".*"),
        *folder.glob("layers/*/.*"),
        *folder.glob("layers/*/*/.*"),
        *folder.glob("layers/*/*/*/.*"),
        *folder.glob("staging/.*"),
        *folder.glob("attachments/.*"),
        *folder.parent.glob(f".{folder.name}-*"),
    ]
    oldest = time.time() - _LEFT_AFTER_S
    return sorted(
        path
        for path in candidates
        if _UNFINISHED.fullmatch(path.name) and path.lstat().st_mtime < oldest
    )


def examine_leftovers(folder: Path) -> Iterator[Symptom]:
    """List what killed work left behind."""
    for path in find_leftovers(folder):
        place = path.relative_to(folder.parent).as_posix()
        yield Symptom("leftover", "warning", place, remedy="leftover")
