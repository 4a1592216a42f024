"""The style of a layer as QGIS reads it, so that the desktop shows the same map.

The file speaks of stored fields only: it fits what ``/api`` gives and what is exported alike.
A class that is derived stands as the list of stored codes that it is derived from. Symbol
properties are written in the older of the two ways that QGIS reads, which every QGIS 3 does.

Source: ``QgsCategorizedSymbolRenderer``, ``QgsSymbolLayerUtils`` and ``QgsPalLayerSettings`` of
QGIS, which read this form.
"""

import math
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from geoapp.catalog.definition import LayerDefinition
from geoapp.i18n import Lang, text
from geoapp.overlay.kinds import derived_codes

_DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'qgis' 'SYSTEM'>\n"
_VERSION: Final = "3.22.0"
_PIXEL: Final = "Pixel"
_OPAQUE: Final = 255
_DOTS_PX: Final = 8  # pattern tiles of the map are 8 px wide
_HATCH_PX: Final = 8 / math.sqrt(2)
_INK: Final = 1.5  # by how much patterns are stronger than what they lie on
_POINT_PX: Final = 10
_KINDS: Final = {"polygon": "fill", "line": "line", "point": "marker"}
_UNIT_LABELS: Final = {"district": 13, "township": 10, "village": 8}  # points
_LABELS_FROM: Final = {"township": 400_000, "village": 60_000}  # denominators of scale


@dataclass(frozen=True, slots=True)
class _Category:
    """One colour of a layer: the stored codes that have it; none: all the others."""

    codes: tuple[str, ...]
    label: str
    fill: str


def make_qgis_style(definition: LayerDefinition, lang: Lang) -> str:
    """Write the style of a layer as a QML file: colours by class, outline, pattern, labels."""
    labelled = definition.group == "unit"
    root = Element(
        "qgis",
        version=_VERSION,
        styleCategories="Symbology|Labeling|Rendering",
        labelsEnabled="1" if labelled else "0",
        simplifyDrawingHints="1",
        simplifyDrawingTol="1",
        hasScaleBasedVisibilityFlag="0",
    )
    root.append(_renderer(definition, lang))
    if labelled:
        root.append(_labels(definition, lang))
    SubElement(root, "blendMode").text = "0"
    SubElement(root, "layerOpacity").text = "1"  # it stands in the fills: borders stay clear
    SubElement(root, "layerGeometryType").text = str(
        ["point", "line", "polygon"].index(definition.geometry)
    )
    indent(root, " ")
    return _DOCTYPE + tostring(root, encoding="unicode") + "\n"


def _renderer(definition: LayerDefinition, lang: Lang) -> Element:
    common = {"forceraster": "0", "symbollevels": "0", "enableorderby": "0"}
    symbols = Element("symbols")
    rule = definition.find_field(definition.class_field)
    if not definition.style.by_class or rule is None:
        renderer = Element("renderer-v2", {"type": "singleSymbol"} | common)
        _add_symbol(symbols, definition, 0, definition.style.fill)
        renderer.append(symbols)
        return renderer
    attribute = rule.derive_from or rule.name
    kind = {"type": "categorizedSymbol", "attr": attribute}
    renderer = Element("renderer-v2", kind | common)
    categories = SubElement(renderer, "categories")
    for number, category in enumerate(_list_categories(definition, lang)):
        facts = {"render": "true", "symbol": str(number), "label": category.label}
        if len(category.codes) > 1:
            entry = _add(categories, "category", {"type": "List"} | facts)
            for code in category.codes:
                SubElement(entry, "val", type="QString", value=code)
        else:
            only = {"type": "string", "value": "".join(category.codes)}
            _add(categories, "category", only | facts)
        _add_symbol(symbols, definition, number, category.fill)
    renderer.append(symbols)
    return renderer


def _list_categories(definition: LayerDefinition, lang: Lang) -> list[_Category]:
    """List the classes of the class field, and last whatever has none of them."""
    rule = definition.find_field(definition.class_field)
    if rule is None:
        return []
    derived = derived_codes(definition, rule)
    listed = []
    for value in definition.classes[rule.classes]:
        codes = tuple(code for code, found in derived.items() if found == value.code)
        title = value.title[lang]
        label = f"{value.code} {title}" if value.code[:1].isdigit() else title
        if codes or not rule.derive_from:
            listed.append(_Category(codes or (value.code,), label, value.fill))
    return [*listed, _Category((), text(lang, "style.rest"), definition.style.fill)]


def _add_symbol(symbols: Element, definition: LayerDefinition, number: int, fill: str) -> None:
    symbol = SubElement(
        symbols,
        "symbol",
        type=_KINDS[definition.geometry],
        name=str(number),
        alpha="1",
        clip_to_extent="1",
        force_rhr="0",
    )
    if definition.geometry == "line":
        _add_line(symbol, definition, fill)
    elif definition.geometry == "point":
        _add_marker(symbol, definition, fill)
    else:
        _add_area(symbol, definition, fill)


def _add_area(symbol: Element, definition: LayerDefinition, fill: str) -> None:
    style = definition.style
    _add_layer(
        symbol,
        "SimpleFill",
        color=_colour(fill, style.opacity),
        style="no" if style.draw == "outline" else "solid",
        outline_style="no",
    )
    if style.draw != "outline" and style.pattern:
        _add_pattern(symbol, definition)
    _add_line(symbol, definition, style.stroke)


def _add_pattern(symbol: Element, definition: LayerDefinition) -> None:
    """Add what tells an area from others without its colour: hatching or dots, as on the map."""
    style, number = definition.style, symbol.get("name")
    ink = _colour(style.stroke, min(1.0, style.opacity * _INK))
    common = {"name": f"@{number}@1", "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    if style.pattern == "hatch":
        pattern = _add_layer(
            symbol, "LinePatternFill", angle="45", distance=f"{_HATCH_PX:.2f}", distance_unit=_PIXEL
        )
        inner = _add(pattern, "symbol", {"type": "line"} | common)
        _add_layer(
            inner,
            "SimpleLine",
            line_color=ink,
            line_style="solid",
            line_width="1.3",
            line_width_unit=_PIXEL,
        )
        return
    pattern = _add_layer(
        symbol,
        "PointPatternFill",
        distance_x=str(_DOTS_PX),
        distance_x_unit=_PIXEL,
        distance_y=str(_DOTS_PX // 2),
        distance_y_unit=_PIXEL,
        displacement_x=str(_DOTS_PX // 2),
        displacement_x_unit=_PIXEL,
    )
    inner = _add(pattern, "symbol", {"type": "marker"} | common)
    _add_layer(
        inner,
        "SimpleMarker",
        name="circle",
        color=ink,
        outline_style="no",
        size="2.2",
        size_unit=_PIXEL,
    )


def _add_line(symbol: Element, definition: LayerDefinition, colour: str) -> None:
    style = definition.style
    opacity = style.opacity if definition.geometry == "line" else 1.0
    _add_layer(
        symbol,
        "SimpleLine",
        line_color=_colour(colour, opacity),
        line_style="solid",
        line_width=f"{style.weight:g}",
        line_width_unit=_PIXEL,
        capstyle="flat" if style.dash else "round",
        joinstyle="round",
        use_custom_dash="1" if style.dash else "0",
        customdash=style.dash.replace(" ", ";") or "5;2",
        customdash_unit=_PIXEL,
    )


def _add_marker(symbol: Element, definition: LayerDefinition, fill: str) -> None:
    style = definition.style
    _add_layer(
        symbol,
        "SimpleMarker",
        name="circle",
        color=_colour(fill, style.opacity),
        outline_color=_colour(style.stroke, 1.0),
        outline_style="solid",
        outline_width=f"{style.weight:g}",
        outline_width_unit=_PIXEL,
        size=str(_POINT_PX),
        size_unit=_PIXEL,
    )


def _add_layer(symbol: Element, kind: str, **properties: str) -> Element:
    attributes = {"class": kind, "enabled": "1", "locked": "0", "pass": "0"}
    layer = SubElement(symbol, "layer", attributes)
    for name, value in properties.items():
        SubElement(layer, "prop", k=name, v=value)
    return layer


def _add(above: Element, tag: str, attributes: dict[str, str]) -> Element:
    return SubElement(above, tag, attributes)


def _colour(fill: str, opacity: float) -> str:
    parts = [int(fill[k : k + 2], 16) for k in (1, 3, 5)]
    return ",".join(map(str, [*parts, round(opacity * _OPAQUE)]))


def _labels(definition: LayerDefinition, lang: Lang) -> Element:
    """Label units with their names; in English with the English ones where there are any."""
    english = f"{definition.name_field}_en"
    name = f'"{definition.name_field}"'
    if lang == "en" and definition.find_field(english):
        name = f"coalesce(nullif(\"{english}\", ''), {name})"
    labeling = Element("labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    style = SubElement(
        settings,
        "text-style",
        fieldName=name,
        isExpression="1",
        fontFamily="Noto Sans CJK SC",
        fontSize=str(_UNIT_LABELS.get(definition.id, 9)),
        fontSizeUnit="Point",
        textColor=_colour(definition.style.stroke, 1.0),
        textOpacity="1",
        namedStyle="Regular",
    )
    SubElement(style, "text-buffer", bufferDraw="1", bufferSize="1", bufferSizeUnits="MM",
               bufferColor="255,255,255,220", bufferOpacity="1")  # fmt: skip
    SubElement(settings, "placement", placement="1", centroidInside="1", centroidWhole="1")
    from_scale = _LABELS_FROM.get(definition.id, 0)
    SubElement(settings, "rendering", drawLabels="1", obstacle="1", displayAll="0",
               scaleVisibility="1" if from_scale else "0", scaleMin=str(from_scale),
               scaleMax="0")  # fmt: skip
    return labeling
