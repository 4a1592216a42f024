"""Every route for every role, against the written table."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from geoapp.bootstrap import Workspace
from geoapp.bootstrap import workspace as bootstrap
from geoapp.settings import find_folder
from geoapp.web.routes import build_routes
from tests.web.guard.signing import ROLES, guarded_app, visit

TABLE = tomllib.loads(Path(__file__).with_name("route_policy.toml").read_text("utf-8"))["row"]
STAFF = ROLES[1:]
STREAMLITS = ("/_stcore/", "/media/", "/auth/", "/oauth2callback")
PAGES = sorted(path.stem for path in find_folder("pages").glob("*.py"))


@pytest.fixture(scope="module")
def visitors(city: Path) -> Iterator[dict[str, TestClient]]:
    """One browser for each role, signed in once."""
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("GEOAPP_WORKSPACE", str(city))
        settings.setenv("GEOAPP_SIGN_IN", "true")
        bootstrap._open_shared.cache_clear()
        app = guarded_app(more=[Route("/{rest:path}", lambda _: PlainTextResponse("a page"))])
        yield {role: visit(app, role) for role in ROLES}
        bootstrap._open_shared.cache_clear()


@pytest.fixture(autouse=True)
def _people_sign_in(_nobody_signs_in: None, city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(city))
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")


def walk(routes: list[BaseRoute], base: str = "") -> Iterator[str]:
    for route in routes:
        if isinstance(route, Mount):
            if route.routes:
                yield from walk(list(route.routes), base + route.path)
            else:
                yield f"GET {base}{route.path}/*"
        elif isinstance(route, Route):
            path = base + route.path
            for page in PAGES:
                path = path.replace(f"/{page}/{{rest:path}}", "/{page}/{rest:path}")
            methods = set(route.methods or ()) - {"HEAD", "OPTIONS"}
            # The interface answers every other method with 405 by itself.
            reading = methods >= {"GET", "POST", "DELETE"}
            yield from (f"{method} {path}" for method in (["GET"] if reading else methods))


def test_every_route_has_its_row_and_every_row_its_route() -> None:
    written = {row["route"] for row in TABLE}
    own = {name for name in written if not name.split()[1].startswith(STREAMLITS)}
    assert own == set(walk(build_routes()))


def ask(client: TestClient, row: dict[str, Any]) -> int:
    method, path = row["route"].split()
    headers = {"content-type": "application/json"} if "body" in row else {}
    answer = client.request(method, row.get("ask", path), content=row.get("body"), headers=headers)
    return int(answer.status_code)


def expected(row: dict[str, Any], role: str) -> int:
    may = {"ALL": ROLES, "STAFF": STAFF, "UPPER": STAFF[1:]}.get(row["may"]) if row["may"] else ()
    if may is None:
        may = row["may"]
    usual = row.get("yes", 200) if role in may else row.get("no", 403)
    return int(row.get(role, usual))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.get("ask", row["route"]))
def test_every_role_gets_what_the_table_says(
    visitors: dict[str, TestClient], row: dict[str, Any]
) -> None:
    if row.get("alone"):
        visitors = {role: visit(client.app, role) for role, client in visitors.items()}
    answers = {role: ask(client, row) for role, client in visitors.items()}
    assert answers == {role: expected(row, role) for role in ROLES}


@pytest.mark.parametrize("page", PAGES)
def test_whoever_may_not_open_a_page_is_led_to_sign_in_or_told(
    visitors: dict[str, TestClient], page: str
) -> None:
    from geoapp.access.pages import PAGE_ACTIONS
    from geoapp.access.policy import Principal, decide

    action = PAGE_ACTIONS[page]
    for role, client in visitors.items():
        answer = client.get(f"/{page}?a=1", headers={"sec-fetch-dest": "document"})
        allowed = action is None or decide(Principal("x", role), action).allowed  # type: ignore[arg-type]
        if page == "overview":
            assert answer.status_code == 307
        elif allowed:
            assert answer.text == "a page"
        elif role == "public":
            assert answer.status_code == 303
            place = f"/account/sign-in?lang=zh&next=%2F{page}%3Fa%3D1"
            assert answer.headers["location"] == place
        else:
            assert answer.status_code == 403


def test_nothing_restricted_stands_in_the_lists_for_the_public(
    visitors: dict[str, TestClient], city: Path
) -> None:
    workspace = Workspace.open(city)
    hidden = [
        layer.id
        for layer in workspace.library
        if "public" not in layer.access.view and layer.access.public != "full"
    ]
    workspace.close()
    assert "demolition" in hidden
    for path in ("/api/collections", "/api/layers", "/api/openapi.json", "/map/rasters.json",
                 "/map/identify?lon=110.5&lat=29.2", "/map/search?q=430802"):  # fmt: skip
        shown = json.dumps(visitors["public"].get(path).json())
        assert not [layer for layer in hidden if f'"{layer}' in shown or f"/{layer}" in shown], path


def test_a_tag_of_another_role_is_answered_in_full_and_a_warm_tile_is_not_given_on(
    visitors: dict[str, TestClient],
) -> None:
    path = "/tiles/township/9/413/212.mvt"
    tag = visitors["planner"].get(path).headers["etag"]
    assert visitors["planner"].get(path, headers={"if-none-match": tag}).status_code == 304
    for role in ("public", "township", "inspector"):
        answer = visitors[role].get(path, headers={"if-none-match": tag})
        assert answer.status_code in {200, 204}
        assert "Cookie" in answer.headers["vary"]
        assert "private" in answer.headers["cache-control"]
    secret = "/tiles/ecological_redline/9/413/212.mvt"
    tag = visitors["planner"].get(secret).headers["etag"]
    assert visitors["public"].get(secret, headers={"if-none-match": tag}).status_code == 403


def test_a_request_that_no_page_of_ours_sent_is_nobodys(visitors: dict[str, TestClient]) -> None:
    """Software may ask without an origin, but a cookie does not speak for it."""
    client = visitors["planner"]
    body = '{"type": "Point", "coordinates": [110.5, 29.2]}'
    request = client.build_request(
        "POST", "/api/check", content=body, headers={"content-type": "application/json"}
    )
    assert client.send(request).json()["code"] == "check-body-wrong"
    for name in ("origin", "sec-fetch-site"):
        del request.headers[name]
    answer = client.send(request)
    assert (answer.status_code, answer.json()["code"]) in {
        (422, "check-body-wrong"),
        (403, "access-refused"),
    }
