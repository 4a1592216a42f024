"""Targets beside actual values: surplus or deficit, and where a trend would lead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

from geoapp.overlay.result import Level
from geoapp.planning.computed import Computed, Part
from geoapp.planning.ledger import Ledger, Written
from geoapp.planning.measure import LayerMeasure
from geoapp.planning.measuring import Sources, compute
from geoapp.planning.places import Places
from geoapp.planning.quantity import from_base, to_base
from geoapp.planning.storage_ledger import Entry
from geoapp.planning.target import (
    Indicator,
    Target,
    draft_target,
    read_indicators,
    read_targets,
    require_indicator,
    require_target,
)

Standing = Literal["own", "inherited", "none"]
DatesOf = Callable[[str], list[date]]
_LENGTHS: Final[dict[Level, int]] = {"city": 0, "district": 6, "township": 9, "village": 12}


@dataclass(frozen=True, slots=True)
class Projection:
    """A straight line through the values at two dates, drawn on to the day of the target.

    Nothing but arithmetic: it says where the line leads, not what will be.
    """

    first: date
    first_value: Fraction
    last: date
    last_value: Fraction
    due: date

    @property
    def value(self) -> Fraction:
        """Where the line is on the day of the target."""
        days = (self.last - self.first).days
        slope = (self.last_value - self.first_value) / days
        return self.last_value + slope * (self.due - self.last).days


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One indicator in one unit.

    Attributes:
        standing: ``own``: the unit has a target; ``inherited``: only a unit above it has, which
            is shown and never compared with a part; ``none``: no target was entered.
        target: The target, of the unit itself or of the one above.
        version: Of its entry, 0 for none.
        actual: What is computed for the unit.
        surplus: Actual − target, for ``at_most`` target − actual: below zero the target is
            missed. ``None`` where either is not known.
        projection: ``None`` without two dates and a day of the target after them.
    """

    indicator: Indicator
    unit_code: str
    standing: Standing
    target: Target | None
    version: int
    actual: Part
    surplus: Fraction | None
    projection: Projection | None

    def to_json(self) -> dict[str, Any]:
        """Give it as part of the document of schema ``geoapp.targets/1``."""
        unit, target, trend = self.indicator.unit, self.target, self.projection
        return {
            "indicator": self.indicator.id,
            "sense": self.indicator.sense,
            "unit_code": self.unit_code,
            "unit": unit,
            "standing": self.standing,
            "target": target.model_dump(mode="json") if target else None,
            "actual": _shown(self.actual.value, self.indicator),
            "coverage": self.actual.coverage,
            "surplus": _shown(self.surplus, self.indicator),
            "projection": None
            if trend is None
            else {
                "from": trend.first.isoformat(),
                "to": trend.last.isoformat(),
                "due": trend.due.isoformat(),
                "value": _shown(trend.value, self.indicator),
            },
        }


@dataclass(frozen=True, slots=True)
class TargetState:
    """Indicators by unit."""

    by: Level
    rows: tuple[TargetRow, ...]
    sources: dict[str, str]
    sample: bool

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.targets/1``."""
        return {
            "schema": "geoapp.targets/1",
            "by": self.by,
            "sample": self.sample,
            "sources": self.sources,
            "rows": [row.to_json() for row in self.rows],
        }


class TargetDesk:
    """Targets of a city for one acting principal."""

    def __init__(
        self,
        ledger: Ledger,
        sources: Sources,
        places: Places,
        dates_of: DatesOf,
        today: Callable[[], date],
    ) -> None:
        self._ledger = ledger
        self._sources = sources
        self._places = places
        self._dates_of = dates_of
        self._today = today

    def show(self, by: Level = "district", indicators: Sequence[str] = ()) -> TargetState:
        """Set targets beside actual values: the city first, then its units.

        Args:
            by: Level of the units.
            indicators: Which; by default all.

        Raises:
            NotFoundError: There is no such indicator.
            AccessError: The principal may not see planning.
        """
        entries = self._ledger.current("target")
        targets = [(Target.model_validate(entry.content), entry) for entry in entries]
        chosen = [require_indicator(name) for name in indicators or read_indicators()]
        rows: list[TargetRow] = []
        sources: dict[str, str] = {}
        sample = any(entry.sample for entry in entries)
        for indicator in chosen:
            found = compute(indicator.compute, self._sources, by)
            sources |= found.sources
            sample = sample or found.sample
            earlier = self._earlier(indicator, by)
            rows += [self._row(indicator, p, targets, earlier) for p in self._parts(found, by)]
        return TargetState(by, tuple(rows), sources, sample)

    def entries(self) -> list[Entry]:
        """Give every target as it is entered, with its version.

        Raises:
            AccessError: The principal may not see planning.
        """
        return self._ledger.current("target")

    def enter(self, target: Target, *, seen: int, reason: str) -> Written:
        """Enter a target, or write it over the version that was seen.

        Args:
            target: The target.
            seen: Version that the person saw, 0 for a new one.
            reason: Why.

        Raises:
            InputError: The target or the reason cannot be taken.
            ConflictError: Somebody changed it since.
            AccessError: The principal may not edit planning.
        """
        draft = draft_target(require_target(target, self._places), seen)
        return self._ledger.write("target", "", [draft], reason=reason)

    def import_targets(self, path: Path, *, reason: str, whole: bool = False) -> Written:
        """Read targets from a table: all of them, or none.

        Raises:
            InputError: The file cannot be taken; named with row, or the reason is missing.
            AccessError: The principal may not edit planning.
        """
        drafts = read_targets(path, self._places)
        return self._ledger.write(
            "target", "", drafts, reason=reason, source=path.name, whole=whole
        )

    def remove(self, key: str, seen: int, *, reason: str) -> None:
        """Take a target off the list; its history stays.

        Raises:
            NotFoundError: There is none.
            ConflictError: Somebody changed it since it was seen.
            AccessError: The principal may not edit planning.
        """
        self._ledger.remove("target", "", key, seen, reason=reason)

    def history(self, key: str) -> list[Entry]:
        """Read every version of a target, newest first.

        Raises:
            NotFoundError: There is none.
            AccessError: The principal may not see planning.
        """
        return self._ledger.history("target", "", key)

    def _parts(self, found: Computed, by: Level) -> list[Part]:
        """Give the city and then every unit of the level, those of which nothing is known too."""
        city = Part(self._places.city_code, found.value, found.coverage)
        known = {part.unit_code: part for part in found.parts}
        codes = [unit.code for unit in self._places.at_level(by)] if by != "city" else []
        return [city, *(known.get(code, Part(code, None, "no_data")) for code in codes)]

    def _row(
        self,
        indicator: Indicator,
        actual: Part,
        targets: Sequence[tuple[Target, Entry]],
        earlier: "_Earlier | None",
    ) -> TargetRow:
        mine = [(t, e) for t, e in targets if t.indicator == indicator.id]
        standing, target, entry = self._find(actual.unit_code, mine)
        surplus: Fraction | None = None
        trend: Projection | None = None
        if standing == "own" and target is not None and actual.value is not None:
            asked = to_base(target.value, target.unit)
            surplus = (
                actual.value - asked if indicator.sense == "at_least" else asked - actual.value
            )
            trend = earlier.project(actual, target.due) if earlier and target.due else None
        version = entry.version if entry else 0
        return TargetRow(
            indicator, actual.unit_code, standing, target, version, actual, surplus, trend
        )

    def _find(
        self, code: str, targets: Sequence[tuple[Target, Entry]]
    ) -> tuple[Standing, Target | None, Entry | None]:
        city = self._places.city_code
        above = [code[:length] for length in (9, 6) if length < len(code)] if code != city else []
        for standing, unit in (("own", code), *(("inherited", up) for up in (*above, city))):
            found = [(t, e) for t, e in targets if t.unit_code == unit]
            if found and (standing == "own" or code != city):
                target, entry = min(found, key=lambda one: self._order(one[0]))
                return ("own" if standing == "own" else "inherited"), target, entry
        return "none", None, None

    def _order(self, target: Target) -> tuple[int, int]:
        """Order targets: the next one due first, then those without a day, then the past."""
        if target.due is None:
            return 1, 0
        days = (target.due - self._today()).days
        return (0, days) if days >= 0 else (2, -days)

    def _earlier(self, indicator: Indicator, by: Level) -> "_Earlier | None":
        """Compute the indicator at the date before the current one, where there are two."""
        if not isinstance(indicator.compute, LayerMeasure):
            return None
        dates = self._dates_of(indicator.compute.layer)
        if len(dates) < 2:
            return None
        first, last = dates[-2:]
        found = compute(indicator.compute, self._sources, by, first.isoformat())
        values = {part.unit_code: part.value for part in found.parts}
        values[self._places.city_code] = found.value
        return _Earlier(first, last, values)


@dataclass(frozen=True, slots=True)
class _Earlier:
    first: date
    last: date
    values: dict[str, Fraction | None]

    def project(self, actual: Part, due: date) -> Projection | None:
        before = self.values.get(actual.unit_code)
        if before is None or actual.value is None or due <= self.last:
            return None
        return Projection(self.first, before, self.last, actual.value, due)


def _shown(value: Fraction | None, indicator: Indicator) -> float | None:
    return None if value is None else float(from_base(value, indicator.unit))
