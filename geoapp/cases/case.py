"""A case of the demolition register, and what is said of it. Pure values.

Land area (占地面积) and floor area (建筑面积) are two quantities: they are never added.
Areas are decimals with two places, so that sums are exact in any order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Final, Literal, get_args

import shapely

from geoapp.errors import ChoiceError, InputError

TrackId = Literal["planning", "land"]
OwnerKind = Literal["household", "enterprise", "collective", "unknown"]
DiscoverySource = Literal["patrol", "satellite", "inspectorate", "tip", "ledger"]
Mode = Literal["self", "assisted", "forced"]
TRACKS: Final[tuple[TrackId, ...]] = get_args(TrackId)
OWNER_KINDS: Final[tuple[OwnerKind, ...]] = get_args(OwnerKind)
SOURCES: Final[tuple[DiscoverySource, ...]] = get_args(DiscoverySource)
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
NOTHING_M2: Final = Decimal("0.00")
MOST_M2: Final = Decimal(100_000_000)  # 100 km²: more is a slip of the pen
MOST_HOUSEHOLDS: Final = 100_000
_LONGEST_WORD: Final = 200


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a building, or what was torn down of it, amounts to.

    Attributes:
        households: Number of households.
        land_area_m2: Ground that it covers, official area, two decimals.
        floor_area_m2: Floor of all storeys, two decimals. Never added to the ground.
    """

    households: int = 0
    land_area_m2: Decimal = NOTHING_M2
    floor_area_m2: Decimal = NOTHING_M2

    def plus(self, other: "Amounts") -> "Amounts":
        """Add each quantity."""
        return Amounts(
            self.households + other.households,
            self.land_area_m2 + other.land_area_m2,
            self.floor_area_m2 + other.floor_area_m2,
        )

    @property
    def nothing(self) -> bool:
        """Whether every quantity is zero."""
        return not (self.households or self.land_area_m2 or self.floor_area_m2)

    @property
    def something(self) -> bool:
        """Whether a quantity is above zero."""
        return self.households > 0 or self.land_area_m2 > 0 or self.floor_area_m2 > 0

    @property
    def falls_short(self) -> bool:
        """Whether a quantity is below zero."""
        return self.households < 0 or self.land_area_m2 < 0 or self.floor_area_m2 < 0


@dataclass(frozen=True, slots=True)
class Registered:
    """What stands, as registered; ``None`` where nobody has established it yet."""

    land_area_m2: Decimal
    households: int | None = None
    floor_area_m2: Decimal | None = None

    @property
    def known(self) -> bool:
        """Whether all quantities are established."""
        return self.households is not None and self.floor_area_m2 is not None

    def remaining(self, demolished: Amounts) -> "Registered":
        """Give what is left: registered minus demolished, unknown where it is not known."""
        return Registered(
            self.land_area_m2 - demolished.land_area_m2,
            None if self.households is None else self.households - demolished.households,
            None if self.floor_area_m2 is None else self.floor_area_m2 - demolished.floor_area_m2,
        )

    @property
    def nothing(self) -> bool:
        """Whether it is known that nothing is left."""
        return self.known and not (self.households or self.land_area_m2 or self.floor_area_m2)


@dataclass(frozen=True, slots=True)
class Units:
    """The units that hold a footprint's inner point; ``""`` where none does."""

    district: str = ""
    township: str = ""
    village: str = ""

    @property
    def finest(self) -> str:
        """The code of the smallest unit that is known."""
        return self.village or self.township or self.district


@dataclass(frozen=True, slots=True)
class NewCase:
    """What somebody enters to open a case.

    Attributes:
        footprint: Polygon or multipolygon, EPSG:4490; it is not repaired.
        found_on: Day of discovery.
        source: How it was discovered.
        track: By which law it is pursued.
        households: ``None`` while unknown; the same for ``floor_area_m2``.
        household_keys: Keys of the households' books, to find one in two cases.
        cause: Code or words of the violation.
        office: Responsible office.
        inspector: Name of the assigned inspector.
        patch: Id of the satellite patch that led here.
        previous: Id of the old case on the same ground, when this is a rebuilding.
    """

    footprint: shapely.Geometry
    found_on: date
    source: DiscoverySource
    track: TrackId = "planning"
    households: int | None = None
    floor_area_m2: Decimal | None = None
    household_keys: tuple[str, ...] = ()
    owner_kind: OwnerKind = "unknown"
    cause: str = ""
    office: str = ""
    inspector: str = ""
    note: str = ""
    patch: int | None = None
    previous: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it stands now.

    Attributes:
        id: Key within the register.
        case_no: Number by district and year of opening, as on documents.
        version: Grows with every event of the case; an editor says which one was seen.
        footprint_wkb: EPSG:4490.
        stage: Id of a stage; see ``workflow/stages.toml``.
        stage_since: Legal day on which the stage began.
        demolished_on: Day of the last demolition, ``None`` while nothing was torn down.
        due_on: Nearest day by which something must happen, ``None`` without a running limit.
        due_clock: The clock that ends then.
        due_certain: ``False``: the period reaches into a year whose holidays are not known.
        permit: Reference of the permit that makes it legitimate.
        priority: Score, higher is more urgent, ``None`` when it was not computed.
    """

    id: int
    case_no: str
    version: int
    track: TrackId
    stage: str
    stage_since: date
    footprint_wkb: bytes
    longitude: float
    latitude: float
    registered: Registered
    demolished: Amounts
    household_keys: tuple[str, ...]
    owner_kind: OwnerKind
    cause: str
    source: DiscoverySource
    found_on: date
    units: Units
    office: str
    inspector: str
    note: str
    permit: str
    patch: int | None
    previous: int | None
    demolished_on: date | None
    closed_on: date | None
    due_on: date | None
    due_clock: str
    due_certain: bool
    priority: float | None
    sample: bool

    @property
    def footprint(self) -> shapely.Geometry:
        """The ground of the building, EPSG:4490."""
        return shapely.from_wkb(self.footprint_wkb)

    @property
    def remaining(self) -> Registered:
        """What still stands: registered minus demolished."""
        return self.registered.remaining(self.demolished)


@dataclass(frozen=True, slots=True)
class CaseEdit:
    """What an editor changes; ``None`` leaves a value as it is."""

    footprint: shapely.Geometry | None = None
    households: int | None = None
    floor_area_m2: Decimal | None = None
    household_keys: tuple[str, ...] | None = None
    owner_kind: OwnerKind | None = None
    cause: str | None = None
    track: TrackId | None = None
    office: str | None = None
    inspector: str | None = None
    note: str | None = None
    permit: str | None = None

    def changes(self) -> Iterator[tuple[str, object]]:
        """Give the names and values that are changed."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                yield field.name, value


@dataclass(frozen=True, slots=True)
class DemolitionReport:
    """What was torn down on one day.

    Attributes:
        on: The day.
        mode: By the owner, with help, or by force.
        amounts: What was torn down that day; what remains may not fall below zero.
        document: Reference of the record, if there is one.
    """

    on: date
    mode: Mode
    amounts: Amounts
    reason: str
    document: str = ""


SortKey = Literal["priority", "due_on", "found_on", "case_no", "stage_since"]


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are asked for; empty: all that the person may see.

    Attributes:
        unit: Code of a district, township or village.
        text: What the number, cause, office, inspector or note holds.
        modes: Only cases of which something was torn down in one of these ways.
        overdue_on: Only cases whose limit lies before that day.
        bounds: West, south, east, north, degrees: only cases that may reach in.
    """

    unit: str = ""
    text: str = ""
    stages: tuple[str, ...] = ()
    tracks: tuple[TrackId, ...] = ()
    owner_kinds: tuple[OwnerKind, ...] = ()
    sources: tuple[DiscoverySource, ...] = ()
    office: str = ""
    inspector: str = ""
    cause: str = ""
    modes: tuple[Mode, ...] = ()
    found_from: date | None = None
    found_to: date | None = None
    demolished_from: date | None = None
    demolished_to: date | None = None
    overdue_on: date | None = None
    bounds: tuple[float, float, float, float] | None = None
    ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Some cases of an answer, and how many there are in all."""

    cases: tuple[Case, ...]
    total: int


def require_area(value: Decimal | None, option: str) -> Decimal | None:
    """Take an area with at most two decimals; nothing is rounded in silence.

    Raises:
        InputError: Negative, too large, not a number, or more than two decimals.
    """
    if value is None:
        return None
    if not value.is_finite() or value < 0 or value > MOST_M2:
        raise InputError("case-area-wrong", option=f"@case.{option}", value=str(value))
    exact = value.quantize(NOTHING_M2)
    if exact != value:
        raise InputError("case-area-too-fine", option=f"@case.{option}", value=str(value))
    return exact


def require_households(value: int | None) -> int | None:
    """Take a number of households.

    Raises:
        InputError: It is negative or too large.
    """
    if value is not None and not 0 <= value <= MOST_HOUSEHOLDS:
        raise InputError("case-households-wrong", value=value, most=MOST_HOUSEHOLDS)
    return value


def require_word(value: str, option: str, *, longest: int = _LONGEST_WORD) -> str:
    """Take a short text: no control characters, not too long.

    Raises:
        InputError: It is too long or holds what cannot be printed.
    """
    if len(value) > longest:
        raise InputError("case-text-too-long", option=f"@case.{option}", most=longest)
    if not all(letter.isprintable() or letter in "\n\t" for letter in value):
        raise InputError("case-text-unprintable", option=f"@case.{option}")
    return value.strip()


def require_offered(value: str, option: str, offered: tuple[str, ...]) -> None:
    """Stop unless a value is one of those offered.

    Raises:
        ChoiceError: It is not.
    """
    if value not in offered:
        raise ChoiceError(
            "choice-unknown", option=option, value=value[:60], offered=", ".join(offered)
        )
