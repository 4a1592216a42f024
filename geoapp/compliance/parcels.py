"""Parcels made ready to be checked: each is taken as it is or refused, never repaired."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from geoapp.catalog.city import City
from geoapp.compliance.request import Parcel
from geoapp.compliance.result import Fact, Overlap, Problem
from geoapp.errors import InputError
from geoapp.geometry.crs import GEOGRAPHIC, Geometries, transform
from geoapp.overlay.asked_polygon import take_polygon
from geoapp.overlay.index import make_batch
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.selfjoin import share_rows, touch_boxes
from geoapp.overlay.share import Batch
from geoapp.overlay.tally import COUNTED_FROM_M2


@dataclass(frozen=True)
class Parcels:
    """Parcels that can be checked.

    Attributes:
        asked: The parcels.
        plane: ``(n,)`` in the measure plane.
        gauss: ``(n,)`` in the Gauss plane.
        batch: In the measure plane, for the kernel.
    """

    asked: tuple[Parcel, ...]
    plane: Geometries
    gauss: Geometries
    batch: Batch

    def __len__(self) -> int:
        """Count them."""
        return len(self.asked)

    @property
    def area_m2(self) -> Floats:
        """``(n,)`` official areas."""
        return self.batch.area

    @cached_property
    def planar_m2(self) -> Floats:
        """``(n,)`` areas in the Gauss plane."""
        areas: Floats = shapely.area(self.gauss)
        return areas

    @cached_property
    def cosines(self) -> Floats:
        """``(n,)`` cosine of the latitude: the measure plane is so much narrower northwards."""
        shapes = np.array([parcel.geometry for parcel in self.asked], dtype=object)
        middle = shapely.bounds(shapes)[:, [1, 3]].mean(axis=1)
        cosines: Floats = np.cos(np.radians(middle))
        return cosines

    @cached_property
    def borders(self) -> Geometries:
        """``(n,)`` boundaries in the Gauss plane."""
        borders: Geometries = shapely.boundary(self.gauss)
        return borders

    def boxes_around(self, reach_m: float) -> Floats:
        """``(n, 4)`` boxes in the measure plane that hold all within a distance in metres."""
        east = 1.01 * reach_m / self.cosines
        north = 1.01 * reach_m * self.cosines
        return self.batch.bounds + np.column_stack([-east, -north, east, north])

    def find_overlaps(self) -> tuple[Overlap, ...]:
        """Find parcels that share ground with each other."""
        found = []
        for first, second in touch_boxes(self.batch.bounds):
            areas = share_rows(self.batch, first, self.batch, second)
            for k in np.flatnonzero(areas >= COUNTED_FROM_M2).tolist():
                rows = self.asked[first[k]].row, self.asked[second[k]].row
                found.append(Overlap(first=rows[0], second=rows[1], area_m2=float(areas[k])))
        return tuple(sorted(found, key=lambda overlap: (overlap.first, overlap.second)))

    def pick(self, rows: Integers) -> "Parcels":
        """Give some of them."""
        plane = self.plane[rows]
        asked = tuple(self.asked[row] for row in rows.tolist())
        return Parcels(asked, plane, self.gauss[rows], make_batch(plane))


def number_rows(parcels: Sequence[Parcel]) -> list[Parcel]:
    """Give every parcel its row and, where it has no number, the row as number."""
    return [
        Parcel(
            geometry=parcel.geometry,
            id=parcel.id or str(parcel.row or place),
            name=parcel.name,
            declared_m2=parcel.declared_m2,
            crs=parcel.crs,
            row=parcel.row or place,
        )
        for place, parcel in enumerate(parcels, start=1)
    ]


def prepare_parcels(parcels: Sequence[Parcel], city: City) -> tuple[Parcels, tuple[Problem, ...]]:
    """Make parcels ready; those that cannot be taken are listed with the reason."""
    good: list[Parcel] = []
    plane: list[shapely.Geometry] = []
    problems: list[Problem] = []
    for parcel in parcels:
        try:
            plane.append(take_polygon(parcel.geometry, city))
            good.append(parcel)
        except InputError as error:
            problems.append(to_problem(parcel.row, parcel.id, error))
    shapes = np.empty(len(good), dtype=object)
    shapes[:] = plane
    ground = np.empty(len(good), dtype=object)
    ground[:] = [parcel.geometry for parcel in good]
    gauss = transform(shapely.force_2d(ground), GEOGRAPHIC, city.crs)
    return Parcels(tuple(good), shapes, gauss, make_batch(shapes)), tuple(problems)


def to_problem(row: int, name: str, error: InputError) -> Problem:
    """List an error with the row that it concerns."""
    facts: dict[str, Fact] = {
        key: value if isinstance(value, str | int | float) else str(value)
        for key, value in error.facts.items()
    }
    return Problem(row=row, id=name, code=error.code, facts=facts)
