"""Tokens of other software at the guard: what they open, how they may be sent, what is refused."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from geoapp.access.accounts import ACCOUNT_ROLES
from geoapp.access.policy import Principal
from geoapp.access.storage_tokens import TOKEN
from geoapp.access.throttle import FREE_ADDRESS
from geoapp.access.token import PREFIX
from geoapp.bootstrap import shared_workspace
from geoapp.bootstrap import workspace as bootstrap
from geoapp.catalog.storage_audit import AUDIT, AuditFilter
from tests.web.guard.signing import OWN, guarded_app, visit

FARMLAND = "/api/collections/permanent_farmland/items?limit=1"


@pytest.fixture(autouse=True)
def _people_sign_in(
    _nobody_signs_in: None, city: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(city))
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")
    bootstrap._open_shared.cache_clear()
    yield
    bootstrap._open_shared.cache_clear()


@pytest.fixture(scope="module")
def app() -> Any:
    return guarded_app(more=[Route("/{rest:path}", lambda _: PlainTextResponse("a page"))])


@pytest.fixture
def secret_of() -> Callable[[str], str]:
    """Make a token of the sample account of a role, at once or again."""

    def make(role: str) -> str:
        unit = "" if role != "township" else shared_workspace().accounts.find(f"sample-{role}").unit
        tokens = shared_workspace(Principal(f"sample-{role}", role, unit)).tokens
        for one in tokens.list(f"sample-{role}"):
            tokens.revoke(one.id)
        return str(tokens.make(f"sample-{role}", "QGIS").secret)

    return make


def program(app: Any, address: str = "10.0.0.77") -> TestClient:
    return TestClient(
        app, base_url=OWN, client=(address, 50000), follow_redirects=False,
        raise_server_exceptions=False,
    )  # fmt: skip


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def basic(name: str, secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def untimed(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "timeStamp"}


def entries(action: str) -> list[Any]:
    return list(shared_workspace().audit_entries(AuditFilter(action=action)))


@pytest.mark.parametrize("role", ACCOUNT_ROLES)
def test_a_program_reads_what_its_role_reads(app, secret_of, role):
    ours = visit(app, role)
    for path in ("/api/collections", FARMLAND, "/tiles/permanent_farmland.json", "/api/layers"):
        expected = ours.get(path)
        secret = secret_of(role)
        for headers in (bearer(secret), basic(f"sample-{role}", secret)):
            answer = program(app).get(path, headers=headers)
            assert answer.status_code == expected.status_code == 200
            assert untimed(answer) == untimed(expected)


def test_without_a_token_the_same_question_is_the_publics(app):
    assert program(app).get(FARMLAND).status_code == 403


def test_an_answer_is_kept_apart_by_token(app, secret_of):
    answer = program(app).get(FARMLAND, headers=bearer(secret_of("planner")))
    assert "authorization" in answer.headers["vary"].lower()
    assert "public" not in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["/", "/overview", "/data", "/account", "/account/tokens", "/media/x", "/map/search?q=1"],
)
def test_a_token_opens_no_page(app, secret_of, path):
    answer = program(app).get(path, headers=bearer(secret_of("administrator")))
    assert (answer.status_code, answer.json()["code"]) == (403, "token-not-here")


def test_a_token_opens_no_web_socket_and_no_upload(app, secret_of):
    headers = bearer(secret_of("administrator"))
    with (
        pytest.raises(WebSocketDisconnect) as caught,
        program(app).websocket_connect("/_stcore/stream", headers=headers),
    ):
        pass
    assert caught.value.code == 1008
    answer = program(app).put("/_stcore/upload_file/a/b", content=b"x", headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_token_changes_nothing(app, secret_of, method):
    headers = bearer(secret_of("administrator"))
    answer = program(app).request(method, "/api/collections", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "token-reads")


def test_a_program_may_ask_for_a_check_but_not_store_it(app, secret_of):
    square = [[110.4, 29.1], [110.401, 29.1], [110.401, 29.101], [110.4, 29.101], [110.4, 29.1]]
    body = {"type": "Polygon", "coordinates": [square]}
    headers = bearer(secret_of("planner"))
    assert program(app).post("/api/check", json=body, headers=headers).status_code == 200
    answer = program(app).post("/api/check?store=1", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "token-stores-nothing")
    foreign = headers | {"origin": "https://elsewhere.example"}
    assert program(app).post("/api/check", json=body, headers=foreign).status_code == 403


def test_a_token_beside_a_cookie_is_refused(app, secret_of):
    browser = visit(app, "township")
    answer = browser.get(FARMLAND, headers=bearer(secret_of("planner")))
    assert (answer.status_code, answer.json()["code"]) == (400, "token-and-cookie")


def test_what_a_proxy_adds_to_a_browser_does_not_matter(app):
    browser = visit(app, "planner")
    assert browser.get(FARMLAND, headers=basic("door", "of the proxy")).status_code == 200
    assert browser.get("/", headers=basic("door", "of the proxy")).status_code == 200


@pytest.mark.parametrize("query", ["token={}", "access_token={}", "key=x%26{}", "{}"])
def test_a_token_in_the_address_is_refused_with_a_sentence(app, secret_of, query, capsys):
    secret = secret_of("planner")
    joint = "&" if "?" in FARMLAND else "?"
    answer = program(app).get(FARMLAND + joint + query.format(secret))
    assert (answer.status_code, answer.json()["code"]) == (400, "token-in-address")
    assert program(app).get(f"/tiles/{secret}/1/1/1.mvt").status_code == 400
    assert secret not in capsys.readouterr().err


@pytest.mark.parametrize(
    "headers",
    [
        bearer("three goats on a slope"),
        basic("sample-planner", "try-as-planner"),
        {"authorization": "Basic !!!"},
        bearer(""),
        bearer(PREFIX + "x" * 5000),
    ],
)
def test_anything_but_a_token_is_refused_and_not_taken_for_the_public(app, headers):
    answer = program(app, "10.1.1.1").get("/api/collections?lang=en", headers=headers)
    assert answer.status_code == 401
    assert "not a password" in answer.json()["detail"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["cache-control"] == "no-store"


def test_a_token_of_somebody_else_does_not_go_with_a_name(app, secret_of):
    headers = basic("sample-township", secret_of("planner"))
    assert program(app, "10.1.1.2").get(FARMLAND, headers=headers).status_code == 401


def test_a_revoked_token_is_refused_and_written_down_with_the_address(app, secret_of):
    old = secret_of("inspector")
    secret_of("inspector")  # revokes the one before
    answer = program(app, "10.1.1.3").get(FARMLAND, headers=bearer(old))
    assert (answer.status_code, answer.json()["code"]) == (401, "token-revoked")
    entry = max(entries("token_refused"), key=lambda one: one.seq)
    assert (entry.actor, entry.address, entry.result) == (
        "sample-inspector", "10.1.1.3", "refused",
    )  # fmt: skip


def test_guessing_is_told_to_wait(app):
    guesser = program(app, "10.9.9.9")
    answers = [
        guesser.get("/api", headers=bearer(f"{PREFIX}{number}")).status_code
        for number in range(FREE_ADDRESS + 1)
    ]
    assert answers == [401] * FREE_ADDRESS + [429]
    waiting = guesser.get("/api", headers=bearer(f"{PREFIX}again"))
    assert int(waiting.headers["retry-after"]) > 0


def test_the_account_page_makes_shows_once_and_revokes(app):
    browser = visit(app, "inspector", address="10.2.2.2")
    made = browser.post("/account/tokens?lang=en", data={"label": "<b>desk</b>", "days": "30"})
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    secret = made.text.partition('<p class="secret"><code>')[2].partition("<")[0]
    assert "<b>desk" not in made.text
    assert program(app).get(FARMLAND, headers=bearer(secret)).status_code == 200
    shown = browser.get("/account/tokens?lang=en").text
    assert secret not in shown
    assert "&lt;b&gt;desk" in shown
    number = shown.partition('name="number" value="')[2].partition('"')[0]
    assert browser.post("/account/tokens/revoke", data={"number": number}).status_code == 303
    assert program(app).get(FARMLAND, headers=bearer(secret)).status_code == 401
    assert entries("token_made")[0].address


def test_nobody_revokes_the_token_of_another_on_the_account_page(app, secret_of):
    secret_of("planner")
    number = shared_workspace().tokens.list("sample-planner")[0].id
    for role in ("inspector", "administrator"):
        answer = visit(app, role).post("/account/tokens/revoke", data={"number": str(number)})
        assert answer.status_code == 404
    assert shared_workspace().tokens.list("sample-planner")[0].revoked_at is None


def test_a_form_from_elsewhere_makes_no_token(app):
    browser = visit(app, "inspector")
    headers = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    data = {"label": "stolen", "days": "30"}
    assert browser.post("/account/tokens", data=data, headers=headers).status_code == 403


def test_who_is_refused_on_the_web_stands_in_the_trail_with_the_address(app):
    before = len(entries("refused"))
    browser = visit(app, "township", address="10.3.3.3")
    assert browser.get("/planning", headers={"accept": "text/html"}).status_code == 403
    assert browser.get("/api/collections/nothing/items").status_code == 404
    assert visit(app, "public").get(FARMLAND).status_code == 403
    found = entries("refused")
    assert len(found) == before + 1
    newest = max(found, key=lambda one: one.seq)
    assert (newest.actor, newest.address) == ("sample-township", "10.3.3.3")
    assert newest.detail["facts"]["place"] == "/planning"


def test_the_register_knows_no_text_of_a_token(secret_of):
    secret = secret_of("planner")
    with shared_workspace()._engine.connect() as connection:
        rows = connection.execute(sa.select(TOKEN)).all()
        trail = connection.execute(sa.select(AUDIT)).all()
    assert secret not in str(rows) + str(trail)


def test_what_a_route_refuses_a_program_stands_in_the_trail(app, secret_of):
    body = {"type": "Polygon", "coordinates": [[[110.4, 29.1], [110.41, 29.1], [110.4, 29.11]]]}
    headers = bearer(secret_of("township"))
    answer = program(app, "10.4.4.4").post("/api/check?store=1", json=body, headers=headers)
    assert answer.status_code == 403
    newest = max(entries("refused"), key=lambda one: one.seq)
    assert (newest.actor, newest.address) == ("sample-township", "10.4.4.4")
    assert newest.detail["code"] == "token-stores-nothing"
