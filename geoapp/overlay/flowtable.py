"""Keeping the flows between two snapshots as tables beside the later one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from geoapp.overlay.derived import DerivedTables
from geoapp.overlay.layout import Layout, lay_out
from geoapp.overlay.matching import Matched, match
from geoapp.overlay.side import Side
from geoapp.overlay.transition import Comparison, Flows
from geoapp.overlay.unit import Units
from geoapp.values import Progress

CHANGE_VERSION: Final = "1"
COUNTED: Final = ("unchanged", "reclassified", "before_only", "after_only")
_FLOWS: Final = pa.schema(
    [
        ("place", pa.int64()),
        ("had_land", pa.bool_()),
        ("before", pa.string()),
        ("has_land", pa.bool_()),
        ("after", pa.string()),
        ("area_m2", pa.float64()),
    ]
)
_COUNTS: Final = pa.schema([("kind", pa.string()), ("count", pa.int64())])


@dataclass(frozen=True, slots=True)
class Flow:
    """Layout of one place.

    Attributes:
        unit: Code of the unit, ``""`` for what lies in none; ``None`` for the whole, which
            is measured without units.
        before: Class, ``None`` where there was no land.
        after: Class, ``None`` where there is no land.
        area_m2: Layout.
    """

    unit: str | None
    before: str | None
    after: str | None
    area_m2: float


@dataclass(frozen=True, slots=True)
class FlowTables:
    """Flows between two snapshots, computed once.

    Attributes:
        before: The earlier snapshot.
        after: The later one.
        tables: Where results are kept.
    """

    before: Side
    after: Side
    tables: DerivedTables

    def flows(
        self, units: Units, check: Callable[[list[Flow]], object], progress: Progress
    ) -> list[Flow]:
        """List the flows in units, outside all of them, and altogether.

        Args:
            units: The units.
            check: Raises on flows that must not be kept.
            progress: Told how far it is.
        """
        key = ("change", *self._key(), units.level, units.layer.snapshot.name)

        def compute() -> pa.Table:
            made = self._compute(units, progress)
            check(_list(made, units))
            return made

        table = self.tables.table(self.after.layer.snapshot, key, _FLOWS, compute)
        return _list(table, units)

    def counts(self) -> dict[str, int]:
        """Count features of the layer by ``COUNTED``."""
        table = self._kept_counts(self._count_anew)
        return dict(
            zip(table.column("kind").to_pylist(), table.column("count").to_pylist(), strict=True)
        )

    def _key(self) -> tuple[str, ...]:
        before, after = self.before, self.after
        return CHANGE_VERSION, before.layer.snapshot.name, before.kinds.key, after.kinds.key

    def _names(self) -> list[str]:
        return sorted({*self.before.kinds.names, *self.after.kinds.names})

    def _lay_out(self, side: Side, *, net: bool) -> Layout:
        """Lay out one side, its classes numbered as for both."""
        names = self._names()
        numbers = np.array([names.index(name) for name in side.kinds.names], dtype=np.int32)
        return lay_out(side.layer, numbers[side.kinds.numbers], net=net)

    def _compute(self, units: Units, progress: Progress) -> pa.Table:
        progress("change.matching", 0.0)
        before, after = (self._lay_out(side, net=True) for side in (self.before, self.after))
        progress("change.matching", 0.5)
        matched = match(before, after)
        if not (self.before.layer.overlap or self.after.layer.overlap):
            self._kept_counts(lambda: _count(before, after, matched))
        names = self._names()
        flows = Comparison(before, after, units, len(names)).flows(matched, progress)
        return _table(flows, names)

    def _kept_counts(self, compute: Callable[[], pa.Table]) -> pa.Table:
        key = ("change-counts", *self._key())
        return self.tables.table(self.after.layer.snapshot, key, _COUNTS, compute)

    def _count_anew(self) -> pa.Table:
        """Count features as they were handed over, whether or not they overlap."""
        before, after = (self._lay_out(side, net=False) for side in (self.before, self.after))
        return _count(before, after, match(before, after))


def _list(table: pa.Table, units: Units) -> list[Flow]:
    places = [*units.unique_codes, "", None]
    columns = (table.column(name).to_pylist() for name in _FLOWS.names)
    return [
        Flow(places[place], before if had else None, after if has else None, area)
        for place, had, before, has, after, area in zip(*columns, strict=True)
    ]


def _count(before: Layout, after: Layout, matched: Matched) -> pa.Table:
    same = int((before.kinds[matched.before] == after.kinds[matched.after]).sum())
    pairs = len(matched.before)
    only = (len(before.areas) - pairs, len(after.areas) - pairs)
    return pa.table([pa.array(COUNTED), pa.array([same, pairs - same, *only])], schema=_COUNTS)


def _table(flows: Flows, names: list[str]) -> pa.Table:
    listed = [*names, ""]  # the last stands for no land
    columns = [
        pa.array(flows.place),
        pa.array(flows.before < len(names)),
        pa.array([listed[number] for number in flows.before], pa.string()),
        pa.array(flows.after < len(names)),
        pa.array([listed[number] for number in flows.after], pa.string()),
        pa.array(flows.area),
    ]
    return pa.table(columns, schema=_FLOWS)
