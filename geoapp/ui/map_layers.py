"""From layer definitions and snapshots to what the map draws."""

from functools import lru_cache
from typing import Final

from geoapp.bootstrap import LayerState, Workspace
from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.i18n import Lang, text
from geoapp.overlay.kinds import derived_codes, read_kinds
from geoapp.ui.map import Basemap, MapClass, MapLayer, MapSnapshot, TooltipField

_LABELLED: Final = ("district", "township", "village")
_DATE_LENGTH: Final = len("2023-12-31")
_MOST_STRANGE: Final = 20
MOST_FEATURES: Final = 3000  # a browser keeps so many on one canvas smooth


def map_layers(workspace: Workspace, states: list[LayerState], lang: Lang) -> tuple[MapLayer, ...]:
    """Give the layers that have data, bottom first."""
    return tuple(
        _map_layer(state.definition, state.snapshot, lang, _dates(workspace, state.definition.id))
        for state in states
        if state.snapshot
    )


def by_tiles_only(definition: LayerDefinition, snapshot: Snapshot) -> bool:
    """Tell whether a layer is never sent as features.

    The others come as generalised features while zoomed out, which carry names and answer the
    pointer, and as tiles too where a generalised border would lie beside the true one.
    """
    return definition.style.draw == "picture" or snapshot.manifest.feature_count > MOST_FEATURES


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


def _dates(workspace: Workspace, layer: str) -> tuple[MapSnapshot, ...]:
    """Give the dates of a layer, newest first; a snapshot's name begins with its day."""
    names = workspace.store.names(layer)
    return tuple(MapSnapshot(name, name[:_DATE_LENGTH]) for name in names)


def _map_layer(
    definition: LayerDefinition, snapshot: Snapshot, lang: Lang, dates: tuple[MapSnapshot, ...]
) -> MapLayer:
    style = definition.style
    classed = style.by_class
    rule = definition.find_field(definition.class_field) if classed else None
    return MapLayer(
        id=definition.id,
        title=definition.title[lang],
        group=text(lang, f"group.{definition.group}"),
        kind=style.draw,
        url="" if by_tiles_only(definition, snapshot) else features_url(snapshot),
        visible=style.visible,
        fill=style.fill,
        stroke=style.stroke,
        weight=style.weight,
        opacity=style.opacity,
        dash=style.dash,
        pattern=style.pattern,
        class_source=(rule.derive_from or rule.name) if rule else "",
        class_of=tuple(derived_codes(definition, rule).items()) if rule else (),
        classes=_classes(definition, snapshot, lang) if classed else (),
        tooltip=tuple(_tooltip(definition, rule, lang) for rule in definition.stored_fields),
        label_field=label_field(snapshot, lang) if definition.id in _LABELLED else "",
        tiled=definition.geometry != "line",
        snapshots=dates,
    )


def _classes(definition: LayerDefinition, snapshot: Snapshot, lang: Lang) -> tuple[MapClass, ...]:
    """Give the classes that occur: a legend of all that the standard knows hides the map.

    Codes that the class table does not know are listed as they are, in the layer's colour.
    """
    rule = definition.find_field(definition.class_field)
    values = definition.classes.get(rule.classes, ()) if rule else ()
    present = _present_codes(definition, snapshot)
    known = tuple(
        MapClass(value.code, value.title[lang], value.fill)
        for value in values
        if value.code in present
    )
    strange = sorted(present - {value.code for value in values})
    without = text(lang, "map.no_class")
    return known + tuple(
        MapClass(code, code or without, definition.style.fill) for code in strange[:_MOST_STRANGE]
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
