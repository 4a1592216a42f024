"""Checks over HTTP: ``POST /api/check`` for software, ``/verify/{serial}`` for the square code."""

import json
import tempfile
from collections.abc import Sequence
from datetime import date
from functools import partial
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import anyio
import shapely
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from geoapp.bootstrap import Workspace
from geoapp.compliance.request import BUILDING, Parcel
from geoapp.compliance.result import CheckResult
from geoapp.compliance.stored import Verification
from geoapp.errors import AccessError, ChoiceError, GeoAppError, GeometryError
from geoapp.i18n import Lang, text, word_error
from geoapp.reports.check_document import word_time
from geoapp.web.guard.caller import caller_of, workspace_of
from geoapp.web.problems import answer_error, lang_of, problem, status_of

MOST_BYTES: Final = 8_000_000
MOST_POINTS: Final = 200_000
_AT_ONCE: Final = 2
_LONGEST_SERIAL: Final = 60
_AREAL: Final = ("Polygon", "MultiPolygon")
_TEXTS: Final = ("text/plain", "application/octet-stream")
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_PAGE_HEADERS: Final = {
    **_HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}
_PAGE: Final = Path(__file__).with_name("verify.html")
_COLOURS: Final = {
    "same": "#1c5f63",
    "different": "#9a5200",
    "tampered": "#b3261e",
    "not_reproducible": "#4f4380",
}
_limiters: dict[str, CapacityLimiter] = {}


def check_routes() -> list[BaseRoute]:
    """Give the routes; they stand before those of pages."""
    return [
        Route("/api/check", check, methods=["POST"]),
        Route("/verify/{serial:path}", verify, methods=["GET"]),
    ]


async def check(request: Request) -> Response:
    """Check the parcels of the body: GeoJSON in degrees, or a boundary-point TXT.

    ``purpose``, ``date``, ``store=1`` and ``lang`` stand in the query; answers with
    ``geoapp.check/1``.
    """
    lang = lang_of(request)
    try:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _TEXTS and not kind.endswith("json"):
            status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
            return problem(status, "unsupported-media-type", text(lang, "error.check-body-wrong"))
        body = await _body(request)
        query = dict(request.query_params)
        limiter = _limiters.setdefault("check", CapacityLimiter(_AT_ONCE))
        geojson = kind.endswith("json")
        work = partial(_check, request, body, query, geojson=geojson)
        result = await anyio.to_thread.run_sync(work, limiter=limiter)
    except Exception as error:  # noqa: BLE001  the edge: nothing but problem documents may leave
        return await answer_error(request, error)
    return JSONResponse(result.to_json(lang), headers=_HEADERS)


async def verify(request: Request) -> Response:
    """Answer with a small page that says whether a sheet still is what it was."""
    lang, serial = lang_of(request), request.path_params["serial"][:_LONGEST_SERIAL]
    try:
        limiter = _limiters.setdefault("verify", CapacityLimiter(_AT_ONCE))
        found = await anyio.to_thread.run_sync(partial(_verify, request, serial), limiter=limiter)
    except GeoAppError as error:
        status = status_of(error)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return await answer_error(request, error)
        page = _page(lang, word_error(error, lang), "#b3261e", (), sample=False)
        return HTMLResponse(page, status.value, headers=_PAGE_HEADERS)
    except Exception as error:  # noqa: BLE001  the edge
        return await answer_error(request, error)
    return HTMLResponse(_word(found, lang), headers=_PAGE_HEADERS)


async def _body(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise GeometryError("check-body-too-large", most=MOST_BYTES)
    return bytes(content)


def _check(request: Request, body: bytes, query: dict[str, str], *, geojson: bool) -> CheckResult:
    workspace = workspace_of(request)
    if query.get("store") == "1" and caller_of(request).by_token:
        raise AccessError("token-stores-nothing")
    options: dict[str, Any] = {
        "purpose": query.get("purpose") or BUILDING,
        "on": _day(query.get("date", "")),
        "remedy": query.get("remedy") == "1",
        "save": query.get("store") == "1",
    }
    if geojson:
        return workspace.check(_read_geojson(body), **options)
    with tempfile.TemporaryDirectory(prefix="geoapp-check-") as folder:
        file = Path(folder) / "request.txt"
        file.write_bytes(body)
        return workspace.check(file, crs=query.get("crs") or "auto", **options)


def _day(value: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ChoiceError("date-wrong", value=value[:20]) from error


def _read_geojson(body: bytes) -> Sequence[Parcel]:
    """Read the polygons of a geometry, feature or collection.

    Raises:
        GeometryError: There is none, or it has too many points.
    """
    try:
        document = json.loads(body)
        features = (
            document["features"] if document.get("type") == "FeatureCollection" else [document]
        )
        parcels = [_parcel(feature, row) for row, feature in enumerate(features, start=1)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise GeometryError("check-body-wrong") from error
    except shapely.GEOSException as error:
        raise GeometryError("check-body-wrong") from error
    if not parcels:
        raise GeometryError("check-body-wrong")
    points = sum(int(shapely.get_num_coordinates(parcel.geometry)) for parcel in parcels)
    if points > MOST_POINTS:
        raise GeometryError("check-too-many-points", most=MOST_POINTS)
    return parcels


def _parcel(feature: dict[str, Any], row: int) -> Parcel:
    whole = feature.get("type") == "Feature"
    geometry = feature["geometry"] if whole else feature
    if geometry["type"] not in _AREAL:
        raise GeometryError("check-body-wrong")
    facts = (feature.get("properties") or {}) if whole else {}
    declared = facts.get("declared_m2")
    return Parcel(
        geometry=shapely.from_geojson(json.dumps(geometry)),
        id=str(facts.get("id") or feature.get("id") or "")[:80],
        name=str(facts.get("name") or "")[:80],
        declared_m2=float(declared) if isinstance(declared, int | float) else None,
        row=row,
    )


def _verify(request: Request, serial: str) -> tuple[Workspace, Verification]:
    workspace = workspace_of(request)
    return workspace, workspace.verify(serial)


def _word(found: tuple[Workspace, Verification], lang: Lang) -> str:
    workspace, answer = found
    facts = (
        (text(lang, "check_sheet.serial"), answer.serial),
        (text(lang, "check_sheet.fact_made"), word_time(answer.made_at)),
        (text(lang, "check_sheet.verdict"), text(lang, f"check_sheet.verdict_{answer.verdict}")),
        (
            text(lang, "check_page.verify_count"),
            str(answer.difference_count) if answer.difference_count else "",
        ),
        (text(lang, "check_page.verify_gone"), ", ".join(answer.missing)),
    )
    title = text(lang, f"check_page.state_{answer.state}")
    colour = _COLOURS[answer.state]
    return _page(lang, title, colour, facts, sample=workspace.city.sample)


def _page(
    lang: Lang, answer: str, colour: str, facts: Sequence[tuple[str, str]], *, sample: bool
) -> str:
    rows = "".join(
        f"<tr><th>{escape(label)}</th><td>{escape(words)}</td></tr>"
        for label, words in facts
        if words
    )
    places = {
        "lang": "zh-CN" if lang == "zh" else "en",
        "title": text(lang, "check_page.verify_title"),
        "app": text(lang, "app.name"),
        "answer": answer,
        "colour": colour,
        "note": text(lang, "check_sheet.disclaimer"),
        "sample": text(lang, "sample.banner") if sample else "",
    }
    page = _PAGE.read_text(encoding="utf-8")
    for name, words in places.items():
        page = page.replace(f"{{{{{name}}}}}", escape(words))
    return page.replace("{{rows}}", rows)
