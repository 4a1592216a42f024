"""Writing so that a crash or a full disk leaves whole files only, and says what failed."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geoapp.errors import FileError


@contextmanager
def worded_disk(place: Path) -> Iterator[None]:
    """Turn a disk that cannot be written into our own error.

    Raises:
        FileError: It names the place and the reason.
    """
    try:
        yield
    except OSError as error:
        raise FileError("file-unwritable", file=str(place), reason=error.strerror or "-") from error


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_synced(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_in(folder: Path, place: Path, is_there: Callable[[], bool]) -> None:
    """Move a folder to its place; another process may have put the same there meanwhile.

    Args:
        folder: It stays where it is when the other was faster.
        place: Where it belongs; a name stands for one content alone.
        is_there: Tells whether that content lies whole in its place.

    Raises:
        OSError: It cannot be moved.
    """
    try:
        folder.rename(place)
    except OSError:
        if not is_there():
            raise


def discard(path: Path) -> None:
    """Remove a file that was not finished; where nothing can be written none was begun."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
