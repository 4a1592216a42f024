"""Checksums of what is derived from a snapshot, so that a flipped byte in it is found.

``derived.json`` stands beside the features. A file that was made again since is sealed anew;
one that lies there untouched keeps the checksum it got when it was made.
"""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geoapp.catalog.disk import digest_of, discard

SEAL: Final = "derived.json"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A derived file as it was when it was sealed."""

    size: int
    changed_ns: int
    sha256: str


def seal_derived(folder: Path, derived: tuple[str, ...]) -> None:
    """Write the checksums of all derived files of a snapshot that have none yet.

    A folder that cannot be written is left as it is.
    """
    known = read_seal(folder) or {}
    sealed = {}
    for path in iter_derived(folder, derived):
        name, state = path.relative_to(folder).as_posix(), path.stat()
        found = known.get(name)
        if not found or (found.size, found.changed_ns) != (state.st_size, state.st_mtime_ns):
            found = Sealed(state.st_size, state.st_mtime_ns, digest_of(path))
        sealed[name] = found
    rows = {name: [one.size, one.changed_ns, one.sha256] for name, one in sealed.items()}
    temporary = folder / f".{SEAL}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        temporary.write_text(json.dumps(rows, indent=0), encoding="utf-8")
        temporary.replace(folder / SEAL)
    except OSError:
        discard(temporary)


def read_seal(folder: Path) -> dict[str, Sealed] | None:
    """Read the checksums; ``None`` where there are none, or they cannot be read."""
    try:
        rows = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        return {name: Sealed(*row) for name, row in rows.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def iter_derived(folder: Path, derived: tuple[str, ...]) -> Iterator[Path]:
    """Give the derived files of a snapshot, without those that are just being written."""
    for name in derived:
        for path in sorted((folder / name).rglob("*")):
            parts = path.relative_to(folder).parts
            if path.is_file() and not any(part.startswith(".") for part in parts):
                yield path
