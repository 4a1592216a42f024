"""The ledger of cultivated land between two dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd

from geoapp.catalog.manifest import Coverage
from geoapp.overlay.change_result import ChangeRequest
from geoapp.planning.farmland import BALANCES, CAUSES, Balance, Cause, Direction


@dataclass(frozen=True, slots=True)
class LedgerFlow:
    """Ground of one unit that became cultivated land, or ceased to be.

    Attributes:
        direction: ``in`` to cultivated land, ``out`` of it.
        class_before: ``None`` where the layer had no land, ``""`` for land without a class.
        class_after: Likewise, afterwards.
        group: Group of the other class, ``""`` for one that the table does not know.
        restorable: The other class is one that can be restored to cultivated land.
    """

    unit_code: str
    direction: Direction
    class_before: str | None
    class_after: str | None
    group: str
    cause: Cause
    balance: Balance
    restorable: bool
    area_m2: float


@dataclass(frozen=True, slots=True)
class LedgerUnit:
    """What one unit gained and lost.

    Attributes:
        before_m2: Cultivated land at the first date.
        after_m2: At the second; measured on its own and not from the flows.
        internal_m2: From one class of cultivated land to another.
        flows: In and out.
    """

    unit_code: str
    unit_name: str
    coverage_before: Coverage
    coverage_after: Coverage
    before_m2: float
    after_m2: float
    internal_m2: float
    flows: tuple[LedgerFlow, ...] = field(default=())

    def total_m2(
        self, direction: Direction, *, cause: Cause | None = None, balance: Balance | None = None
    ) -> float:
        """Add up what went in or out, of one cause or one balance."""
        return sum(
            flow.area_m2
            for flow in self.flows
            if flow.direction == direction
            and cause in {None, flow.cause}
            and balance in {None, flow.balance}
        )

    def net_m2(self, balance: Balance | None = None) -> float:
        """Measure in minus out."""
        return self.total_m2("in", balance=balance) - self.total_m2("out", balance=balance)

    @property
    def gap_m2(self) -> float:
        """What before + in - out misses of after."""
        return self.before_m2 + self.net_m2() - self.after_m2

    @property
    def known(self) -> Coverage:
        """How well the unit is known at both dates."""
        states = {self.coverage_before, self.coverage_after}
        return (
            "no_data" if "no_data" in states else "partial" if "partial" in states else "complete"
        )

    @property
    def grows(self) -> bool | None:
        """Whether at least as much went in as out; ``None`` where a date is not known."""
        return None if self.known == "no_data" else self.net_m2() >= 0.0


@dataclass(frozen=True, slots=True)
class LedgerResult:
    """The ledger.

    Attributes:
        request: What was compared.
        snapshots: Names under ``before``, ``after`` and ``units``.
        whole: The city or the unit that is looked into, measured on its own.
        units: Units in the order of their codes.
        patches: Every patch, largest first: ``unit_code``, ``direction``, classes, features,
            ``cause``, ``balance``, ``area_m2``, EPSG:4490; empty unless they were asked for.
        closure_m2: The largest gap of any sum.
    """

    request: ChangeRequest
    snapshots: Mapping[str, str]
    whole: LedgerUnit
    units: tuple[LedgerUnit, ...]
    patches: gpd.GeoDataFrame
    closure_m2: float
    units_overlap: bool
    sample: bool

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.ledger/1``."""
        return {
            "schema": "geoapp.ledger/1",
            "layer": self.request.layer,
            "by": self.request.by,
            "within": self.request.within or None,
            "sample": self.sample,
            "snapshots": dict(self.snapshots),
            "rows": [_unit_json(unit) for unit in self.units],
            "city": _unit_json(self.whole),
            "patches": [
                {str(name): _plain(name, value) for name, value in row.items()}
                for row in self.patches.drop(columns="geometry").to_dict("records")
            ],
            "closure_m2": self.closure_m2,
            "units_overlap": self.units_overlap,
        }


def _plain(name: object, value: Any) -> Any:
    """A class that is no text stands for no land."""
    if str(name).startswith("class_") and not isinstance(value, str):
        return None
    return value


def _unit_json(unit: LedgerUnit) -> dict[str, Any]:
    return {
        "unit_code": unit.unit_code,
        "unit_name": unit.unit_name,
        "coverage_before": unit.coverage_before,
        "coverage_after": unit.coverage_after,
        "before_m2": unit.before_m2,
        "after_m2": unit.after_m2,
        "in_m2": unit.total_m2("in"),
        "out_m2": unit.total_m2("out"),
        "net_m2": unit.net_m2(),
        "internal_m2": unit.internal_m2,
        "inflow_covers_outflow": unit.grows,
        "causes": {
            cause: {
                "in_m2": unit.total_m2("in", cause=cause),
                "out_m2": unit.total_m2("out", cause=cause),
            }
            for cause in CAUSES
        },
        "balances": {
            balance: {
                "in_m2": unit.total_m2("in", balance=balance),
                "out_m2": unit.total_m2("out", balance=balance),
                "net_m2": unit.net_m2(balance),
            }
            for balance in BALANCES
        },
        "flows": [
            {
                "direction": flow.direction,
                "class_before": flow.class_before,
                "class_after": flow.class_after,
                "group": flow.group or None,
                "cause": flow.cause,
                "balance": flow.balance,
                "restorable": flow.restorable,
                "area_m2": flow.area_m2,
            }
            for flow in unit.flows
        ],
    }
