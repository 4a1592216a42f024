"""The routes below ``/api``."""

import json
from collections.abc import Callable
from typing import Any, Final

from starlette.routing import BaseRoute, Mount

from geoapp.bootstrap import Workspace
from geoapp.web.api.answering import Reply, resource
from geoapp.web.api.asked import ROOT, Asked, Format
from geoapp.web.api.cases import (
    LIST_PARAMETERS,
    PROGRESS_PARAMETERS,
    answer_case,
    answer_cases,
    answer_progress,
)
from geoapp.web.api.describing import (
    describe_collection,
    describe_collections,
    describe_conformance,
    describe_landing,
    describe_schema,
    require_layer,
)  # fmt: skip
from geoapp.web.api.items import FEATURE_PARAMETERS, answer_feature, answer_page, page_parameters
from geoapp.web.api.links import HTML, JSON, OPENAPI, QML, SCHEMA
from geoapp.web.api.openapi import describe_openapi
from geoapp.web.api.statistics import STATS_PARAMETERS, answer_layers, answer_stats
from geoapp.web.api.views import (
    view_collection,
    view_collections,
    view_conformance,
    view_landing,
    view_openapi,
)  # fmt: skip

_JSON_ONLY: Final[tuple[Format, ...]] = ("json",)

Describe = Callable[[Workspace, Asked], dict[str, Any]]
View = Callable[[Workspace, Asked, dict[str, Any]], str]


def build_api_routes(fallback: BaseRoute) -> list[BaseRoute]:
    """Give the routes.

    Args:
        fallback: Answers for a path below the root that does not exist.
    """
    landing = _document(describe_landing, view_landing)
    layer: Final = "/collections/{collection}"
    return [
        resource(ROOT, landing),
        Mount(
            ROOT,
            routes=[
                resource("/", landing),
                resource("/conformance", _document(describe_conformance, view_conformance)),
                resource("/openapi.json", _document(describe_openapi, view_openapi, OPENAPI)),
                resource("/collections", _document(describe_collections, view_collections)),
                resource(layer, _document(describe_collection, view_collection)),
                resource(f"{layer}/schema", _schema, formats=_JSON_ONLY),
                resource(f"{layer}/styles/qgis.qml", _style, formats=_JSON_ONLY),
                resource(f"{layer}/items", answer_page, parameters=page_parameters),
                resource(
                    f"{layer}/items/{{feature:path}}",
                    answer_feature,
                    parameters=FEATURE_PARAMETERS,
                ),
                resource("/stats", answer_stats, parameters=STATS_PARAMETERS, formats=_JSON_ONLY),
                resource("/layers", answer_layers, formats=_JSON_ONLY),
                resource("/cases", answer_cases, parameters=LIST_PARAMETERS, formats=_JSON_ONLY),
                resource("/cases/{case}", answer_case, formats=_JSON_ONLY),
                resource(
                    "/case-progress",
                    answer_progress,
                    parameters=PROGRESS_PARAMETERS,
                    formats=_JSON_ONLY,
                ),
                fallback,
            ],
        ),
    ]


def _document(
    describe: Describe, view: View, media_type: str = JSON
) -> Callable[[Workspace, Asked], Reply]:
    """Answer with a document, or a page that shows it."""

    def answer(workspace: Workspace, asked: Asked) -> Reply:
        document = describe(workspace, asked)
        if asked.format == "html":
            return Reply(HTML, lambda: view(workspace, asked, document))
        return Reply(media_type, lambda: _write(document))

    return answer


def _schema(workspace: Workspace, asked: Asked) -> Reply:
    require_layer(workspace, asked.names["collection"])
    document = describe_schema(workspace, asked)
    return Reply(SCHEMA, lambda: _write(document))


def _style(workspace: Workspace, asked: Asked) -> Reply:
    """Answer with the style file of a layer for QGIS."""
    name = asked.names["collection"]
    content = workspace.qgis_style(name, asked.lang)
    headers = {"Content-Disposition": f'attachment; filename="{name}.qml"'}
    return Reply(QML, lambda: content, (content,), headers)


def _write(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False)
