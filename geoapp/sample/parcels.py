"""All parcels of the city: exact count, exact borders, every parcel in a village."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoapp.sample import border
from geoapp.sample.grid import Floats
from geoapp.sample.hierarchy import District
from geoapp.sample.mosaic import Mosaic, build_mosaic
from geoapp.sample.randomness import generator
from geoapp.sample.rings import Polygons
from geoapp.sample.scatter import allot
from geoapp.sample.strips import Course
from geoapp.sample.terrain import Terrain


@dataclass(frozen=True, slots=True)
class Parcels:
    """The mosaic of the city, districts one after the other.

    Attributes:
        polygons: ``(n,)`` valid coverage, projected CRS.
        village: ``(n,)`` row in ``villages``.
        strip: ``(n,)`` kind of course, 0 for fields.
        ground: Terrain means per parcel, ``(n,)`` each.
        links: Neighbouring parcels within districts, each pair once.
        villages: All villages: code, name, parent, x, y, town.
        townships: All townships: code, name, parent, x, y.
    """

    polygons: Polygons
    village: NDArray[np.int64]
    strip: NDArray[np.int64]
    ground: dict[str, NDArray[np.float32]]
    links: tuple[NDArray[np.int64], NDArray[np.int64]]
    villages: pd.DataFrame
    townships: pd.DataFrame


def share_out(districts: Sequence[District], terrain: Terrain, parcels: int) -> list[int]:
    """Say how many parcels each district gets: more where there is more valley."""
    claims = []
    for district in districts:
        row, column = np.nonzero(district.inside)
        x = district.grid.x0 + (column + 0.5) * district.grid.step
        y = district.grid.y0 + (row + 0.5) * district.grid.step
        low = terrain.grid.sample(terrain.above_valley, x, y) < 90
        claims.append(district.outline.area * (1 + 10 * float(low.mean())))
    least = np.array([len(district.villages) for district in districts])
    counts = allot(parcels, np.array(claims), least, np.full(len(claims), parcels))
    return [int(count) for count in counts]


def _cut_to_outlines(districts: Sequence[District], mosaics: Sequence[Mosaic]) -> list[Polygons]:
    """Cut the mosaics, all districts sharing their nodes."""
    rims = border.segments_of(np.array([district.outline for district in districts]))
    uncut = [
        border.keep_clear(mosaic.polygons, district.outline)
        for district, mosaic in zip(districts, mosaics, strict=True)
    ]
    crossings = [
        border.find_crossings(polygons, district.outline, rims)
        for district, polygons in zip(districts, uncut, strict=True)
    ]
    nodes = border.place_nodes(rims, crossings)
    pieces, source = border.split_rims(rims, crossings, nodes)
    cut = []
    for k, district in enumerate(districts):
        mine = border.rows_within(rims, district.outline)
        rim_pieces = pieces[np.isin(source, mine)]
        faces, owner = border.cut_faces(
            district.outline, uncut[k], crossings[k], nodes[k], rim_pieces
        )
        inner = np.ones(len(uncut[k]), np.bool_)
        inner[crossings[k].parcels] = False
        cut.append(border.join_faces(faces, owner, uncut[k], mosaics[k].village, inner))
    return cut


def _exchanged(villages: pd.DataFrame, exchange: NDArray[np.int64]) -> pd.DataFrame:
    """Move the middles of villages that have changed places."""
    moved = villages.copy()
    for name in ("x", "y"):
        places = np.empty(len(villages))
        places[exchange] = villages[name].to_numpy()
        moved[name] = places
    return moved


def build_parcels(
    districts: Sequence[District],
    terrain: Terrain,
    courses: list[Course],
    counts: Sequence[int],
    seed: int,
    progress: Callable[[float], None],
) -> Parcels:
    """Cut all districts into parcels; ``counts`` per district."""
    mosaics = []
    for done, (district, count) in enumerate(zip(districts, counts, strict=True)):
        rng = generator(seed, f"mosaic/{district.code}")
        mosaics.append(build_mosaic(district, terrain, courses, count, rng))
        progress(0.8 * (done + 1) / len(districts))
    polygons = _cut_to_outlines(districts, mosaics)
    progress(1.0)
    parcel_base = np.cumsum([0, *(len(part) for part in polygons)])
    village_base = np.cumsum([0, *(len(district.villages) for district in districts)])

    def stacked(parts: list[NDArray[np.int64]], base: Floats) -> NDArray[np.int64]:
        moved = [part + int(low) for part, low in zip(parts, base[:-1], strict=True)]
        return np.concatenate(moved)

    return Parcels(
        polygons=np.concatenate(polygons),
        village=stacked([m.village for m in mosaics], village_base),
        strip=np.concatenate([m.strip for m in mosaics]),
        ground={
            name: np.concatenate([m.ground[name] for m in mosaics]) for name in mosaics[0].ground
        },
        links=(
            stacked([m.links[0] for m in mosaics], parcel_base),
            stacked([m.links[1] for m in mosaics], parcel_base),
        ),
        villages=pd.concat(
            [_exchanged(d.villages, m.exchange) for d, m in zip(districts, mosaics, strict=True)],
            ignore_index=True,
        ),
        townships=pd.concat([d.townships for d in districts], ignore_index=True),
    )


def unite(polygons: Polygons, group: NDArray[np.int64], count: int) -> Polygons:
    """Dissolve a coverage by group, keeping every vertex on the common borders.

    Args:
        polygons: ``(n,)`` valid coverage.
        group: ``(n,)`` 0 to ``count`` - 1, none missing.
        count: Number of groups.
    """
    order = np.argsort(group, kind="stable")
    parts = np.split(polygons[order], np.searchsorted(group[order], np.arange(1, count)))
    # GEOS dissolves plain polygons only, so multipolygons go in part by part.
    united = [shapely.coverage_union_all(shapely.get_parts(part)) for part in parts]
    return np.array(united, dtype=object)
