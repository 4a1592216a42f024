"""Signing in and out: the cookie, the way on, and when a session is over."""

import re
from datetime import UTC, datetime

import pytest

from geoapp.access.accounts import Accounts, sample_password
from geoapp.bootstrap import shared_workspace
from geoapp.bootstrap import workspace as bootstrap
from geoapp.errors import AccessError
from geoapp.i18n import text
from geoapp.web.account.onward import safe_next
from tests.web.guard.signing import OWN, NoPages, guarded_app, sign_in, visit

STAFF_ONLY = "/map/features/ecological_redline.geojson"
FAR = datetime(2100, 1, 1, tzinfo=UTC)
STRONG = "quiet-river-71"


@pytest.fixture
def holdings():
    return NoPages()


@pytest.fixture
def app(city, holdings, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(city))
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")
    bootstrap._open_shared.cache_clear()
    with shared_workspace().accounts.desk.store.writing() as rows:
        rows.sweep_tries(last_before=FAR, succeeded_before=FAR)
    yield guarded_app(holdings)
    bootstrap._open_shared.cache_clear()


@pytest.fixture
def people(app):  # noqa: ARG001  of the same city
    """The accounts as an administrator keeps them, beside those of the sample."""
    return shared_workspace().accounts


def newcomer(people, name, **facts):
    if people.find(name) is None:
        return people.create(name, "planner", **facts).password
    return people.reset_password(name).password


def settled(app, people, name):
    """Somebody with a password of their own, signed in."""
    client = visit(app)
    first = newcomer(people, name)
    sign_in(client, name, first)
    form = {"old": first, "new": STRONG, "again": STRONG}
    assert client.post("/account/password", data=form).status_code == 303
    return client


def code(client, path=STAFF_ONLY, **more):
    return client.get(path, **more).status_code


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_works_without_a_script_and_names_the_sample_accounts(app, lang):
    page = visit(app).get(f"/account/sign-in?lang={lang}").text
    assert "<script" not in page
    assert 'autocomplete="current-password"' in page
    for role in ("township", "inspector", "planner", "administrator"):
        assert f"sample-{role}" in page
        assert sample_password(role) in page
    assert "{" not in page


def test_signing_in_gives_a_cookie_that_no_script_reads_and_leads_on(app):
    client = visit(app)
    answer = sign_in(client, "sample-planner", sample_password("planner"), "/statistics?by=village")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/statistics?by=village"
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"geoapp=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax", cookie)
    assert answer.headers["cache-control"] == "no-store"
    assert code(client) == 200


def test_over_https_the_cookie_is_bound_to_host_and_encryption(app):
    client = visit(app)
    client.base_url = OWN.replace("http", "https")
    client.headers["origin"] = OWN.replace("http", "https")
    answer = sign_in(client, "sample-planner", sample_password("planner"))
    assert answer.headers["set-cookie"].startswith("__Host-geoapp=")
    assert answer.headers["set-cookie"].endswith("; Secure")
    assert code(client) == 200
    token = answer.cookies["__Host-geoapp"]
    plain = visit(app)
    plain.base_url = client.base_url
    assert code(plain, headers={"cookie": f"geoapp={token}"}) == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_wrong_names_and_passwords_are_told_alike(app, lang):
    client, answers = visit(app), []
    for name in ("sample-planner", "nobody.here"):
        form = {"name": name, "password": "wrong-password"}
        answer = client.post(f"/account/sign-in?lang={lang}", data=form)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert "wrong-password" not in answer.text
        answers.append(answer.text.replace(f'value="{name}"', ""))
    assert answers[0] == answers[1]


def test_after_many_wrong_ones_one_waits_and_others_do_not(app, people):
    people.create("brute", "planner")
    statuses = [sign_in(visit(app, address="10.9.9.9"), "brute", "wrong!").status_code
                for _ in range(8)]  # fmt: skip
    assert statuses[0] == 401
    assert statuses[-1] == 429
    refused = sign_in(visit(app, address="10.9.9.9"), "brute", "wrong!")
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert visit(app, "planner", address="10.8.8.8")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:9999"])
def test_another_site_signs_nobody_in_or_out(app, origin):
    client = visit(app, "planner")
    away = {"origin": origin, "sec-fetch-site": "cross-site"}
    form = {"name": "sample-planner", "password": sample_password("planner")}
    for path in ("/account/sign-in", "/account/sign-out", "/account/password", "/account/setup"):
        answer = client.post(path, data=form, headers=away)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert code(client) == 200


ELSEWHERE = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "/%0d%0aX: y/../",
    "/a\r\nSet-Cookie: x=y", "javascript:alert(1)", "/\t/evil.example", " //evil.example", "///x",
    "/account/sign-out", "", "x", "/" + "a" * 3000, "/\u2028/evil", "http:/evil", "//[",
]  # fmt: skip


@pytest.mark.parametrize("place", ELSEWHERE)
def test_the_way_on_never_leaves_the_app(place):
    onward = safe_next(place)
    assert onward.startswith("/")
    assert not onward.startswith(("//", "/\\"))
    assert not set("\r\n\t\\\u2028") & set(onward)
    assert onward == "/" or onward == "/%0d%0aX: y/../".replace(" ", "") or onward == place


def test_a_form_of_another_kind_is_no_form(app):
    answer = visit(app).post("/account/sign-in", json={"name": "a", "password": "b"})
    assert answer.status_code == 401


def test_signing_out_ends_the_session_not_only_the_cookie(app):
    client = visit(app, "planner")
    token = client.cookies["geoapp"]
    answer = client.post("/account/sign-out")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert '"cache"' in answer.headers["clear-site-data"]
    assert code(visit(app), headers={"cookie": f"geoapp={token}"}) == 403


@pytest.mark.parametrize("token", ["x", "A" * 43, "' OR 1=1", "\u00e9" * 43, "a" * 5000])
def test_an_invented_token_is_nobody(app, token):
    assert code(visit(app), headers={"cookie": f"geoapp={token}".encode()}) == 403


def test_a_cookie_that_means_nothing_any_more_is_taken_away_when_a_page_is_opened(app):
    client = visit(app)
    headers = {"cookie": f"geoapp={'A' * 43}", "accept": "text/html"}
    assert "Max-Age=0" in client.get("/account/setup", headers=headers).headers["set-cookie"]


def test_a_password_that_somebody_else_chose_opens_nothing_until_it_is_changed(app, people):
    first = newcomer(people, "newcomer")
    client = visit(app)
    answer = sign_in(client, "newcomer", first, "/statistics")
    assert answer.headers["location"] == "/account/password?lang=zh&next=%2Fstatistics"
    refused = client.get(STAFF_ONLY)
    assert (refused.status_code, refused.json()["code"]) == (403, "change-password-first")
    page = client.get("/data", headers={"sec-fetch-dest": "document"})
    assert page.headers["location"].startswith("/account/password")
    for form in (
        {"old": first, "new": STRONG, "again": "different-71"},
        {"old": "wrong", "new": STRONG, "again": STRONG},
        {"old": first, "new": "short", "again": "short"},
        {"old": first, "new": first, "again": first},
    ):
        assert client.post("/account/password", data=form).status_code in {403, 422}
    form = {"old": first, "new": STRONG, "again": STRONG}
    before = client.cookies["geoapp"]
    answer = client.post("/account/password?next=/statistics", data=form)
    assert answer.headers["location"] == "/statistics"
    assert code(client) == 200
    assert client.cookies["geoapp"] != before
    assert code(visit(app), headers={"cookie": f"geoapp={before}"}) == 403


@pytest.mark.parametrize("end", ["disable", "change_role", "reset_password", "sign_out_everywhere"])
def test_what_an_administrator_does_ends_sessions_at_the_next_request(app, people, end):
    name = f"person-{end}".replace("_", "-")
    client = settled(app, people, name)
    assert code(client) == 200
    getattr(people, end)(name, *(["inspector"] if end == "change_role" else []))
    assert code(client) == 403


def test_the_first_administrator_is_made_once_by_the_token(tmp_path, monkeypatch):
    from geoapp.settings import find_folder

    folder = tmp_path / "city"
    bootstrap.Workspace.init(find_folder("data") / "geo" / "city.toml", folder, outlines=False)
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")
    bootstrap._open_shared.cache_clear()
    app, token = guarded_app(), shared_workspace().accounts.setup_token()
    form = {"name": "chief", "new": STRONG, "again": STRONG}
    client = visit(app)
    assert client.post("/account/setup", data=form | {"token": "invented"}).status_code == 403
    assert token in client.get(f"/account/setup?token={token}").text
    assert client.post("/account/setup", data=form | {"token": token}).status_code == 303
    assert "chief" in client.get("/account").text
    again = form | {"token": token, "name": "other"}
    assert visit(app).post("/account/setup", data=again).status_code in {403, 409}
    bootstrap._open_shared.cache_clear()


def test_files_of_pages_are_given_to_those_for_whom_they_were_made(app, holdings):
    planner, inspector = visit(app, "planner"), visit(app, "inspector")
    sessions = shared_workspace().accounts
    handle = sessions.find_session(planner.cookies["geoapp"]).token_hash
    holdings.offered["abc123"] = handle
    passed = planner.get("/media/abc123.xlsx")
    assert passed.text == "Not Found"  # it was let through; nothing stands behind the door here
    assert inspector.get("/media/abc123.xlsx").json()["code"] == "file-gone"
    assert visit(app).get("/media/abc123.xlsx").json()["code"] == "file-gone"


def test_nobody_puts_a_file_into_the_page_of_another_or_fills_the_memory(app, holdings):
    planner, inspector = visit(app, "planner"), visit(app, "inspector")
    handle = shared_workspace().accounts.find_session(planner.cookies["geoapp"]).token_hash
    holdings.owners["page"] = handle
    path = "/_stcore/upload_file/page/1"
    for method in ("PUT", "DELETE"):
        assert inspector.request(method, path, content=b"x").json()["code"] == "upload-elsewhere"
    assert visit(app).put(path, content=b"x").json()["code"] == "sign-in-first"
    assert planner.put(path, content=b"x").status_code == 404  # let through
    holdings.lying[handle] = (399_999_999, 3)
    refused = planner.put(path, content=b"xx")
    assert (refused.status_code, refused.json()["code"]) == (429, "uploads-full")
    holdings.lying[handle] = (0, 120)
    assert planner.put(path, content=b"x").status_code == 429
    too_large = planner.put(path, content=b"x", headers={"content-length": "202000000"})
    assert too_large.status_code == 413


def test_the_page_of_ones_own_says_who_one_is(app):
    for role in ("township", "planner"):
        page = visit(app, role).get("/account?lang=en").text
        assert f"sample-{role}" in page
        assert "/account/sign-out" in page
    assert visit(app).get("/account").headers["location"].startswith("/account/sign-in")


@pytest.mark.parametrize(
    ("error", "status", "wait"),
    [
        (AccessError("signin-busy"), 503, "2"),
        (AccessError("signin-wait", seconds=77), 429, "77"),
        (AccessError("signin-disabled"), 403, None),
        (RuntimeError("/secret/path"), 500, None),
    ],
)
def test_what_goes_wrong_is_a_sentence_with_a_fitting_status(app, monkeypatch, error, status, wait):
    def fail(*_arguments, **_facts):
        raise error

    monkeypatch.setattr(Accounts, "sign_in", fail)
    answer = sign_in(visit(app), "sample-planner", "x")
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == wait
    assert "secret" not in answer.text
    assert 'role="alert"' in answer.text


def test_the_sign_in_page_says_that_the_page_asked_for_needs_it(app):
    words = text("en", "sign_in.onward")
    browser = visit(app)
    assert words in browser.get("/account/sign-in?lang=en&next=/planning?x=1").text
    assert words not in browser.get("/account/sign-in?lang=en&next=/statistics").text
    assert words not in browser.get("/account/sign-in?lang=en").text
