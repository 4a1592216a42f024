"""Reading the items of a tracker from a table or a file with features."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geoapp.errors import CatalogError, InputError, NotFoundError
from geoapp.geometry.measure import official_areas
from geoapp.planning.ledger import Draft
from geoapp.planning.places import Places
from geoapp.planning.sheet import Row, read_rows
from geoapp.planning.tracker import Item, TrackerDefinition

_REQUIRED: Final = ("number", "name")
_CENT: Final = Decimal("0.01")
_QUANTITY: Final = ("total", "done")


def read_items(
    path: Path, tracker: TrackerDefinition, places: Places, *, sublayer: str = ""
) -> list[Draft]:
    """Read items; nothing is written.

    An item with a shape gets its official area and, without a code, the village that it lies in.

    Raises:
        FileError: It cannot be read.
        CrsError: The system of its shapes is missing or refused, or they lie outside the city.
        CatalogError: A column is missing, a number stands twice, or a cell is wrong; named
            with its row.
    """
    required = (*_REQUIRED, *(_QUANTITY if tracker.counts == "quantity" else ("stage",)))
    rows = read_rows(path, "item", required, sublayer=sublayer, place=places.locate_file)
    _require_codes(rows)
    areas, codes = _measure(rows, places)
    drafts: dict[str, Draft] = {}
    for place, row in enumerate(rows):
        item = _to_item(row, tracker, places, areas[place], codes[place])
        if item.number in drafts:
            raise CatalogError(
                "planning-number-twice", file=row.file, row=row.number, value=item.number
            )
        drafts[item.number] = draft_item(item, row.geometry)
    return list(drafts.values())


def draft_item(item: Item, geometry: shapely.Geometry | None, seen: int | None = None) -> Draft:
    """Give the entry of an item."""
    shape = None if geometry is None else shapely.to_wkb(shapely.force_2d(geometry))
    content = item.model_dump(mode="json")
    return Draft(item.number, item.unit_code, content, shape, seen)


def measure_items(
    items: Sequence[Item], shapes: Sequence[shapely.Geometry | None], crs: str
) -> list[Item]:
    """Give items the official areas of their shapes; without a polygon an item stays as it is."""
    measured = list(items)
    kept = [n for n, shape in enumerate(shapes) if shape is not None]
    found = _official(np.array([shapes[n] for n in kept], dtype=object), crs)
    for n, area in zip(kept, found, strict=True):
        if area is not None:
            update = {"area_m2": area, "measured": True}
            measured[n] = measured[n].model_copy(update=update)
    return measured


def _official(shapes: np.ndarray, crs: str) -> list[Decimal | None]:
    """Measure polygons, two decimals; ``None`` for points and lines."""
    areas: list[Decimal | None] = [None] * len(shapes)
    flat = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if flat.size:
        found = official_areas(shapes[flat], crs)
        for place, area in zip(flat, found.tolist(), strict=True):
            areas[place] = Decimal(repr(area)).quantize(_CENT, rounding=ROUND_HALF_UP)
    return areas


def _require_codes(rows: Sequence[Row]) -> None:
    """Stop at a row that says of no place where it belongs."""
    for row in rows:
        if row.geometry is None and not row.text("unit_code"):
            raise CatalogError(
                "planning-cell-empty", file=row.file, row=row.number, field="unit_code"
            )


def _measure(rows: Sequence[Row], places: Places) -> tuple[list[Decimal | None], list[str]]:
    """Measure shapes and find the units that they lie in."""
    areas: list[Decimal | None] = [None] * len(rows)
    codes = [""] * len(rows)
    kept = [place for place, row in enumerate(rows) if row.geometry is not None]
    if not kept:
        return areas, codes
    shapes = np.array([rows[place].geometry for place in kept], dtype=object)
    _require_usable(rows, kept, shapes)
    for place, code in zip(kept, places.find_units(shapes), strict=True):
        codes[place] = code
    for place, area in zip(kept, _official(shapes, places.crs), strict=True):
        areas[place] = area
    return areas, codes


def _require_usable(rows: Sequence[Row], kept: list[int], shapes: np.ndarray) -> None:
    bad = np.flatnonzero(shapely.is_empty(shapes) | ~shapely.is_valid(shapes))
    if len(bad):
        row = rows[kept[int(bad[0])]]
        raise CatalogError("planning-shape-wrong", file=row.file, row=row.number)


def _to_item(
    row: Row, tracker: TrackerDefinition, places: Places, area_m2: Decimal | None, found: str
) -> Item:
    code = row.text("unit_code") or found
    if not places.knows(code):
        raise row.wrong("unit_code", code or "-")
    holds = code == places.city_code or found.startswith(code) or code.startswith(found)
    if not holds:
        raise CatalogError(
            "planning-place-differs", file=row.file, row=row.number, stated=code, found=found
        )
    total, done, stage = _amounts(row, tracker)
    stated = row.number_of("area_m2")
    if stated is not None and stated < 0:
        raise row.wrong("area_m2", stated)
    return Item(
        number=row.text("number", required=True),
        name=row.text("name", required=True),
        unit_code=code,
        stage=stage,
        total=total,
        done=done,
        area_m2=stated if area_m2 is None else area_m2,
        measured=area_m2 is not None,
        started_on=row.day("started_on"),
        due_on=row.day("due_on"),
        done_on=row.day("done_on"),
        office=row.text("office"),
        note=row.text("note"),
    )


def _amounts(row: Row, tracker: TrackerDefinition) -> tuple[Decimal, Decimal, str]:
    if tracker.counts == "items":
        word = row.text("stage", required=True)
        stage = tracker.find_stage(word)
        if stage is None:
            raise row.wrong("stage", word)
        return Decimal(1), Decimal(1 if stage.done else 0), stage.id
    total, done = row.number_of("total"), row.number_of("done")
    for name, value in (("total", total), ("done", done)):
        if value is None:
            raise CatalogError("planning-cell-empty", file=row.file, row=row.number, field=name)
        if value < 0 or value != value.to_integral_value():
            raise row.wrong(name, value)
    if total is None or done is None or done > total:
        raise row.wrong("done", done)
    return total, done, ""


def require_item(item: Item, tracker: TrackerDefinition, places: Places) -> Item:
    """Check an item that a person entered.

    Raises:
        InputError: It has no number or name, its stage is none, or its numbers make no sense.
        NotFoundError: Its unit is not one of the city.
    """
    for field, words in (("number", item.number), ("name", item.name)):
        if not words.strip():
            raise InputError("planning-field-empty", field=field)
    if not places.knows(item.unit_code):
        raise NotFoundError("unit-unknown", unit=item.unit_code)
    if tracker.counts == "items" and tracker.find_stage(item.stage) is None:
        raise InputError("planning-field-empty", field="stage")
    whole = all(number == number.to_integral_value() for number in (item.total, item.done))
    if not whole or not 0 <= item.done <= item.total:
        raise InputError("planning-amounts-wrong", total=item.total, done=item.done)
    return item
