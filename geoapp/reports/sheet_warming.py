"""Compiling the kernels of map sheets ahead of the first one.

``python -m geoapp.reports.sheet_warming`` does it once after an installation.
"""

import numpy as np
import shapely

from geoapp.overlay.compiling import read_only
from geoapp.overlay.index import make_batch
from geoapp.reports.sheet_kernel import Grid, fill, trace


def warm_up_sheets() -> None:
    """Trace and fill one square."""
    batch = read_only(make_batch(np.array([shapely.box(0, 0, 1, 1)], dtype=object)))
    x, y = np.meshgrid(np.array([0.0, 100.0]), np.array([100.0, 0.0]))
    corner, step = np.zeros(2), np.ones(2)
    grid = Grid(np.dstack([x, y]), corner, step, np.array([0.0, 0.0, 100.0, 100.0]))
    paper = np.empty((5, 2), dtype=np.int32)
    rings, firsts = np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64)
    rows = np.zeros(1, dtype=np.int64)
    trace(batch.xy, batch.rings, batch.firsts, rows, grid, paper, rings, firsts)
    picture = np.zeros((2, 2), dtype=np.uint8)
    fill(paper[: rings[1]], rings, firsts, np.ones(1, dtype=np.uint8), 0.02, picture)


if __name__ == "__main__":
    warm_up_sheets()
