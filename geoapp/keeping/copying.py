"""Copying files so that what was written is known to be what was read."""

import hashlib
import os
from pathlib import Path
from typing import Final

from geoapp.errors import FileError

_PORTION: Final = 1 << 20


def copy_hashed(source: Path, target: Path, *, mode: int = 0o640) -> tuple[str, int]:
    """Copy a file, synchronised to disk; give hash and size of what was read.

    Raises:
        FileNotFoundError: There is no such file.
        FileError: It cannot be read, or the copy cannot be written.
    """
    digest, size = hashlib.sha256(), 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as file, target.open("xb") as copy:
            os.fchmod(copy.fileno(), mode)
            while portion := file.read(_PORTION):
                copy.write(portion)
                digest.update(portion)
                size += len(portion)
            copy.flush()
            os.fsync(copy.fileno())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileError(
            "file-unwritable", file=target.name, reason=error.strerror or "-"
        ) from error
    return digest.hexdigest(), size
