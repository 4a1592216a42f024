"""How far the work is: figures by unit, stage, month and mode, beside what was reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from geoapp.cases.case import Amounts, CaseFilter
from geoapp.cases.office import Office
from geoapp.cases.storage_figures import (
    CaseFigures,
    CaseGrouping,
    DemolitionFigures,
    list_groups,
    read_last_modes,
    sum_cases,
    sum_demolitions,
)
from geoapp.catalog.city import ReportedFigure

DemolitionGrouping = Literal["month", "mode", "district", "township", "village"]
LAYER: Final = "demolition"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What was torn down until the end of a month."""

    month: date
    amounts: Amounts
    cumulative: Amounts


@dataclass(frozen=True, slots=True)
class ReportedGap:
    """A reported figure beside the register's.

    Attributes:
        computed: ``None`` where the register has no such quantity.
        gap: Computed − reported, ``None`` where either is missing.
    """

    figure: ReportedFigure
    computed: Decimal | None
    gap: Decimal | None


class Progress:
    """Figures for one acting principal; a township gets those of its unit."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def cases(
        self,
        by: CaseGrouping,
        wanted: CaseFilter = CaseFilter(),  # noqa: B008  frozen
    ) -> list[CaseFigures]:
        """Add cases up by a group; ``city`` gives one row, or none without cases.

        Raises:
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        with office.store.reading() as connection:
            return sum_cases(connection, by, wanted, office.scope, office.today)

    def groups(self, by: CaseGrouping) -> list[str]:
        """List the groups that have cases, as a filter offers them.

        Raises:
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        with office.store.reading() as connection:
            return list_groups(connection, by, office.scope)

    def demolitions(
        self,
        by: Sequence[DemolitionGrouping] = ("month",),
        wanted: CaseFilter = CaseFilter(),  # noqa: B008
    ) -> list[DemolitionFigures]:
        """Add what was torn down up by month, mode or unit, or by several of these.

        Raises:
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        with office.store.reading() as connection:
            return sum_demolitions(connection, by, wanted, office.scope)

    def last_modes(self) -> dict[int, str]:
        """Tell, by the id of a case, how something was torn down of it last.

        Raises:
            AccessError: The principal may not see cases.
        """
        self._office.require("view_cases")
        with self._office.store.reading() as connection:
            return read_last_modes(connection, self._office.scope)

    def curve(self, wanted: CaseFilter = CaseFilter()) -> tuple[CurvePoint, ...]:  # noqa: B008
        """Give what was torn down month by month, and until then; months without are left out.

        Raises:
            AccessError: The principal may not see cases.
        """
        points: list[CurvePoint] = []
        whole = Amounts()
        for row in self.demolitions(("month",), wanted):
            whole = whole.plus(row.amounts)
            points.append(CurvePoint(row.month or date.min, row.amounts, whole))
        return tuple(points)

    def reported(self) -> tuple[ReportedGap, ...]:
        """Set the city's reported figures of demolition beside what the register adds up to.

        Only the whole city can be compared: a township gets nothing.

        Raises:
            AccessError: The principal may not see cases.
        """
        office = self._office
        rows = self.cases("city")
        if office.scope:
            return ()
        done = rows[0].demolished if rows else Amounts()
        gaps = []
        for figure in office.city.reported:
            if figure.layer != LAYER:
                continue
            computed = _pick(done, figure.measure)
            known = computed is not None and figure.value is not None
            gap = computed - Decimal(repr(figure.value)) if known and computed is not None else None
            gaps.append(ReportedGap(figure, computed, gap))
        return tuple(gaps)


def _pick(done: Amounts, measure: str) -> Decimal | None:
    if measure in {"households", "demolished_households"}:
        return Decimal(done.households)
    if measure in {"floor_area_m2", "demolished_floor_area_m2"}:
        return done.floor_area_m2
    if measure in {"land_area_m2", "demolished_land_area_m2"}:
        return done.land_area_m2
    return None
