"""Spatial plans and what they cover: level × unit × status."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from geoapp.catalog.definition import Record
from geoapp.errors import CatalogError, InputError, NotFoundError
from geoapp.planning.ledger import Draft, Ledger, Written
from geoapp.planning.places import Places
from geoapp.planning.sheet import Row, read_rows
from geoapp.planning.storage_ledger import Entry
from geoapp.planning.wording import find_word

PlanLevel = Literal["city", "district", "township", "village", "detailed", "concept"]
Status = Literal["drafting", "complete", "approved"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
LEVELS: Final[tuple[PlanLevel, ...]] = get_args(PlanLevel)
_COVERED: Final[tuple[PlanLevel, ...]] = ("city", "district", "township", "village")
_REQUIRED: Final = ("title", "level", "unit_codes", "status")


class Plan(Record):
    """One plan.

    Attributes:
        unit_codes: Units that it covers: one, or several that are planned together.
        status: ``drafting`` (编制中), ``complete`` (编制完成) or ``approved`` (已批复).
    """

    number: str
    title: str
    level: PlanLevel
    unit_codes: tuple[str, ...]
    status: Status
    approved_on: date | None = None
    document: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlanCount:
    """Units of a level in one district, by the status of the plan that covers them.

    Attributes:
        unit_code: The district, or the city.
        units: How many units there are.
        statuses: Units by the most advanced plan that covers them.
    """

    unit_code: str
    level: PlanLevel
    units: int
    statuses: dict[Status, int]

    @property
    def none(self) -> int:
        """Units that no plan on the list covers."""
        return self.units - sum(self.statuses.values())

    def reached(self, status: Status) -> int:
        """Count the units whose plan is at least at a status."""
        return sum(self.statuses[name] for name in STATUSES[STATUSES.index(status) :])

    def percent(self, status: Status) -> Decimal | None:
        """Share of units whose plan is at least at a status, not rounded."""
        return None if not self.units else Decimal(self.reached(status)) * 100 / self.units

    def to_json(self) -> dict[str, Any]:
        """Give it as part of the document of schema ``geoapp.plans/1``."""
        return {
            "unit_code": self.unit_code,
            "level": self.level,
            "units": self.units,
            "none": self.none,
            **{str(status): count for status, count in self.statuses.items()},
        }


@dataclass(frozen=True, slots=True)
class PlanState:
    """Every plan, and the units that are covered.

    Attributes:
        whole: The city, one row a level.
        districts: One row a district and level.
        others: Plans of levels that cover no units one could count, such as concepts.
    """

    plans: tuple[Plan, ...]
    whole: tuple[PlanCount, ...]
    districts: tuple[PlanCount, ...]
    sample: bool

    @property
    def others(self) -> tuple[Plan, ...]:
        """Plans that are no part of the coverage."""
        return tuple(plan for plan in self.plans if plan.level not in _COVERED)

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.plans/1``."""
        return {
            "schema": "geoapp.plans/1",
            "sample": self.sample,
            "city": [count.to_json() for count in self.whole],
            "districts": [count.to_json() for count in self.districts],
            "plans": [plan.model_dump(mode="json") for plan in self.plans],
        }


class PlanDesk:
    """Plans of a city for one acting principal."""

    def __init__(self, ledger: Ledger, places: Places) -> None:
        self._ledger = ledger
        self._places = places

    def show(self) -> PlanState:
        """Give every plan and what is covered.

        Raises:
            AccessError: The principal may not see planning.
        """
        entries = self._ledger.current("plan")
        plans = tuple(Plan.model_validate(entry.content) for entry in entries)
        best = _best(plans)
        city = self._places.city_code
        units = {level: self._units(level) for level in _COVERED}
        whole = tuple(_count(city, level, units[level], best) for level in _COVERED)
        districts = tuple(
            _count(district, level, [c for c in units[level] if c.startswith(district)], best)
            for district in units["district"]
            for level in _COVERED[1:]
        )
        return PlanState(plans, whole, districts, any(entry.sample for entry in entries))

    def import_plans(self, path: Path, *, reason: str, whole: bool = False) -> Written:
        """Read plans from a table: all of them, or none.

        Raises:
            InputError: The file cannot be taken; named with row, or the reason is missing.
            AccessError: The principal may not edit planning.
        """
        drafts = read_plans(path, self._places)
        return self._ledger.write("plan", "", drafts, reason=reason, source=path.name, whole=whole)

    def write_plans(self, plans: Sequence[Plan], *, reason: str) -> Written:
        """Write plans that need no reading.

        Raises:
            AccessError: The principal may not edit planning.
        """
        return self._ledger.write("plan", "", [_draft(plan) for plan in plans], reason=reason)

    def entries(self) -> list[Entry]:
        """Give every plan as it is entered, with its version.

        Raises:
            AccessError: The principal may not see planning.
        """
        return self._ledger.current("plan")

    def enter(self, plan: Plan, *, seen: int, reason: str) -> Written:
        """Enter a plan, or write it over the version that was seen.

        Args:
            plan: The plan; without a number it is named by its level and units.
            seen: Version that the person saw, 0 for a new one.
            reason: Why.

        Raises:
            InputError: The plan or the reason cannot be taken.
            ConflictError: Somebody changed it since, or there is one of this number.
            AccessError: The principal may not edit planning.
        """
        named = plan if plan.number else plan.model_copy(update={"number": _number_of(plan)})
        draft = replace(_draft(require_plan(named, self._places)), seen=seen)
        return self._ledger.write("plan", "", [draft], reason=reason)

    def remove(self, key: str, seen: int, *, reason: str) -> None:
        """Take a plan off the list; its history stays.

        Raises:
            NotFoundError: There is none.
            ConflictError: Somebody changed it since it was seen.
            AccessError: The principal may not edit planning.
        """
        self._ledger.remove("plan", "", key, seen, reason=reason)

    def history(self, key: str) -> list[Entry]:
        """Read every version of a plan, newest first.

        Raises:
            NotFoundError: There is none.
            AccessError: The principal may not see planning.
        """
        return self._ledger.history("plan", "", key)

    def _units(self, level: PlanLevel) -> list[str]:
        if level == "city":
            return [self._places.city_code]
        return [unit.code for unit in self._places.at_level(level)]


def require_plan(plan: Plan, places: Places) -> Plan:
    """Check a plan that a person entered.

    Raises:
        InputError: It has no title or no unit, or a unit does not fit its level.
        NotFoundError: A unit is not one of the city.
    """
    if not plan.title.strip():
        raise InputError("planning-field-empty", field="title")
    if not plan.unit_codes:
        raise InputError("planning-field-empty", field="unit_codes")
    for code in plan.unit_codes:
        if not places.knows(code):
            raise NotFoundError("unit-unknown", unit=code)
        if plan.level in _COVERED and not _fits(code, plan.level, places):
            raise InputError("plan-unit-unfit", unit=code, level=plan.level)
    return plan


def _number_of(plan: Plan) -> str:
    return f"{plan.level}:{';'.join(plan.unit_codes)}"[:200]


def read_plans(path: Path, places: Places) -> list[Draft]:
    """Read plans; nothing is written.

    Raises:
        FileError: It cannot be read.
        CatalogError: A column is missing, a plan stands twice, or a cell is wrong; named with
            its row.
    """
    drafts: dict[str, Draft] = {}
    for row in read_rows(path, "plan", _REQUIRED):
        draft = _draft(_to_plan(row, places))
        if draft.key in drafts:
            raise CatalogError(
                "planning-number-twice", file=row.file, row=row.number, value=draft.key
            )
        drafts[draft.key] = draft
    return list(drafts.values())


def _draft(plan: Plan) -> Draft:
    unit = plan.unit_codes[0] if len(plan.unit_codes) == 1 else ""
    return Draft(plan.number, unit, plan.model_dump(mode="json"))


def _to_plan(row: Row, places: Places) -> Plan:
    words = row.text("unit_codes", required=True)
    codes = tuple(part for part in words.replace("；", ";").replace(",", ";").split(";") if part)
    title = row.text("title", required=True)
    level = cast("PlanLevel", _offered(row, "level", "plan.level", LEVELS))
    for code in codes:
        if not places.knows(code) or (level in _COVERED and not _fits(code, level, places)):
            raise row.wrong("unit_codes", code)
    status = cast("Status", _offered(row, "status", "plan.status", STATUSES))
    return Plan(
        number=row.text("number") or f"{level}:{';'.join(codes)}"[:200],
        title=title,
        level=level,
        unit_codes=codes,
        status=status,
        approved_on=row.day("approved_on"),
        document=row.text("document"),
        note=row.text("note"),
    )


def _fits(code: str, level: PlanLevel, places: Places) -> bool:
    """Tell whether a code is one of the units that a level of plans covers."""
    return code == places.city_code if level == "city" else places.code_at(code, level) == code


def _offered(row: Row, name: str, prefix: str, offered: Sequence[str]) -> str:
    word = row.text(name, required=True)
    found = find_word(word, prefix, offered)
    if not found:
        raise row.wrong(name, word)
    return found


def _best(plans: Sequence[Plan]) -> dict[tuple[str, str], Status]:
    """Give the most advanced status by level and unit."""
    best: dict[tuple[str, str], Status] = {}
    for plan in plans:
        for code in plan.unit_codes:
            before = best.get((plan.level, code))
            if before is None or STATUSES.index(plan.status) > STATUSES.index(before):
                best[plan.level, code] = plan.status
    return best


def _count(
    unit: str, level: PlanLevel, codes: Sequence[str], best: dict[tuple[str, str], Status]
) -> PlanCount:
    found = Counter(best[level, code] for code in codes if (level, code) in best)
    return PlanCount(unit, level, len(codes), {status: found[status] for status in STATUSES})
