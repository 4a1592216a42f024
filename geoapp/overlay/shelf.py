"""Prepared zones kept beside a snapshot and, the latest ones, in memory."""

import hashlib
import os
import secrets
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from geoapp.catalog.disk import discard
from geoapp.catalog.snapshot import MEASURE, Snapshot
from geoapp.overlay.compiling import read_only
from geoapp.overlay.lattice import make_lattice
from geoapp.overlay.zones import Zones

ZONES_VERSION: Final = 1
_MOST_IN_MEMORY: Final = 16
_ARRAYS: Final = ("nodes", "begins", "xy", "rings", "firsts", "zone")


class ZoneShelf:
    """Prepared zones; deleting the files loses nothing."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Path, Zones] = OrderedDict()
        self._lock = threading.Lock()
        self._turns: dict[Path, threading.Lock] = {}

    def zones(self, snapshot: Snapshot, name: str, compute: Callable[[], Zones]) -> Zones:
        """Give zones, preparing them once even when several ask at the same time.

        Args:
            snapshot: Beside which snapshot they are kept.
            name: What they are, with all that they depend on besides that snapshot.
            compute: Prepares them.
        """
        path = snapshot.folder / MEASURE / f"zones-{ZONES_VERSION}-{name}.arrow"
        with self._lock:
            turn = self._turns.setdefault(path, threading.Lock())
        with turn:
            with self._lock:
                found = self._kept.get(path)
            if found is None:
                found = read_zones(path)
                if found is None:
                    found = compute()
                    write_zones(path, found)
            with self._lock:
                self._kept[path] = found
                self._kept.move_to_end(path)
                while len(self._kept) > _MOST_IN_MEMORY:
                    self._kept.popitem(last=False)
            return found

    def find_file(self, zones: Zones) -> Path | None:
        """Find the file of zones given out lately; ``None`` where there is none."""
        with self._lock:
            paths = [path for path, kept in self._kept.items() if kept is zones]
        return next((path.absolute() for path in paths if path.is_file()), None)


def fingerprint_zones(zones: Zones) -> str:
    """Give what tells zones from any others."""
    lattice = zones.lattice
    place = (lattice.west.hex(), lattice.south.hex(), lattice.size.hex(), lattice.cells.shape)
    digest = hashlib.blake2b(repr(place).encode(), digest_size=16)
    for array in (lattice.cells, *(getattr(zones, name) for name in _ARRAYS)):
        digest.update(len(array).to_bytes(8))
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def write_zones(path: Path, zones: Zones) -> None:
    """Write whole or not at all; a folder that cannot be written only costs time."""
    lattice = zones.lattice
    arrays = {"cells": lattice.cells} | {name: getattr(zones, name) for name in _ARRAYS}
    columns = {}
    for name, array in arrays.items():
        values = pa.array(np.ascontiguousarray(array).ravel())
        columns[name] = pa.LargeListArray.from_arrays(
            pa.array([0, len(values)], pa.int64()), values
        )
    facts = {
        "cells": str(lattice.cells.shape[1]),
        "west": lattice.west.hex(),
        "south": lattice.south.hex(),
        "size": lattice.size.hex(),
        "check": str(_check(arrays)),
    }
    table = pa.table(columns).replace_schema_metadata(facts)
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(exist_ok=True)
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(temporary), "wb") as sink:
            writer = pa.ipc.new_file(sink, table.schema, options=options)
            with writer:
                writer.write_table(table)
        temporary.replace(path)
    except OSError:
        discard(temporary)


def read_zones(path: Path) -> Zones | None:
    """Read zones, ``None`` where there are none or the file is damaged."""
    try:
        with pa.OSFile(str(path), "rb") as source:
            table = pa.ipc.open_file(source).read_all()
        facts = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
        arrays = {
            name: table.column(name).chunk(0).values.to_numpy() for name in ("cells", *_ARRAYS)
        }
        if _check(arrays) != int(facts["check"]):
            return None
        lattice = make_lattice(
            arrays["cells"].reshape(-1, int(facts["cells"])),
            float.fromhex(facts["west"]),
            float.fromhex(facts["south"]),
            float.fromhex(facts["size"]),
        )
    except (OSError, pa.ArrowException, LookupError, ValueError, AttributeError):
        return None
    return read_only(
        Zones(
            lattice,
            arrays["nodes"].reshape(-1, 4),
            arrays["begins"],
            arrays["xy"].reshape(-1, 2),
            arrays["rings"],
            arrays["firsts"],
            arrays["zone"],
        )
    )


def _check(arrays: dict[str, np.ndarray]) -> int:
    check = 0
    for array in arrays.values():
        check = zlib.crc32(np.ascontiguousarray(array).tobytes(), check)
    return check
