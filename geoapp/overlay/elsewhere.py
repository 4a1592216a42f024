"""What workers in other processes read: the very same files, named by path and fingerprint.

Nothing big is sent. A worker opens the file that it is told, through a memory map, and keeps
the latest ones open. It compares fingerprints first: another content under the same path would
give wrong figures.
"""

import hashlib
import os
import socket
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numba

from geoapp.errors import ClusterError
from geoapp.overlay.index import MeasureIndex, read_index
from geoapp.overlay.kernel import Integers
from geoapp.overlay.share import Batch, hide
from geoapp.overlay.shelf import fingerprint_zones, read_zones
from geoapp.overlay.zones import Zones

_SOURCES: Final = Path(__file__).parent
_MOST_OPEN: Final = 8
_one_opens: Final = threading.Lock()

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class IndexBatch:
    """A batch of a measure index.

    Attributes:
        index: The index.
        number: Which batch.
        hidden: Rows of the batch that are taken as empty.
    """

    index: MeasureIndex
    number: int
    hidden: Integers

    def name(self) -> tuple[str, str, int, Integers]:
        """Give what ``open_batch`` takes."""
        file = str((self.index.file or Path()).absolute())
        return file, self.index.fingerprint(self.number), self.number, self.hidden


def open_batch(file: str, fingerprint: str, number: int, hidden: Integers) -> Batch:
    """Open a batch of an index file.

    Raises:
        ClusterError: The file cannot be read here or its content is another.
    """
    path = Path(file)
    with _one_opens:
        index = _keep_index(path, _stamp(path))
    known = index is not None and number < len(index.batches)
    if index is None or not known or index.fingerprint(number) != fingerprint:
        raise ClusterError("cluster-file-differs", worker=socket.gethostname(), file=file)
    return hide(index.batches[number], hidden)


def open_zones(file: str, fingerprint: str) -> Zones:
    """Open prepared zones.

    Raises:
        ClusterError: The file cannot be read here or its content is another.
    """
    path = Path(file)
    with _one_opens:
        found = _keep_zones(path, _stamp(path))
    if found is None or found[1] != fingerprint:
        raise ClusterError("cluster-file-differs", worker=socket.gethostname(), file=file)
    return found[0]


@lru_cache(maxsize=1)
def engine() -> str:
    """Tell this engine from all others: its sources, and the compiler of the kernels."""
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
    for source in sorted(_SOURCES.glob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=_MOST_OPEN)
def _keep_index(path: Path, _same: Stamp) -> MeasureIndex | None:
    return read_index(path)


@lru_cache(maxsize=_MOST_OPEN)
def _keep_zones(path: Path, _same: Stamp) -> tuple[Zones, str] | None:
    zones = read_zones(path)
    return zones and (zones, fingerprint_zones(zones))


def _stamp(path: Path) -> Stamp:
    """Tell a file from one that replaces it."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
    except OSError as error:
        raise ClusterError(
            "cluster-file-unreadable",
            worker=socket.gethostname(),
            file=str(path),
            reason=error.strerror,
        ) from error
    return found.st_ino, found.st_size, found.st_mtime_ns
