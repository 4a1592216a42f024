"""Sharing one layer out among units, inside another layer or not; kept beside the snapshot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Final

import numpy as np
import pyarrow as pa
import shapely

from geoapp.overlay.derived import DerivedTables
from geoapp.overlay.inside import share_cut, share_inside
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.kinds import Kinds
from geoapp.overlay.line_sharing import LINE_SHARES, share_lines, tally_lines
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.places import find_containing
from geoapp.overlay.portions import Portion, share_portions
from geoapp.overlay.shares import Rows, Shares
from geoapp.overlay.tally import Tally, tally, total
from geoapp.overlay.unit import Units
from geoapp.overlay.workers import THREADS, Pool
from geoapp.overlay.zones import Zones

_SUMS: Final = pa.schema(
    [
        ("unit", pa.string()),
        ("class", pa.string()),
        ("area_m2", pa.float64()),
        ("count", pa.int64()),
    ]
)
OUTSIDE_UNITS: Final = ""


@dataclass(frozen=True)
class Sums:
    """What units have of classes.

    Attributes:
        unit: ``(k,)`` unit code, ``OUTSIDE_UNITS`` for what lies in none.
        kind: ``(k,)`` class.
        area_m2: ``(k,)`` area.
        count: ``(k,)`` features that reach in.
        length_m: ``(k,)`` length of lines; empty for other layers.
    """

    unit: list[str]
    kind: list[str]
    area_m2: list[float]
    count: list[int]
    length_m: list[float] = field(default_factory=list)

    @cached_property
    def cells(self) -> dict[tuple[str, str], float]:
        """Area by unit and class."""
        keys = zip(self.unit, self.kind, strict=True)
        return dict(zip(keys, self.area_m2, strict=True))

    @cached_property
    def by_unit(self) -> dict[str, float]:
        """Area by unit, all classes together."""
        sums: dict[str, float] = {}
        for unit, area in zip(self.unit, self.area_m2, strict=True):
            sums[unit] = sums.get(unit, 0.0) + area
        return sums


@dataclass(frozen=True, slots=True)
class Sharing:
    """One layer, to be shared out.

    Attributes:
        layer: The layer.
        inside: Only what lies inside this layer, or ``None``.
        tables: Where results are kept.
        pool: Who measures.
    """

    layer: MeasuredLayer
    inside: MeasuredLayer | None
    tables: DerivedTables
    pool: Pool = THREADS

    @property
    def points(self) -> bool:
        """Whether the features are points, which are only counted."""
        return self.layer.points

    def among(self, units: Units, kinds: Kinds, *, net: bool, by_class: bool = True) -> Sums:
        """Share out among units, with what lies outside all of them.

        Args:
            units: The units.
            kinds: Classes of the features.
            net: Ground where features overlap counts once, else for each of them.
            by_class: It counts once in each class, else once altogether.
        """
        if self.layer.lines:
            return self._share_lines(units, kinds)
        way = self._way(net=net, by_class=by_class)
        where = _where(units)
        key = ("tally", units.level, *where, self._inside_name(), kinds.key, way)

        def compute() -> pa.Table:
            codes = [*units.unique_codes, OUTSIDE_UNITS]
            if self.points:
                return _table(self._count_points(units, kinds), codes, kinds)
            groups = len(units.unique_codes)
            portions = self.layer.portions(kinds, net=net, by_class=by_class)
            shares = self._among(units, way, kinds, portions)
            found = tally(shares, portions, units.group_of_zone, groups, len(kinds.names))
            area = np.vstack([found.area_m2[:groups], found.area_m2[-1]])
            count = np.vstack([found.count[:groups], np.zeros_like(found.count[-1])])
            return _table(Tally(area, count), codes, kinds)

        return self._kept(key, compute)

    def altogether(self, kinds: Kinds, *, net: bool, by_class: bool = True) -> Sums:
        """Measure the whole, without units: every row stands for no unit."""
        if self.layer.lines:
            return self._share_lines(None, kinds)
        way = self._way(net=net, by_class=by_class)
        key = ("whole", self._inside_name(), kinds.key, way)

        def compute() -> pa.Table:
            codes = [OUTSIDE_UNITS]
            if self.points:
                return _table(self._count_points(None, kinds), codes, kinds)
            portions = self.layer.portions(kinds, net=net, by_class=by_class)
            if self.inside is None:
                found = total(portions, len(kinds.names))
            else:
                shares = self._in_ground(self.inside, way, kinds, portions)
                only = np.zeros(1, dtype=np.int64)
                found = tally(shares, portions, only, 1, len(kinds.names))
            return _table(Tally(found.area_m2[:1], found.count[:1]), codes, kinds)

        return self._kept(key, compute)

    def feature_areas(
        self, units: Units | None, kinds: Kinds, *, net: bool
    ) -> tuple[Integers, Rows, Floats]:
        """Give what single features have, ``(k,)`` feature, zone and m²; several of a pair.

        Args:
            units: The units whose zones are meant; ``None``: wherever it lies, zone 0.
            kinds: Classes of the features.
            net: Ground where features of a class overlap is with the first of them alone.
        """
        portions = self.layer.portions(kinds, net=net, by_class=True)
        given_up = np.zeros(0, dtype=np.intp)
        if net and self.layer.overlap:
            given_up, _ = self.layer.net_features(kinds)
        owner = np.concatenate([np.arange(len(kinds.numbers)), given_up])
        if units is None:
            areas = np.concatenate([np.zeros(0), *(portion.batch.area for portion in portions)])
            return owner, np.zeros(len(owner), dtype=np.int32), areas
        shares = self._among(units, self._way(net=net, by_class=True), kinds, portions)
        return owner[shares.feature_row], shares.zone_row, shares.area_m2

    def feature_lengths(self, units: Units) -> tuple[Integers, Integers, Floats]:
        """Give what single lines have, ``(k,)`` line, place in ``unique_codes`` and m."""
        shares = self._line_shares(units)
        return tuple(shares.column(name).to_numpy() for name in LINE_SHARES.names)

    def homes(self, units: Units) -> Shares:
        """Find the unit of each feature's inner point; areas are meaningless here."""
        key = ("homes", *_where(units), self._inside_name())
        return self.tables.shares(self.layer.snapshot, key, lambda: self._home(units))

    def _way(self, *, net: bool, by_class: bool) -> str:
        # Without overlaps, net and gross are one: one table serves both.
        if not net or self.points or not self.layer.overlap:
            return "gross"
        return "net-by-class" if by_class else "net"

    def _among(self, units: Units, way: str, kinds: Kinds, portions: list[Portion]) -> Shares:
        """Give the shares of single features in units; they serve any classes."""
        alone = ("shares", *_where(units), "-", way, _classes(way, kinds))
        in_units = self._kept_shares(alone, lambda: self._share(portions, units.layer.zones))
        if self.inside is None:
            return in_units
        inside, in_ground = self.inside, self._in_ground(self.inside, way, kinds, portions)
        key = ("shares", *_where(units), self._inside_name(), way, _classes(way, kinds))

        def compute() -> Shares:
            cut = partial(share_cut, portions, units.layer, inside)
            return share_inside(portions, in_units, in_ground, cut)

        return self._kept_shares(key, compute)

    def _in_ground(
        self, inside: MeasuredLayer, way: str, kinds: Kinds, portions: list[Portion]
    ) -> Shares:
        key = ("shares", self._inside_name(), way, _classes(way, kinds))
        return self._kept_shares(key, lambda: self._share(portions, inside.ground))

    def _share(self, portions: list[Portion], zones: Zones) -> Shares:
        file = self.layer.find_file(zones)
        return share_portions(portions, zones, pool=self.pool, file=file)

    def _kept_shares(self, key: tuple[str, ...], compute: Callable[[], Shares]) -> Shares:
        return self.tables.shares(self.layer.snapshot, key, compute)

    def _kept(self, key: tuple[str, ...], compute: Callable[[], pa.Table]) -> Sums:
        table = self.tables.table(self.layer.snapshot, key, _SUMS, compute)
        return Sums(*(table.column(name).to_pylist() for name in _SUMS.names))

    def _inside_name(self) -> str:
        return self.inside.snapshot.layer + self.inside.snapshot.name if self.inside else "-"

    def _count_points(self, units: Units | None, kinds: Kinds) -> Tally:
        points = self.layer.geometries
        rows = np.arange(len(points))
        if self.inside is not None:
            rows = rows[find_containing(points, self.inside.borders()) >= 0]
        if units is None:
            group, groups = np.zeros(len(rows), dtype=np.intp), 0
        else:
            groups = len(units.unique_codes)
            zone = find_containing(points[rows], units.layer.geometries)
            group = np.where(zone < 0, groups, units.group_of_zone[zone])
        count = np.zeros((groups + 1, len(kinds.names)), dtype=np.int64)
        np.add.at(count, (group, kinds.numbers[rows]), 1)
        return Tally(np.zeros(count.shape), count)

    def _line_shares(self, units: Units | None) -> pa.Table:
        of_units = (units.level, *_where(units)) if units else ("-", "-", "-")
        return self.tables.table(
            self.layer.snapshot,
            ("lines", *of_units, self._inside_name()),
            LINE_SHARES,
            lambda: share_lines(self.layer, self.inside, units),
        )

    def _share_lines(self, units: Units | None, kinds: Kinds) -> Sums:
        shares = self._line_shares(units)
        codes = [*(units.unique_codes if units else []), OUTSIDE_UNITS]
        found = tally_lines(shares, self.layer.lengths_m, kinds, len(codes) - 1)
        group, kind = (place.tolist() for place in np.nonzero(found.length_m))
        length, count = found.length_m[group, kind], found.count[group, kind]
        return Sums(
            unit=[codes[g] for g in group],
            kind=[kinds.names[k] for k in kind],
            area_m2=[0.0] * len(group),
            count=count.tolist(),
            length_m=length.tolist(),
        )

    def _home(self, units: Units) -> Shares:
        inner = shapely.point_on_surface(self.layer.geometries)
        homes = find_containing(inner, units.layer.geometries)
        rows = np.arange(len(inner))
        if self.inside is not None:
            kept = find_containing(inner, self.inside.borders()) >= 0
            rows, homes = rows[kept], homes[kept]
        return Shares(rows.astype(np.int32), homes.astype(np.int32), np.zeros(len(rows)))


def _table(found: Tally, units: list[str], kinds: Kinds) -> pa.Table:
    """List what is there, in rising order of unit and class."""
    group, kind = np.nonzero((found.count > 0) | (found.area_m2 != 0.0))
    return pa.table(
        [
            pa.array([units[g] for g in group], pa.string()),
            pa.array([kinds.names[k] for k in kind], pa.string()),
            pa.array(found.area_m2[group, kind]),
            pa.array(found.count[group, kind].astype(np.int64)),
        ],
        schema=_SUMS,
    )


def _where(units: Units) -> tuple[str, str]:
    """Name a set of units; a city is shared out among its districts."""
    return "district" if units.level == "city" else units.level, units.layer.snapshot.name


def _classes(way: str, kinds: Kinds) -> str:
    """Name the classes that shares depend on: only ground counted once in each class does."""
    return kinds.key if way == "net-by-class" else "-"
