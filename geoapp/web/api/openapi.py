"""The OpenAPI 3.0 document: which addresses there are and what may be asked of them."""

from importlib.metadata import version
from typing import Any

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.features.pages import DEFAULT_LIMIT, MOST_FEATURES
from geoapp.features.reference import offered_references
from geoapp.i18n import LANGS, text
from geoapp.overlay.result import LEVELS
from geoapp.web.api.answering import sample_mark
from geoapp.web.api.asked import FORMATS, Asked
from geoapp.web.api.cases import LIST_PARAMETERS, PROGRESS_PARAMETERS
from geoapp.web.api.items import FEATURE_PARAMETERS, PAGE_PARAMETERS
from geoapp.web.api.links import GEOJSON, HTML, JSON, QML, SCHEMA
from geoapp.web.api.statistics import STATS_PARAMETERS

Document = dict[str, Any]

_TYPES = {"text": "string", "integer": "integer", "number": "number", "date": "string"}


def describe_openapi(workspace: Workspace, asked: Asked) -> Document:
    """Give the document; it knows only the layers that one may read."""
    facts = {"city": workspace.city.name[asked.lang]}
    layers = [state.definition for state in workspace.feature_layers()]
    paths = _common_paths(asked)
    for definition in layers:
        paths |= _layer_paths(asked, definition)
    if decide(workspace.principal, "view_cases").allowed:
        paths |= _case_paths(asked)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": text(asked.lang, "api.title", **facts),
            "description": text(asked.lang, "api.description", **facts),
            "version": version("geoapp"),
        },
        "x-sample": sample_mark(workspace, asked),
        "servers": [{"url": asked.base}],
        "paths": paths,
        "components": {
            "parameters": _parameters(workspace, asked),
            "schemas": _schemas(),
        },
    }


def _common_paths(asked: Asked) -> Document:
    both, plain = ["f", "lang"], ["lang"]
    return {
        "/": _operation(asked, "landing", both, JSON, "landingPage"),
        "/conformance": _operation(asked, "conformance", both, JSON, "conformance"),
        "/collections": _operation(asked, "collections", both, JSON, "collections"),
        "/openapi.json": _operation(asked, "service_desc", both, JSON, "api"),
        "/layers": _operation(asked, "layers", plain, JSON, "layers"),
        "/stats": _operation(
            asked, "stats", [*(f"stats-{name}" for name in STATS_PARAMETERS), "lang"], JSON, "stats"
        ),
    }


def _case_paths(asked: Asked) -> Document:
    listed, summed = ([f"cases-{n}" for n in m] for m in (LIST_PARAMETERS, PROGRESS_PARAMETERS))
    one = _operation(asked, "case", ["lang"], JSON, "case")
    one["get"]["parameters"].insert(0, _named(asked, "case"))
    return {
        "/cases": _operation(asked, "cases", [*listed, "lang"], JSON, "cases"),
        "/cases/{case}": one,
        "/case-progress": _operation(asked, "case_progress", [*summed, "lang"], JSON, "progress"),
    }


def _layer_paths(asked: Asked, definition: LayerDefinition) -> Document:
    base, facts = f"/collections/{definition.id}", {"layer": definition.title[asked.lang]}
    name, both = definition.id, ["f", "lang"]
    page = _operation(asked, "items", [*PAGE_PARAMETERS, *both], GEOJSON, f"{name}.items", **facts)
    page["get"]["parameters"] += [_field(asked, rule) for rule in definition.fields]
    one = _operation(asked, "item", [*FEATURE_PARAMETERS, *both], GEOJSON, f"{name}.item", **facts)
    one["get"]["parameters"].insert(0, _named(asked, "feature", "featureId"))
    style = _operation(asked, "style", ["lang"], QML, f"{name}.style", **facts)
    return {
        base: _operation(asked, "collection", both, JSON, f"{name}.describe", **facts),
        f"{base}/items": page,
        f"{base}/items/{{featureId}}": one,
        f"{base}/schema": _operation(asked, "schema", ["lang"], SCHEMA, f"{name}.schema", **facts),
        f"{base}/styles/qgis.qml": style,
    }


def _operation(
    asked: Asked, key: str, names: list[str], media_type: str, operation: str, **facts: str
) -> Document:
    shape = "#/components/schemas/" + ("geojson" if media_type == GEOJSON else "document")
    content: Document = {media_type: {"schema": {"$ref": shape}}}
    if media_type == QML:
        content = {QML: {"schema": {"type": "string"}}}
    if "f" in names:
        content[HTML] = {"schema": {"type": "string"}}
    fault = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
    statuses = {"400": "bad_request", "403": "refused", "404": "not_found", "503": "busy"}
    return {
        "get": {
            "summary": text(asked.lang, f"api.{key}", **facts),
            "operationId": operation,
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
            "responses": {
                "200": {"description": text(asked.lang, f"api.{key}", **facts), "content": content},
                **{
                    status: {"description": text(asked.lang, f"api.{word}"), "content": fault}
                    for status, word in statuses.items()
                },
            },
        }
    }


def _parameters(workspace: Workspace, asked: Asked) -> Document:
    systems = [reference.uri for reference in offered_references(workspace.city)]
    system = {"type": "string", "format": "uri", "enum": systems, "default": systems[0]}
    number = {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "default": DEFAULT_LIMIT}
    sizes = [{"minItems": size, "maxItems": size} for size in (4, 6)]
    box = {"type": "array", "oneOf": sizes, "items": {"type": "number"}}
    plain = {"type": "string"}
    shapes: dict[str, Document] = {
        "limit": number,
        "offset": plain,
        "bbox": box,
        "bbox-crs": system,
        "crs": system,
        "datetime": plain,
        "f": {"type": "string", "enum": list(FORMATS)},
        "lang": {"type": "string", "enum": list(LANGS), "default": LANGS[0]},
    }
    levels = {"type": "string", "enum": list(LEVELS), "default": "district"}
    statistics = {name: levels if name == "by" else plain for name in STATS_PARAMETERS}
    cases = dict.fromkeys((*LIST_PARAMETERS, *PROGRESS_PARAMETERS), plain)
    shared = {name: _parameter(asked, name, name, shape) for name, shape in shapes.items()}
    if decide(workspace.principal, "view_cases").allowed:
        shared |= {
            f"cases-{name}": _parameter(asked, name, f"cases_{name}", shape)
            for name, shape in cases.items()
        }
    return shared | {
        f"stats-{name}": _parameter(asked, name, f"stats_{name}", shape, required=name == "layer")
        for name, shape in statistics.items()
    }


def _parameter(
    asked: Asked, name: str, key: str, shape: Document, *, required: bool = False
) -> Document:
    return {
        "name": name,
        "in": "query",
        "description": text(asked.lang, f"api.p_{key.replace('-', '_')}"),
        "required": required,
        "schema": shape,
        "style": "form",
        "explode": False,
    }


def _field(asked: Asked, rule: FieldRule) -> Document:
    """Describe a field as a parameter: features whose value equals the given one."""
    return {
        "name": rule.name,
        "in": "query",
        "description": rule.title[asked.lang],
        "required": False,
        "schema": {"type": _TYPES[rule.type]},
        "style": "form",
        "explode": False,
    }


def _named(asked: Asked, key: str, name: str = "") -> Document:
    """Describe a part of the path."""
    return {
        "name": name or key,
        "in": "path",
        "description": text(asked.lang, f"api.p_{key}"),
        "required": True,
        "schema": {"type": "string"},
    }


def _schemas() -> Document:
    texts = {name: {"type": "string"} for name in ("type", "title", "code", "detail")}
    return {
        "document": {"type": "object"},
        "geojson": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"type": "string"}},
        },
        "problem": {"type": "object", "properties": texts | {"status": {"type": "integer"}}},
    }
