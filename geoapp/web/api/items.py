"""Features as GeoJSON: pages of a layer, and one by its id."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from starlette.requests import Request

from geoapp.bootstrap import Workspace
from geoapp.errors import ChoiceError
from geoapp.features.asking import read_box, read_day, read_place
from geoapp.features.pages import DEFAULT_LIMIT, MOST_FEATURES, Feature, FeaturePage, PageRequest
from geoapp.features.reference import Reference, require_reference
from geoapp.web.api.answering import Reply, sample_mark
from geoapp.web.api.asked import Asked
from geoapp.web.api.describing import describe_snapshot, require_layer
from geoapp.web.api.links import GEOJSON, HTML, JSON, Link, make_link, self_links
from geoapp.web.api.views import view_feature, view_features

PAGE_PARAMETERS: Final = (
    "limit", "offset", "bbox", "bbox-crs", "crs", "datetime",
)  # fmt: skip
FEATURE_PARAMETERS: Final = ("crs", "datetime")
_SHOWN: Final = 40


def page_parameters(workspace: Workspace, request: Request) -> Collection[str]:
    """Name the parameters of a layer's pages: those of the standard, and its fields."""
    definition = require_layer(workspace, request.path_params["collection"])
    return [*PAGE_PARAMETERS, *(rule.name for rule in definition.fields)]


def answer_page(workspace: Workspace, asked: Asked) -> Reply:
    """Answer with a page of features."""
    request = _read_request(workspace, asked)
    snapshot = workspace.features_snapshot(request.layer, request)
    definition = workspace.library.require(request.layer)
    reference = request.reference or require_reference(workspace.city, "", "crs")
    return Reply(
        HTML if asked.format == "html" else GEOJSON,
        lambda: _write_page(workspace, asked, workspace.feature_page(request)),
        (snapshot.name, definition.model_dump_json()),
        _crs_header(reference),
    )


def answer_feature(workspace: Workspace, asked: Asked) -> Reply:
    """Answer with one feature."""
    layer, written = asked.names["collection"], asked.names["feature"]
    reference = require_reference(workspace.city, asked.values.get("crs", ""), "crs")
    day = read_day(asked.values.get("datetime", "..")) if "datetime" in asked.values else None
    page = workspace.feature(layer, written, reference=reference, day=day)
    return Reply(
        HTML if asked.format == "html" else GEOJSON,
        partial(_write_one, workspace, asked, page),
        (page.snapshot.name, page.definition.model_dump_json()),
        _crs_header(reference),
    )


def _read_request(workspace: Workspace, asked: Asked) -> PageRequest:
    city, values = workspace.city, asked.values
    box_reference = require_reference(city, values.get("bbox-crs", ""), "bbox-crs")
    return PageRequest(
        layer=asked.names["collection"],
        limit=_read_limit(values.get("limit", "")),
        box=read_box(values["bbox"], box_reference) if "bbox" in values else None,
        box_reference=box_reference,
        reference=require_reference(city, values.get("crs", ""), "crs"),
        day=read_day(values["datetime"]) if "datetime" in values else None,
        equal=tuple(sorted((k, v) for k, v in values.items() if k not in {*PAGE_PARAMETERS, "f"})),
        place=read_place(values["offset"]) if "offset" in values else None,
    )


def _read_limit(written: str) -> int:
    """Read how many features are wanted; more than there may be are cut, as the standard says."""
    if not written:
        return DEFAULT_LIMIT
    if not (written.isascii() and written.isdigit()) or int(written[:12]) < 1:
        raise ChoiceError("features-limit-wrong", value=written[:_SHOWN], most=MOST_FEATURES)
    return min(int(written[:12]), MOST_FEATURES)


def _crs_header(reference: Reference) -> dict[str, str]:
    return {"Content-Crs": f"<{reference.uri}>"}


def _page_links(asked: Asked, page: FeaturePage) -> list[Link]:
    title = page.definition.title[asked.lang]
    links = self_links(asked, GEOJSON)
    if page.next:
        form = GEOJSON if asked.format == "json" else HTML
        href = asked.other(f=asked.format, offset=str(page.next))
        links.append(make_link(asked, "next", form, href, "next"))
    above = asked.address(f"/collections/{page.definition.id}")
    return [*links, make_link(asked, "collection", JSON, above, "collection", layer=title)]


def _facts(workspace: Workspace, asked: Asked, page: FeaturePage) -> dict[str, Any]:
    described = describe_snapshot(asked, page.definition, page.snapshot)
    return sample_mark(workspace, asked) | described


def _write_page(workspace: Workspace, asked: Asked, page: FeaturePage) -> str:
    links = _page_links(asked, page)
    if asked.format == "html":
        return view_features(workspace, asked, page, links)
    head = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        **_facts(workspace, asked, page),
        "links": links,
    }
    features = ",\n".join(_write_feature(feature) for feature in page.features)
    return f'{_json(head)[:-1]}, "features": [\n{features}\n]}}'


def _write_one(workspace: Workspace, asked: Asked, page: FeaturePage) -> str:
    [feature] = page.features
    title = page.definition.title[asked.lang]
    above = asked.address(f"/collections/{page.definition.id}")
    links = [
        *self_links(asked, GEOJSON),
        make_link(asked, "collection", JSON, above, "collection", layer=title),
    ]
    if asked.format == "html":
        return view_feature(workspace, asked, page, links)
    return _write_feature(feature, _facts(workspace, asked, page) | {"links": links})


def _write_feature(feature: Feature, more: dict[str, Any] | None = None) -> str:
    """Write a feature; its geometry is text already."""
    head = _json({"type": "Feature", "id": feature.id} | (more or {}))
    geometry = feature.geometry or "null"
    return f'{head[:-1]}, "geometry": {geometry}, "properties": {_json(feature.properties)}}}'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
