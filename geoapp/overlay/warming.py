"""Compiling the kernels ahead of the first question.

``python -m geoapp.overlay.warming`` does it once after an installation; a server does it on
a thread of its own when it starts.
"""

import shutil

import numpy as np
import shapely

from geoapp.overlay.compiling import cache_folder
from geoapp.overlay.ground import measure_inside, prepare_ground
from geoapp.overlay.index import make_batch
from geoapp.overlay.meeting import find_meeting, share_pairs
from geoapp.overlay.nearly import agree
from geoapp.overlay.pairwise import shared_areas
from geoapp.overlay.portions import Portion, share_portions
from geoapp.overlay.selfjoin import share_rows, touch_boxes
from geoapp.overlay.share import Batch, settle
from geoapp.overlay.tally import tally
from geoapp.overlay.tree import build_tree
from geoapp.overlay.zones import build_zones


def warm_up() -> None:
    """Run every kernel once on a square."""
    square = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    shared_areas(square, square)
    batch = make_batch(square)
    only = np.zeros(1, dtype=np.int64)
    zones = build_zones(square, only, around=True)
    portions = [Portion(batch, np.zeros(1, dtype=np.int32))]
    tally(share_portions(portions, zones), portions, only, 1, 1)
    share_rows(batch, only, batch, only)
    settle(batch.bounds.copy(), zones)
    list(touch_boxes(batch.bounds))
    _warm_up_ground()
    _warm_up_comparison(batch)


def _warm_up_ground() -> None:
    """Run what measures single polygons, on features of few and of many vertices."""
    circle = shapely.Point(0, 0).buffer(1, 64)
    features = np.array([circle, shapely.box(0, 0, 9, 1)], dtype=object)
    measure_inside(make_batch(features), prepare_ground(circle))


def _warm_up_comparison(batch: Batch) -> None:
    """Run what compares two snapshots."""
    only, ends = np.zeros(1, dtype=np.int64), np.arange(2)
    share_pairs(([batch], ends), only, ([batch], ends), only)
    agree(batch, only, batch, only, 0.0)
    find_meeting(batch.bounds.copy(), *build_tree(batch.bounds))


def drop_old_code() -> None:
    """Remove what earlier versions of the kernels left."""
    current = cache_folder()
    for folder in current.parent.glob("kernels-*"):
        if folder != current:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    drop_old_code()
    warm_up()
