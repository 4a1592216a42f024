"""What a printed map says, free of any file format: words, legend, grid, names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from geoapp.catalog.city import City
from geoapp.geometry.crs import central_meridian
from geoapp.i18n import Lang, text
from geoapp.reports.sheet_drawing import DrawnLayer, Look, is_by_class
from geoapp.reports.sheet_frame import Frame
from geoapp.reports.sheet_grid import Neatline, ScaleBar, draw_neatline, draw_scale_bar
from geoapp.reports.sheet_labels import Label
from geoapp.reports.sheet_reading import LayerToDraw
from geoapp.reports.sheet_request import MapSheetRequest

_TITLE_LAYERS: Final = 3


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A line of the legend; one without a look is a heading."""

    title: str
    look: Look | None


@dataclass(frozen=True, slots=True)
class SheetContent:
    """All words of a sheet and where they point.

    Attributes:
        legend: Layers and classes that show in the frame, no others.
        statements: Label and text: date of the data, source, reference system, layers without
            a feature in the frame.
        use: Who may use the sheet, and the review number of the map where there is one.
        made: Who made it, and when.
        banner: Sentence on synthetic data, else ``""``.
        mark: The same as a watermark.
    """

    lang: Lang
    title: str
    subtitle: str
    legend_title: str
    legend: tuple[LegendEntry, ...]
    scale_text: str
    scale_bar: ScaleBar
    north: str
    statements: tuple[tuple[str, str], ...]
    use: tuple[str, ...]
    made: str
    banner: str
    mark: str
    neatline: Neatline
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the words of a sheet depend on beside the map.

    Attributes:
        place: Name of the unit that is shown, or of the city.
        maker: Who asked for it.
        now: When.
    """

    request: MapSheetRequest
    city: City
    place: str
    maker: str
    now: datetime


def word_sheet(
    setting: Setting,
    frame: Frame,
    layers: Sequence[LayerToDraw],
    drawn: Sequence[DrawnLayer],
    labels: Sequence[Label],
) -> SheetContent:
    """Word a sheet.

    Args:
        setting: Language, title, city, maker, time.
        frame: Where the map lies.
        layers: From below upwards.
        drawn: What was drawn of each.
        labels: Names on the map.
    """
    request, city = setting.request, setting.city
    lang = request.lang
    sample = city.sample or any(layer.snapshot.manifest.sample for layer in layers)
    return SheetContent(
        lang=lang,
        title=request.title.strip() or _default_title(setting, layers),
        subtitle=request.subtitle.strip(),
        legend_title=text(lang, "map.legend"),
        legend=legend_of(drawn, lang),
        scale_text=word_scale(frame.scale),
        scale_bar=draw_scale_bar(frame.scale),
        north=text(lang, "sheet.north"),
        statements=_statements(setting, layers, drawn),
        use=_use(city, layers, lang),
        made=text(
            lang, "sheet.made", maker=setting.maker, time=setting.now.strftime("%Y-%m-%d %H:%M")
        ),
        banner=text(lang, "sample.banner") if sample else "",
        mark=text(lang, "sample.badge") if sample else "",
        neatline=draw_neatline(frame),
        labels=tuple(labels),
    )


def word_scale(scale: int) -> str:
    """Write a scale with its digits in threes.

    >>> word_scale(50000)
    '1:50 000'
    """
    return f"1:{scale:,}".replace(",", " ")


def _default_title(setting: Setting, layers: Sequence[LayerToDraw]) -> str:
    """Name the place and the layers that a sheet is about, which units are not."""
    lang = setting.request.lang
    themes = [layer.definition for layer in layers if layer.definition.group != "unit"]
    titles = [d.title[lang] for d in themes or [layer.definition for layer in layers]]
    names = text(lang, "sheet.and").join(titles[:_TITLE_LAYERS])
    key = "sheet.title" if len(titles) <= _TITLE_LAYERS else "sheet.title_more"
    return text(lang, key, place=setting.place, layers=names)


def legend_of(drawn: Sequence[DrawnLayer], lang: Lang) -> tuple[LegendEntry, ...]:
    """List the layers and classes that show, the topmost first."""
    entries: list[LegendEntry] = []
    for layer in reversed(drawn):  # what lies on top stands first
        definition = layer.definition
        if not layer.seen:
            continue
        if not is_by_class(definition):
            look = next(iter(layer.seen.values()))
            entries.append(LegendEntry(definition.title[lang], look))
            continue
        titles = definition.class_titles(definition.class_field)
        order = {code: place for place, code in enumerate(titles)}
        entries.append(LegendEntry(definition.title[lang], None))
        codes = sorted(layer.seen, key=lambda code: (order.get(code, len(order)), code))
        entries += [LegendEntry(_class_title(c, layer, lang), layer.seen[c]) for c in codes]
    return tuple(entries)


def _class_title(code: str, layer: DrawnLayer, lang: Lang) -> str:
    if not code:
        return text(lang, "table.no_class")
    title = layer.definition.class_titles(layer.definition.class_field).get(code)
    if title is None:
        return f"{code} {text(lang, 'table.unknown_class')}"
    return f"{code} {title[lang]}" if code.isascii() and code.isdigit() else title[lang]


def _statements(
    setting: Setting, layers: Sequence[LayerToDraw], drawn: Sequence[DrawnLayer]
) -> tuple[tuple[str, str], ...]:
    lang, city = setting.request.lang, setting.city
    between = text(lang, "sheet.between")
    shown = [layer for layer, made in zip(layers, drawn, strict=True) if made.present]
    absent = [layer for layer, made in zip(layers, drawn, strict=True) if not made.present]
    dates = [f"{each.definition.title[lang]} {each.snapshot.manifest.as_of}" for each in shown]
    sources = dict.fromkeys(each.definition.source[lang] for each in shown)
    lines = [
        (text(lang, "sheet.data_label"), between.join(dates) or "-"),
        (text(lang, "sheet.source_label"), between.join(sources) or "-"),
    ]
    if absent:
        names = between.join(each.definition.title[lang] for each in absent)
        lines.append((text(lang, "sheet.absent_label"), names))
    meridian = central_meridian(city.zone)
    system = text(lang, "sheet.crs", meridian=meridian, crs=city.crs)
    lines.append((text(lang, "sheet.crs_label"), system))
    return tuple(lines)


def _use(city: City, layers: Sequence[LayerToDraw], lang: Lang) -> tuple[str, ...]:
    # A sheet shows shapes as they are stored; only a fully public layer is public so.
    public = all(layer.definition.access.public == "full" for layer in layers)
    lines = [] if public else [text(lang, "sheet.internal")]
    if city.review_number:
        lines.append(text(lang, "sheet.review", number=city.review_number))
    return tuple(lines)
