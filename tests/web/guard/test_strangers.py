"""Who is let near at all: by the name asked for, by who sent it, by where it came from."""

import asyncio
import json

import pytest

from geoapp.access.policy import PUBLIC
from tests.web.guard.knocking import Door

HERE = ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "[::1]", "127.0.0.1"]
FIGURES = ["192.168.1.2:8501", "10.0.0.7", "[fd00::7]:8501"]
ELSEWHERE = [
    "evil.example",
    "evil.example:8501",
    "localhost.evil.example:8501",
    "127.0.0.1.nip.io",
    "localhost@evil.example:80",
    "localhost:99999",
    "localhost/x",
    "-",
]
FOREIGN = ["http://evil.example", "null", "https://localhost:8501", "http://localhost:9999",
           "http://127.0.0.1:8501", "http://localhost", ""]  # fmt: skip
WRITING = ["POST", "PUT", "PATCH", "DELETE"]


@pytest.fixture
def sign_in(monkeypatch):
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")


@pytest.mark.parametrize("host", HERE)
def test_requests_to_this_machine_pass(host):
    assert Door().knock(headers={"host": host}).status == 200
    assert Door().knock(headers={"host": host, "origin": f"http://{host}"},
                        kind="websocket").status == 101  # fmt: skip


@pytest.mark.parametrize("host", ELSEWHERE)
@pytest.mark.parametrize("mode", ["true", "false"])
def test_requests_under_a_foreign_name_are_refused(host, mode, monkeypatch):
    monkeypatch.setenv("GEOAPP_SIGN_IN", mode)
    door = Door()
    refused = door.knock(headers={"host": host})
    assert (refused.status, refused.code) == (421, "host-unknown")
    both = {"host": host, "origin": f"http://{host}"}
    assert door.knock(headers=both, kind="websocket").status == 1008
    assert not door.behind.seen


def test_a_request_without_a_host_is_refused():
    assert Door().knock(headers={"host": ""}).status == 421


@pytest.mark.parametrize("host", FIGURES)
@pytest.mark.usefixtures("sign_in")
def test_an_address_in_figures_is_a_name_of_a_server_where_people_sign_in(host):
    assert Door().knock(headers={"host": host}).status == 200


@pytest.mark.parametrize("host", FIGURES)
def test_but_not_where_nobody_does(host):
    assert Door().knock(headers={"host": host}).status == 421


@pytest.mark.usefixtures("sign_in")
def test_names_are_those_of_the_settings(monkeypatch):
    monkeypatch.setenv("GEOAPP_PUBLIC_URL", "https://land.example.gov")
    monkeypatch.setenv("GEOAPP_HOSTS", "land, Map.Office.example")
    for host in ("land.example.gov", "land:8501", "map.office.example", "LAND.example.gov"):
        assert Door().knock(headers={"host": host}).status == 200
    assert Door().knock(headers={"host": "example.gov"}).status == 421


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("mode", ["true", "false"])
def test_a_page_of_another_site_opens_no_socket_and_changes_nothing(origin, mode, monkeypatch):
    monkeypatch.setenv("GEOAPP_SIGN_IN", mode)
    door = Door()
    assert door.knock("/_stcore/stream", {"origin": origin}, kind="websocket").status == 1008
    for method in WRITING:
        refused = door.knock("/map/measure", {"origin": origin}, method=method)
        assert (refused.status, refused.code) == (403, "origin-foreign")
    assert not door.behind.seen


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_the_browsers_word_that_another_site_sent_it_is_enough(site):
    refused = Door().knock("/api/check", {"sec-fetch-site": site}, method="POST")
    assert (refused.status, refused.code) == (403, "origin-foreign")


@pytest.mark.usefixtures("sign_in")
def test_behind_a_proxy_the_public_address_is_ours(monkeypatch):
    monkeypatch.setenv("GEOAPP_PUBLIC_URL", "https://land.example.gov/")
    own = {"host": "land.example.gov", "origin": "https://land.example.gov"}
    assert Door().knock("/account/sign-in", own, method="POST").status == 200
    assert Door().knock("/_stcore/stream", own, kind="websocket").status == 101
    other = own | {"origin": "https://land.example.gov.evil.example"}
    assert Door().knock("/account/sign-in", other, method="POST").status == 403


@pytest.mark.usefixtures("sign_in")
def test_reading_from_another_site_is_let_through_for_links():
    assert Door().knock("/", {"sec-fetch-site": "cross-site"}).status == 200


def test_without_sign_in_nobody_comes_from_elsewhere():
    door = Door()
    assert door.knock(address="10.0.0.9").code == "only-here"
    assert door.knock(address="127.0.0.1", headers={"x-forwarded-for": "10.0.0.9"}).status == 403
    assert door.knock(address="127.0.0.1", headers={"forwarded": "for=10.0.0.9"}).status == 403
    assert door.knock(address="10.0.0.9", kind="websocket").status == 1008
    assert not door.behind.seen
    assert door.knock(address="::1").status == 200
    assert door.behind.caller.principal.role == "administrator"


@pytest.mark.usefixtures("sign_in")
def test_where_people_sign_in_whoever_does_not_is_the_public():
    door = Door()
    for address in ("127.0.0.1", "10.0.0.9"):
        assert door.knock(address=address).status == 200
        assert door.behind.caller.principal == PUBLIC
        assert not door.behind.caller.signed_in


@pytest.mark.parametrize("name", ["x-geoapp-session", "X-Geoapp-Session", "X-GEOAPP-TOKEN",
                                  "x_geoapp_session", "X-Geoapp_Token", "x-geoapp-uid"])  # fmt: skip
@pytest.mark.usefixtures("sign_in")
def test_what_only_the_guard_may_say_is_believed_of_nobody(name):
    door = Door()
    for kind in ("http", "websocket"):
        door.knock("/_stcore/stream", [(name, "local"), (name, "planner")], kind=kind)
        values = [value for key, value in door.behind.seen[-1]["headers"] if b"geoapp" in key]
        assert set(values) <= {b"", b"127.0.0.1"}  # the address is the guard's own word
        assert door.behind.header("x-geoapp-session") == [""]


def test_lifespan_messages_pass():
    door = Door()
    asyncio.run(door.guard({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert door.behind.seen == [{"type": "lifespan"}]


@pytest.mark.usefixtures("sign_in")
def test_every_refusal_is_one_line_of_json_whatever_was_sent(capsys):
    path = "/tiles/a\n2026 INFO sign-in of admin\u2028x"
    Door().knock(path, {"host": "evil.example"})
    Door().knock(path, {"host": "evil.example"}, kind="websocket")
    Door().knock(path, {"origin": "http://evil.example"}, method="POST")
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["status"] for line in lines] == [421, 421, 403]
    assert all(json.loads(line)["event"] == "refused" for line in lines)
    assert json.loads(lines[0])["path"] == path


@pytest.mark.parametrize(("lang", "words"), [("zh", "这台服务器不叫"), ("en", "not called")])
@pytest.mark.usefixtures("sign_in")
def test_a_refusal_is_worded_as_a_page_for_people(lang, words):
    headers = {"host": "<b>evil.example", "accept": "text/html", "accept-language": lang}
    refused = Door().knock("/", headers)
    assert refused.headers["content-type"].startswith("text/html")
    assert words in refused.body.decode()
    assert "<b>" not in refused.body.decode()
