"""The whole register looked through for what counts twice or was built again."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely

from geoapp.cases.case import Case
from geoapp.cases.doubt import LEAST_SHARE, LEAST_SHARED_M2, measure_shared
from geoapp.cases.office import Office
from geoapp.cases.patch import Patch, PatchFilter
from geoapp.cases.storage_case import find_case, find_repeated_households
from geoapp.cases.storage_list import read_footprints
from geoapp.cases.storage_patch import list_rebuilt_patches
from geoapp.cases.track import stages_of_kind


@dataclass(frozen=True, slots=True)
class Overlapping:
    """Two cases on the same ground, both of them counted.

    Attributes:
        share: Ground in common as a part of the smaller footprint.
    """

    first: Case
    second: Case
    shared_m2: float
    share: float


@dataclass(frozen=True, slots=True)
class RepeatedHousehold:
    """A household that stands in several cases."""

    household: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """Ground that is built on again although a case there was torn down.

    Attributes:
        old: The case that was torn down.
        case: The new case, ``None`` where only a patch shows it yet.
        patch: The patch, ``None`` where a case was opened otherwise.
    """

    old: Case
    case: Case | None
    patch: Patch | None


class ConflictList:
    """Looks through the register for one acting principal."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def overlapping(self) -> tuple[Overlapping, ...]:
        """Find pairs of cases on the same ground, the most ground in common first.

        A case and the rebuilding that names it are no pair; cases that left the track count
        nowhere.

        Raises:
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        with office.store.reading() as connection:
            rows = read_footprints(connection, stages_of_kind("exit"))
            shapes = np.asarray(shapely.from_wkb([row.footprint_wkb for row in rows]), dtype=object)
            left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
            once = left < right
            left, right = left[once], right[once]
            areas, shares = measure_shared(shapes[left], shapes[right], office.city.crs)
            kept = np.flatnonzero((areas >= LEAST_SHARED_M2) & (shares >= LEAST_SHARE))
            found = []
            for k in kept:
                first = find_case(connection, rows[left[k]].id)
                second = find_case(connection, rows[right[k]].id)
                if first is None or second is None or not self._counts_twice(first, second):
                    continue
                found.append(Overlapping(first, second, float(areas[k]), float(shares[k])))
        return tuple(sorted(found, key=lambda pair: (-pair.shared_m2, pair.first.id)))

    def households(self) -> tuple[RepeatedHousehold, ...]:
        """Find the households that stand in several cases that are counted.

        Raises:
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        exits = stages_of_kind("exit")
        by_key: dict[str, list[Case]] = defaultdict(list)
        with office.store.reading() as connection:
            for key, number in find_repeated_households(connection):
                case = find_case(connection, number)
                if case is not None and case.stage not in exits:
                    by_key[key].append(case)
        return tuple(
            RepeatedHousehold(key, tuple(cases))
            for key, cases in by_key.items()
            if len(cases) > 1 and any(office.may_see(case.units) for case in cases)
        )

    def rebuilt(self) -> tuple[Rebuilding, ...]:
        """Find ground that is built on again: open cases that name an old one, and patches.

        Patches that were judged to be something else are left out.

        Raises:
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        found: list[Rebuilding] = []
        with office.store.reading() as connection:
            for row in read_footprints(connection, (), rebuilt=True):
                case = find_case(connection, row.id)
                old = find_case(connection, case.previous) if case and case.previous else None
                if case is not None and old is not None and office.may_see(case.units):
                    found.append(Rebuilding(old, case, None))
            gone = stages_of_kind("demolished", "closed")
            for patch in list_rebuilt_patches(connection, PatchFilter(), office.scope, gone):
                old = find_case(connection, patch.known_case or 0)
                if old is not None:
                    found.append(Rebuilding(old, None, patch))
        return tuple(found)

    def _counts_twice(self, first: Case, second: Case) -> bool:
        if second.previous == first.id or first.previous == second.id:
            return False
        return self._office.may_see(first.units) or self._office.may_see(second.units)
