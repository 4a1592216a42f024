"""Compiling the kernels ahead of the first question.

``python -m geoapp.overlay.warming`` does it once after an installation; a server does it on
a thread of its own when it starts.
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import shapely

from geoapp.overlay.compiling import cache_folder
from geoapp.overlay.ground import freeze
from geoapp.overlay.index import make_batch
from geoapp.overlay.lattice import OPEN
from geoapp.overlay.meeting import find_meeting, share_pairs
from geoapp.overlay.pairwise import shared_areas
from geoapp.overlay.selfjoin import share_rows, touch_boxes
from geoapp.overlay.share import settle, share_open
from geoapp.overlay.shelf import read_zones, write_zones
from geoapp.overlay.tally import Portion, tally
from geoapp.overlay.tree import build_tree
from geoapp.overlay.zones import build_zones


def warm_up() -> None:
    """Run every kernel once on a square."""
    square = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    shared_areas(square, square)
    batch = make_batch(square)
    only = np.zeros(1, dtype=np.int64)
    zones = build_zones(square, only, around=True)
    tally([Portion(batch, np.zeros(1, dtype=np.int32))], zones, only, 1, 1)
    share_rows(batch, only, batch, only)
    touch_boxes(batch.bounds)
    _warm_comparison()


def _warm_comparison() -> None:
    """Run what compares two snapshots, on arrays that are read-only as those of files are."""
    square = np.array([shapely.box(0, 0, 2, 2)], dtype=object)
    batch = freeze(make_batch(square))
    only, ends = np.zeros(1, dtype=np.int64), np.arange(2)
    share_pairs(([batch], ends), only, ([batch], ends), only)
    find_meeting(batch.bounds.copy(), *build_tree(batch.bounds))
    zones = build_zones(square, only, around=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "zones.arrow"
        write_zones(path, zones)
        for ready in filter(None, (zones, read_zones(path))):
            settle(batch.bounds.copy(), ready)
            share_open(batch, ready, np.full(1, OPEN, dtype=np.int32))
            tally([Portion(batch, np.zeros(1, dtype=np.int32))], ready, only, 1, 1)


def drop_old_code() -> None:
    """Remove what earlier versions of the kernels left."""
    current = cache_folder()
    for folder in current.parent.glob("kernels-*"):
        if folder != current:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    drop_old_code()
    warm_up()
