"""The list of a city's layers as a document."""

from typing import Any

from geoapp.bootstrap.core import Core, LayerState
from geoapp.i18n import Lang


def list_layers(workspace: Core, lang: Lang) -> dict[str, Any]:
    """Give the document of schema ``geoapp.layers/1``."""
    return {
        "schema": "geoapp.layers/1",
        "city": workspace.city.code,
        "sample": workspace.city.sample,
        "layers": [_describe(state, lang) for state in workspace.layers()],
    }


def _describe(state: LayerState, lang: Lang) -> dict[str, Any]:
    definition = state.definition
    manifest = state.snapshot.manifest if state.snapshot else None
    described = {
        "id": definition.id,
        "title": definition.title[lang],
        "geometry": definition.geometry,
        "class_fields": [rule.name for rule in definition.class_fields],
        "snapshot": state.snapshot.name if state.snapshot else None,
        "as_of": manifest.as_of.isoformat() if manifest else None,
        "feature_count": manifest.feature_count if manifest else 0,
        "area_m2": manifest.area_m2 if manifest else None,
        "coverage": state.coverage,
    }
    if manifest and definition.geometry == "line":
        described["length_m"] = manifest.length_m
    return described
