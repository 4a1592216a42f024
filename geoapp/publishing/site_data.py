"""What the public site knows of each layer: its legend, and where its shapes lie."""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.i18n import Lang, text
from geoapp.overlay.kinds import read_kinds
from geoapp.publishing.archive import write_archive
from geoapp.tiles.features import overview_features
from geoapp.tiles.service import open_layer

MOST_FEATURES: Final = 500  # more come as tiles
DATA: Final = "data"


@dataclass(frozen=True, slots=True)
class SiteLayer:
    """A public layer with its public form."""

    definition: LayerDefinition
    form: Snapshot

    @property
    def tiled(self) -> bool:
        """Whether it comes as tiles."""
        return self.form.manifest.feature_count > MOST_FEATURES

    @property
    def file(self) -> str:
        """Where its shapes lie in the site."""
        return f"{DATA}/{self.definition.id}.{'pmtiles' if self.tiled else 'geojson'}"


def write_shapes(layer: SiteLayer, folder: Path, gauss: str) -> None:
    """Write the shapes of a layer: features, or tiles where there are many."""
    path = folder / layer.file
    if layer.tiled:
        write_archive(open_layer(layer.form, layer.definition), path)
    else:
        content = overview_features(layer.form, layer.definition, gauss)
        path.write_bytes(gzip.decompress(content))


def describe_layer(layer: SiteLayer, lang: Lang) -> dict[str, Any]:
    """Give the layer as the map's script takes it; see ``MapLayer`` of the app."""
    definition, style = layer.definition, layer.definition.style
    names = set(definition.access.fields)
    rule = definition.find_field(definition.class_field) if style.by_class else None
    rule = rule if rule and rule.name in names else None
    unit = definition.group == "unit"
    english = lang == "en" and "name_en" in names
    return {
        "id": definition.id,
        "title": definition.title[lang],
        "group": text(lang, f"group.{definition.group}"),
        "kind": style.draw,
        "url": "" if layer.tiled else layer.file,
        "archive": layer.file if layer.tiled else "",
        "visible": style.visible and not layer.tiled,
        "fill": style.fill,
        "stroke": style.stroke,
        "weight": style.weight,
        "opacity": style.opacity,
        "dash": style.dash,
        "pattern": style.pattern,
        "class_source": rule.name if rule else "",
        "class_of": [],
        "classes": _classes(layer, rule.name, lang) if rule else [],
        "tooltip": [
            {
                "field": field.name,
                "label": field.title[lang],
                "codes": {c: t[lang] for c, t in definition.class_titles(field.name).items()},
                "unit": "",
                "decimals": None,
            }
            for field in definition.stored_fields
            if field.name in names and field.name not in {"zldwdm", "parent"}
        ],
        "label_field": ("name_en" if english else "name") if unit else "",
        "tiled": layer.tiled,
        "snapshots": [],
    }


def _classes(layer: SiteLayer, field: str, lang: Lang) -> list[dict[str, str]]:
    definition = layer.definition
    kinds = read_kinds(definition, layer.form, field)
    present = set(kinds.names) if kinds else set()
    rule = definition.find_field(field)
    return [
        {"code": value.code, "title": value.title[lang], "fill": value.fill}
        for value in definition.classes.get(rule.classes if rule else "", ())
        if value.code in present
    ]
