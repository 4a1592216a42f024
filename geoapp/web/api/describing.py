"""The documents that tell what there is: landing page, conformance, collections, schemas."""

from datetime import date, datetime, time
from typing import Any
from urllib.parse import quote

from geoapp.bootstrap import LayerState, Workspace
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import NotFoundError
from geoapp.features.asking import CHINA
from geoapp.features.properties import AREA, LENGTH, describe_properties
from geoapp.features.reference import offered_references, ogc_names, stored_reference
from geoapp.i18n import text
from geoapp.web.api.answering import sample_mark
from geoapp.web.api.asked import Asked
from geoapp.web.api.links import (
    GEOJSON,
    HTML,
    JSON,
    OPENAPI,
    QML,
    SCHEMA,
    Link,
    make_link,
    self_links,
)  # fmt: skip

Document = dict[str, Any]


def describe_landing(workspace: Workspace, asked: Asked) -> Document:
    """Describe the whole: where everything else is found."""
    facts = {"city": workspace.city.name[asked.lang]}
    return {
        "title": text(asked.lang, "api.title", **facts),
        "description": text(asked.lang, "api.description", **facts),
        **sample_mark(workspace, asked),
        "links": [
            *self_links(asked, JSON),
            make_link(asked, "service-desc", OPENAPI, asked.address("/openapi.json", {"f": "json"}),
                      "service_desc"),
            make_link(asked, "service-doc", HTML, asked.address("/openapi.json", {"f": "html"}),
                      "service_doc"),
            make_link(asked, "conformance", JSON, asked.address("/conformance"), "conformance"),
            make_link(asked, "data", JSON, asked.address("/collections"), "collections"),
            make_link(asked, "related", JSON, asked.address("/layers"), "layers"),
            make_link(asked, "related", JSON, asked.address("/stats", {"layer": "landuse"}),
                      "stats"),
        ],
    }  # fmt: skip


def describe_conformance(workspace: Workspace, asked: Asked) -> Document:
    """List the parts of the standard that are kept."""
    return {
        "conformsTo": list(ogc_names()["conformance"]),
        "title": text(asked.lang, "api.conformance"),
        **sample_mark(workspace, asked),
        "links": self_links(asked, JSON),
    }


def describe_collections(workspace: Workspace, asked: Asked) -> Document:
    """Describe every layer that has features which one may read."""
    collections = [
        _describe(workspace, asked, state, state.snapshot)
        for state in workspace.feature_layers()
        if state.snapshot
    ]
    return {
        "title": text(asked.lang, "api.collections"),
        **sample_mark(workspace, asked),
        "crs": [reference.uri for reference in offered_references(workspace.city)],
        "links": self_links(asked, JSON),
        "collections": collections,
    }


def describe_collection(workspace: Workspace, asked: Asked) -> Document:
    """Describe one layer.

    Raises:
        NotFoundError: There is no such layer, or no data for it.
        AccessError: The principal may not read its features.
    """
    name = asked.names["collection"]
    snapshot = workspace.features_snapshot(name)
    definition = workspace.library.require(name)
    state = LayerState(definition, snapshot, workspace.coverage(name))
    described = _describe(workspace, asked, state, snapshot)
    return described | {"links": [*self_links(asked, JSON), *described["links"][1:]]}


def describe_schema(workspace: Workspace, asked: Asked) -> Document:
    """Describe the properties of a layer's features as a JSON Schema."""
    definition = workspace.library.require(asked.names["collection"])
    titles = {rule.name: rule.title[asked.lang] for rule in definition.fields}
    titles |= {name: text(asked.lang, f"features.{name}") for name in (AREA, LENGTH)}
    kind = definition.geometry.capitalize().replace("Line", "LineString")
    shape = {"x-ogc-role": "primary-geometry", "format": f"geometry-{kind.lower()}"}
    return {
        "$schema": ogc_names()["json_schema"],
        "$id": asked.address(asked.path),
        "type": "object",
        "title": definition.title[asked.lang],
        **sample_mark(workspace, asked),
        "properties": {"geometry": shape}
        | {
            name: {"title": titles[name], **described}
            for name, described in describe_properties(definition)
        },
    }


def require_layer(workspace: Workspace, name: str) -> LayerDefinition:
    """Give a layer that is there to be read.

    Raises:
        NotFoundError: There is no such layer, or no data for it.
        AccessError: The principal may not read its features.
    """
    workspace.features_snapshot(name)
    return workspace.library.require(name)


def describe_snapshot(asked: Asked, definition: LayerDefinition, snapshot: Snapshot) -> Document:
    """Say of which data a document is made."""
    manifest = snapshot.manifest
    note = manifest.source.note
    return {
        "snapshot": snapshot.name,
        "as_of": manifest.as_of.isoformat(),
        "attribution": text(asked.lang, note) if note else definition.source[asked.lang],
        "coverage": dict(manifest.coverage),
    }


def _describe(
    workspace: Workspace, asked: Asked, state: LayerState, snapshot: Snapshot
) -> Document:
    definition, manifest = state.definition, snapshot.manifest
    references = offered_references(workspace.city)
    days = [name[:10] for name in workspace.store.names(definition.id)]
    first = min([*days, manifest.as_of.isoformat()])
    extent: Document = {
        "temporal": {"interval": [[_begin(first), None]], "trs": ogc_names()["gregorian"]}
    }
    if manifest.bounds:
        extent["spatial"] = {"bbox": [list(manifest.bounds)], "crs": references[0].uri}
    return {
        "id": definition.id,
        "title": definition.title[asked.lang],
        "description": _say(workspace, asked, definition, snapshot),
        **sample_mark(workspace, asked),
        **describe_snapshot(asked, definition, snapshot),
        "coverage": dict(state.coverage),
        "count": manifest.feature_count,
        "itemType": "feature",
        "crs": [reference.uri for reference in references],
        "storageCrs": stored_reference(workspace.city).uri,
        "extent": extent,
        "links": _collection_links(asked, definition),
    }


def _say(
    workspace: Workspace, asked: Asked, definition: LayerDefinition, snapshot: Snapshot
) -> str:
    parts = [
        text(asked.lang, "sample.banner") if workspace.city.sample else "",
        text(asked.lang, "api.of_layer", day=snapshot.manifest.as_of, snapshot=snapshot.name),
        definition.source[asked.lang],
        text(asked.lang, "api.degrees"),
    ]
    return text(asked.lang, "api.between_sentences").join(filter(None, parts))


def _collection_links(asked: Asked, definition: LayerDefinition) -> list[Link]:
    base = f"/collections/{definition.id}"
    title = definition.title[asked.lang]
    return [
        make_link(asked, "self", JSON, asked.address(base), "collection", layer=title),
        make_link(asked, "items", GEOJSON, asked.address(f"{base}/items", {"f": "json"}),
                  "items_json", layer=title),
        make_link(asked, "items", HTML, asked.address(f"{base}/items", {"f": "html"}),
                  "items_html", layer=title),
        make_link(asked, "describedby", SCHEMA, asked.address(f"{base}/schema"), "schema",
                  layer=title),
        make_link(asked, "stylesheet", QML, asked.address(f"{base}/styles/qgis.qml"), "style",
                  layer=title),
    ]  # fmt: skip


def _begin(day: str) -> str:
    """Say when a day begins."""
    try:
        return datetime.combine(date.fromisoformat(day), time(), CHINA).isoformat()
    except ValueError as error:
        raise NotFoundError("snapshot-damaged", file=day) from error


def item_path(definition: LayerDefinition, written: str) -> str:
    """Give the path of a feature."""
    return f"/collections/{definition.id}/items/{quote(written, safe='@')}"
