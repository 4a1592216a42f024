"""From layer definitions and snapshots to what the map draws."""

from functools import lru_cache

from geoapp.bootstrap import LayerState, Workspace
from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.i18n import Lang, text
from geoapp.overlay.kinds import read_kinds
from geoapp.ui.map import Basemap, MapClass, MapLayer, TooltipField

_LABELLED = ("district", "township", "village")


def map_layers(states: list[LayerState], lang: Lang) -> tuple[MapLayer, ...]:
    """Give the layers that have data, bottom first."""
    return tuple(
        _map_layer(state.definition, state.snapshot, lang) for state in states if state.snapshot
    )


def features_url(snapshot: Snapshot, within: str = "") -> str:
    """Give the address of a layer's features; it changes when the data changes."""
    part = f"&within={within}" if within else ""
    return f"/map/features/{snapshot.layer}.geojson?v={snapshot.name}{part}"


@lru_cache(maxsize=64)
def label_field(snapshot: Snapshot, lang: Lang) -> str:
    """Name the field that labels units: English names only where every unit has one."""
    names = snapshot.read_attributes(["name_en"])["name_en"] if lang == "en" else None
    return "name_en" if names is not None and names.fillna("").ne("").all() else "name"


def find_basemap(workspace: Workspace, chosen: str, lang: Lang) -> Basemap | None:
    """Find a configured basemap that can be drawn."""
    for base in workspace.basemaps.catalogue().offered:
        if base.config.id == chosen:
            config = base.config
            return Basemap(config.title[lang], base.url, config.attribution, base.zooms[1])
    return None


def basemap_offered(workspace: Workspace, name: str) -> bool:
    """Tell whether a basemap can be used: it is readable, unshifted, and its key is set."""
    return any(base.config.id == name for base in workspace.basemaps.catalogue().offered)


def _map_layer(definition: LayerDefinition, snapshot: Snapshot, lang: Lang) -> MapLayer:
    style = definition.style
    picture = style.draw == "picture"
    return MapLayer(
        id=definition.id,
        title=definition.title[lang],
        group=text(lang, f"group.{definition.group}"),
        kind=style.draw,
        url=(
            f"/map/picture/{definition.id}.png?v={snapshot.name}"
            if picture
            else features_url(snapshot)
        ),
        visible=style.visible,
        fill=style.fill,
        stroke=style.stroke,
        weight=style.weight,
        opacity=style.opacity,
        dash=style.dash,
        pattern=style.pattern,
        class_field=definition.class_field if style.by_class else "",
        classes=_classes(definition, snapshot, lang) if style.by_class else (),
        tooltip=tuple(_tooltip(definition, rule, lang) for rule in definition.stored_fields),
        bounds=snapshot.manifest.bounds if picture else None,
        label_field=label_field(snapshot, lang) if definition.id in _LABELLED else "",
    )


def _classes(definition: LayerDefinition, snapshot: Snapshot, lang: Lang) -> tuple[MapClass, ...]:
    """Give the classes that occur: a legend of all that the standard knows hides the map."""
    rule = definition.find_field(definition.class_field)
    values = definition.classes.get(rule.classes, ()) if rule else ()
    present = _present_codes(definition, snapshot)
    return tuple(
        MapClass(value.code, value.title[lang], value.fill)
        for value in values
        if value.code in present
    )


_present: dict[Snapshot, frozenset[str]] = {}  # not lru_cache: a definition has no hash


def _present_codes(definition: LayerDefinition, snapshot: Snapshot) -> frozenset[str]:
    if snapshot not in _present:
        kinds = read_kinds(definition, snapshot, definition.class_field)
        _present[snapshot] = frozenset(kinds.names) if kinds else frozenset()
    return _present[snapshot]


def _tooltip(definition: LayerDefinition, rule: FieldRule, lang: Lang) -> TooltipField:
    titles = definition.class_titles(rule.name)
    return TooltipField(
        field=rule.name,
        label=rule.title[lang],
        codes={code: title[lang] for code, title in titles.items()},
        unit=text(lang, f"unit.{rule.unit}") if rule.unit == "m2" else "",
        decimals=2 if rule.type == "number" else None,
    )
