"""The ground that a register in one file stands on."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_MODE: Final = 0o640  # it holds names of people: not for everybody on the machine


def is_writable(folder: Path) -> bool:
    """Tell whether a folder can be written: by rights, and by how its disk is mounted."""
    return os.access(folder, os.W_OK) and not os.statvfs(folder).f_flag & os.ST_RDONLY


def is_frozen(file: Path) -> bool:
    """Tell whether a file can only be read, and nothing waits in a log beside it."""
    if not file.is_file() or is_writable(file.parent):
        return False
    log = file.with_name(f"{file.name}-wal")
    return not log.exists() or log.stat().st_size == 0


def found_file(file: Path) -> None:
    """Make an empty register that strangers cannot read; leave one that is there."""
    with suppress(OSError):  # opening it says what is wrong
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE))
