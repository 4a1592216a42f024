"""What of a tracker is done and what is left: the whole, by unit, and item by item."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

import shapely

from geoapp.planning.ledger import Ledger, Written
from geoapp.planning.places import Places, read_shape
from geoapp.planning.storage_ledger import Entry
from geoapp.planning.tracker import Item, TrackerDefinition, require_tracker
from geoapp.planning.tracker_reading import (
    draft_item,
    measure_items,
    read_items,
    require_item,
)

UnitLevel = Literal["district", "township", "village"]
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Tally:
    """How far something is.

    Attributes:
        unit_code: Of the unit; ``""`` for what belongs to the city or a larger unit than asked.
        items: Entries on the list.
        area_m2: Of the items whose area is known, ``done_area_m2`` and ``left_area_m2`` likewise.
        without_area: Items whose area is not known.
        overdue: Items past their day.
    """

    unit_code: str
    items: int = 0
    total: Decimal = Decimal(0)
    done: Decimal = Decimal(0)
    area_m2: Decimal = Decimal(0)
    done_area_m2: Decimal = Decimal(0)
    without_area: int = 0
    overdue: int = 0

    @property
    def left(self) -> Decimal:
        """How many are not done."""
        return self.total - self.done

    @property
    def left_area_m2(self) -> Decimal:
        """Known area of what is not done."""
        return self.area_m2 - self.done_area_m2

    @property
    def percent(self) -> Decimal | None:
        """Share that is done, not rounded; ``None`` where there is nothing to do."""
        return None if not self.total else self.done * _HUNDRED / self.total

    def to_json(self) -> dict[str, Any]:
        """Give it as part of a document."""
        return {
            "unit_code": self.unit_code or None,
            "items": self.items,
            "total": float(self.total),
            "done": float(self.done),
            "left": float(self.left),
            "percent": None if self.percent is None else round(float(self.percent), 4),
            "area_m2": float(self.area_m2),
            "done_area_m2": float(self.done_area_m2),
            "without_area": self.without_area,
            "overdue": self.overdue,
        }


@dataclass(frozen=True, slots=True)
class TrackedItem:
    """An item with its place in the register."""

    item: Item
    entry: Entry


@dataclass(frozen=True, slots=True)
class TrackerState:
    """A tracker as it stands.

    Attributes:
        whole: Added up over every item, not over the units.
        units: By unit of the level asked; units without items are left out.
        sample: Something on it is synthetic.
    """

    definition: TrackerDefinition
    level: UnitLevel
    items: tuple[TrackedItem, ...]
    whole: Tally
    units: tuple[Tally, ...]
    today: date
    sample: bool

    @property
    def left(self) -> tuple[TrackedItem, ...]:
        """What is not done, longest overdue first."""
        rest = [one for one in self.items if one.item.left > 0]
        return tuple(
            sorted(rest, key=lambda one: (-one.item.days_overdue(self.today), one.item.number))
        )

    @property
    def done(self) -> tuple[TrackedItem, ...]:
        """What is done with."""
        return tuple(one for one in self.items if one.item.left <= 0)

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.tracker/1``."""
        return {
            "schema": "geoapp.tracker/1",
            "tracker": self.definition.id,
            "counts": self.definition.counts,
            "unit": self.definition.unit,
            "by": self.level,
            "sample": self.sample,
            "whole": self.whole.to_json(),
            "units": [unit.to_json() for unit in self.units],
            "left": [one.item.model_dump(mode="json") for one in self.left],
        }


class TrackerDesk:
    """Trackers of a city for one acting principal."""

    def __init__(
        self,
        ledger: Ledger,
        trackers: dict[str, TrackerDefinition],
        places: Places,
        today: Callable[[], date],
    ) -> None:
        self._ledger = ledger
        self.trackers = trackers
        self._places = places
        self._today = today

    def show(self, tracker: str, by: UnitLevel = "district", within: str = "") -> TrackerState:
        """Add a tracker up.

        Args:
            tracker: Its id.
            by: Level of the units.
            within: Code of the unit to look into, ``""`` for the whole city.

        Raises:
            NotFoundError: There is no such tracker.
            AccessError: The principal may not see planning.
        """
        definition, today = require_tracker(self.trackers, tracker), self._today()
        entries = self._ledger.current("item", tracker)
        items = tuple(
            TrackedItem(Item.model_validate(entry.content), entry)
            for entry in entries
            if not within or within == self._places.city_code or entry.unit.startswith(within)
        )
        return TrackerState(
            definition=definition,
            level=by,
            items=items,
            whole=_add("", items, today),
            units=self._by_unit(items, by, today),
            today=today,
            sample=any(one.entry.sample for one in items),
        )

    def import_items(
        self, tracker: str, path: Path, *, reason: str, whole: bool = False, sublayer: str = ""
    ) -> Written:
        """Read items from a file onto a list: all of them, or none.

        Args:
            tracker: Its id.
            path: Table or file with features.
            reason: Why.
            whole: What is on the list and not in the file is taken off.
            sublayer: Sheet or layer, where there are several.

        Raises:
            InputError: The file cannot be taken; named with row, or the reason is missing.
            AccessError: The principal may not edit planning.
        """
        definition = require_tracker(self.trackers, tracker)
        drafts = read_items(path, definition, self._places, sublayer=sublayer)
        return self._ledger.write(
            "item", tracker, drafts, reason=reason, source=path.name, whole=whole
        )

    def write_items(
        self,
        tracker: str,
        items: Sequence[Item],
        shapes: Sequence[shapely.Geometry | None] = (),
        *,
        reason: str,
    ) -> Written:
        """Write items that need no reading.

        Args:
            tracker: The list.
            items: The items.
            shapes: One for each, EPSG:4490; by default they have none. The area of an item
                with a polygon is that of the polygon.
            reason: Why.

        Raises:
            AccessError: The principal may not edit planning.
        """
        require_tracker(self.trackers, tracker)
        placed: Sequence[shapely.Geometry | None] = shapes or [None] * len(items)
        measured = measure_items(items, placed, self._places.crs)
        drafts = [draft_item(*one) for one in zip(measured, placed, strict=True)]
        return self._ledger.write("item", tracker, drafts, reason=reason)

    def change(self, tracker: str, item: Item, seen: int, *, reason: str) -> Written:
        """Write an item over the version that was seen; its shape stays.

        Raises:
            ConflictError: Somebody changed it since.
            AccessError: The principal may not edit planning.
        """
        require_tracker(self.trackers, tracker)
        before = self._ledger.history("item", tracker, item.number)[0]
        draft = draft_item(item, read_shape(before.geometry), seen)
        return self._ledger.write("item", tracker, [draft], reason=reason)

    def enter(self, tracker: str, item: Item, *, seen: int, reason: str) -> Written:
        """Enter an item, or write it over the version that was seen; its shape stays.

        Args:
            tracker: The list.
            item: The item.
            seen: Version that the person saw, 0 for a new one.
            reason: Why.

        Raises:
            InputError: The item or the reason cannot be taken.
            ConflictError: Somebody changed it since, or there is one of this number.
            AccessError: The principal may not edit planning.
        """
        definition = require_tracker(self.trackers, tracker)
        require_item(item, definition, self._places)
        if seen:
            return self.change(tracker, item, seen, reason=reason)
        return self._ledger.write("item", tracker, [draft_item(item, None, 0)], reason=reason)

    def remove(self, tracker: str, number: str, seen: int, *, reason: str) -> None:
        """Take an item off the list; its history stays.

        Raises:
            NotFoundError: There is none.
            ConflictError: Somebody changed it since it was seen.
            AccessError: The principal may not edit planning.
        """
        require_tracker(self.trackers, tracker)
        self._ledger.remove("item", tracker, number, seen, reason=reason)

    def history(self, tracker: str, number: str) -> list[Entry]:
        """Read every version of an item, newest first.

        Raises:
            NotFoundError: There is none.
            AccessError: The principal may not see planning.
        """
        return self._ledger.history("item", tracker, number)

    def _by_unit(
        self, items: Sequence[TrackedItem], by: UnitLevel, today: date
    ) -> tuple[Tally, ...]:
        groups: dict[str, list[TrackedItem]] = defaultdict(list)
        for one in items:
            groups[self._places.code_at(one.item.unit_code, by)].append(one)
        return tuple(_add(code, groups[code], today) for code in sorted(groups))


def _add(unit: str, items: Sequence[TrackedItem], today: date) -> Tally:
    known = [one.item for one in items if one.item.area_m2 is not None]
    zero = Decimal(0)
    return Tally(
        unit_code=unit,
        items=len(items),
        total=sum((one.item.total for one in items), zero),
        done=sum((one.item.done for one in items), zero),
        area_m2=sum((item.area_m2 or zero for item in known), zero),
        done_area_m2=sum((item.area_m2 or zero for item in known if item.left <= 0), zero),
        without_area=len(items) - len(known),
        overdue=sum(1 for one in items if one.item.days_overdue(today) > 0),
    )
