"""Public figures and places in words, the same on the pages of the app and of the site."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.i18n import Lang, text
from geoapp.publishing.directory import HAMLET, Place
from geoapp.publishing.figures import OTHER, Figure, FigureTable
from geoapp.values import AreaUnit, convert_area

NameUnit = Callable[[str, Lang], str]
_CONTROL_CARDS: Final = {
    "permanent_farmland": "places.card_farmland",
    "ecological_redline": "places.card_redline",
}
_DEMOLITION: Final = "demolition"
_HOUSEHOLDS: Final = "demolished_households"


@dataclass(frozen=True, slots=True)
class Card:
    """What a district has, as label and value, and where that comes from."""

    unit: str
    title: str
    lines: tuple[tuple[str, str], ...]
    source: str


def word_hectares(area_m2: float | None) -> str:
    """Word an area in hectares with two decimals: finer it is not quoted."""
    return "" if area_m2 is None else f"{convert_area(area_m2, AreaUnit.HA):,.2f}"


def word_place(place: Place, name_unit: NameUnit, lang: Lang) -> str:
    """Say in which district and township a place lies."""
    codes = dict.fromkeys(code for code in (place.district, place.township) if code)
    return text(lang, "finding.between_units").join(name_unit(code, lang) for code in codes)


def word_facts(place: Place, definition: LayerDefinition, lang: Lang) -> str:
    """Say what is published of a place: class, level, year, area."""
    parts = []
    for field in definition.stored_fields:
        value = place.facts.get(field.name)
        if value in {None, ""} or field.name in {definition.name_field, "zldwdm", "zldwmc"}:
            continue
        if field.name == "nd":
            parts.append(text(lang, "places.year", year=value))
            continue
        titles = definition.class_titles(field.name)
        parts.append(titles[str(value)][lang] if str(value) in titles else str(value))
    if place.area_m2 is not None:
        parts.append(text(lang, "places.area", area=word_hectares(place.area_m2)))
    return " · ".join(parts)


def make_cards(
    districts: Iterable[str],
    places: Sequence[Place],
    tables: Sequence[FigureTable],
    definitions: dict[str, LayerDefinition],
    *,
    as_of: Sequence[str],
    name_unit: NameUnit,
    lang: Lang,
) -> list[Card]:
    """Make the card of each district.

    Args:
        districts: Their codes.
        places: The directory.
        tables: The public figures.
        definitions: Layers by id.
        as_of: Days of the data that the cards show.
        name_unit: Names a unit.
        lang: The language.
    """
    present = {place.layer for place in places}
    shown = {*_CONTROL_CARDS, _DEMOLITION}
    named = [*sorted(present), *(table.layer for table in tables if table.layer in shown)]
    titles = [definitions[layer].source[lang] for layer in named if layer in definitions]
    source = text(
        lang,
        "places.card_source",
        sources=text(lang, "places.between").join(dict.fromkeys(titles)),
        dates=text(lang, "places.and").join(as_of),
    )
    return [
        Card(
            code, name_unit(code, lang), tuple(_lines(code, places, present, tables, lang)), source
        )
        for code in districts
    ]


def word_figure(figure: Figure, lang: Lang) -> tuple[str, str]:
    """Word the count and the area of a figure; never a nought for what is not known."""
    if figure.coverage == "no_data" and not figure.count and not figure.area_m2:
        unknown = text(lang, "coverage.no_data")
        return unknown, unknown
    if figure.hidden:
        hidden = text(lang, "public.hidden")
        return hidden, hidden
    count = "" if figure.count is None else f"{figure.count:,}"
    return count, word_hectares(figure.area_m2)


def word_class(definition: LayerDefinition, code: str, lang: Lang) -> str:
    """Name a class of a table of figures."""
    if code == OTHER:
        return text(lang, "public.class_other")
    titles = definition.class_titles(definition.class_field)
    return titles[code][lang] if code in titles else code


def _lines(
    code: str, places: Sequence[Place], present: set[str], tables: Sequence[FigureTable], lang: Lang
) -> Iterable[tuple[str, str]]:
    here = [place for place in places if place.district == code]
    hamlets = sum(place.layer == HAMLET for place in here)
    unknown = text(lang, "places.card_unknown")
    yield (
        text(lang, "places.card_hamlets"),
        text(lang, "places.card_hamlets_value", count=hamlets) if HAMLET in present else unknown,
    )
    names = {place.name for place in here if place.layer != HAMLET}
    yield (
        text(lang, "places.card_scenic"),
        text(lang, "places.card_scenic_value", count=len(names)) if present - {HAMLET} else unknown,
    )
    for table in tables:
        figure = table.find(code)
        if figure is None:
            continue
        if table.layer in _CONTROL_CARDS:
            yield text(lang, _CONTROL_CARDS[table.layer]), _word_area(figure, lang)
        elif table.layer == _DEMOLITION:
            yield text(lang, "places.card_demolished"), _word_demolished(figure, lang)


def _word_area(figure: Figure, lang: Lang) -> str:
    if figure.hidden:
        return text(lang, "places.card_hidden")
    if figure.area_m2 is None:
        return text(lang, "places.card_unknown")
    return text(lang, "places.card_area_value", area=word_hectares(figure.area_m2))


def _word_demolished(figure: Figure, lang: Lang) -> str:
    if figure.hidden:
        return text(lang, "places.card_hidden")
    if figure.count is None:
        return text(lang, "places.card_unknown")
    households = f"{figure.sums.get(_HOUSEHOLDS, 0.0):,.0f}"
    count = f"{figure.count:,}"
    return text(lang, "places.card_demolished_value", count=count, households=households)
