"""Signing in through the office's provider, and all the ways in which its word is not taken."""

import httpx
import pytest
from joserfc.jwk import RSAKey

from geoapp.bootstrap import shared_workspace
from geoapp.bootstrap import workspace as bootstrap
from tests.web.guard.provider import CLIENT, SECRET, provided
from tests.web.guard.signing import OWN, guarded_app, visit

pytestmark = pytest.mark.filterwarnings("ignore:The httpx module is deprecated")
STAFF_ONLY = "/map/features/ecological_redline.geojson"


@pytest.fixture
def provider(city, monkeypatch):
    with provided() as running:
        settings = {
            "WORKSPACE": str(city),
            "SIGN_IN": "true",
            "OIDC_ISSUER": running.url,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": SECRET,
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"GEOAPP_{name}", value)
        bootstrap._open_shared.cache_clear()
        yield running
        bootstrap._open_shared.cache_clear()


@pytest.fixture
def linked(provider):
    accounts = shared_workspace().accounts
    if accounts.find("zhang.wei") is None:
        accounts.create("zhang.wei", "inspector", issuer=provider.url, subject="u-1")
    accounts.link("zhang.wei", provider.url, "u-1")
    return provider


def go(client, onward="/statistics"):
    """Follow the way to the provider and back; give the last answer."""
    begun = client.get(f"/account/oidc?lang=en&next={onward}")
    assert begun.status_code == 302
    back = httpx.get(begun.headers["location"], follow_redirects=False)
    place = back.headers["location"]
    assert place.startswith(f"{OWN}/account/oidc/callback?")
    return client.get(place.removeprefix(OWN)), place.removeprefix(OWN)


@pytest.mark.usefixtures("linked")
def test_whoever_is_linked_gets_the_same_kind_of_session():
    client = visit(guarded_app())
    assert "/account/oidc?" in client.get("/account/sign-in").text
    answer, place = go(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/statistics")
    assert client.get(STAFF_ONLY).status_code == 200
    assert "zhang.wei" in client.get("/account").text
    session = shared_workspace().accounts.find_session(client.cookies["geoapp"])
    assert session.principal.role == "inspector"
    shared_workspace().accounts.disable("zhang.wei")
    assert client.get(STAFF_ONLY).status_code == 403
    shared_workspace().accounts.enable("zhang.wei")
    assert visit(guarded_app()).get(place).status_code >= 400  # used, and by another browser


def test_whoever_nobody_has_linked_stays_outside(linked):
    linked.subject = "u-stranger"
    client = visit(guarded_app())
    answer, _ = go(client)
    assert answer.status_code == 403
    assert "geoapp" not in client.cookies
    assert client.get(STAFF_ONLY).status_code == 403


LIES = {
    "another issuer": {"iss": "https://evil.example"},
    "for another app": {"aud": "other-app"},
    "another sign-in's nonce": {"nonce": "old"},
    "too old": {"exp": 1, "iat": 0},
}


@pytest.mark.parametrize("claims", LIES.values(), ids=LIES.keys())
def test_a_word_that_does_not_hold_is_not_taken(linked, claims):
    linked.claims = claims
    client = visit(guarded_app())
    answer, _ = go(client)
    assert answer.status_code >= 400
    assert "geoapp" not in client.cookies


def test_a_word_signed_by_another_key_is_not_taken(linked):
    linked.signing = RSAKey.generate_key(2048, {"kid": "k1"})
    client = visit(guarded_app())
    assert go(client)[0].status_code == 409
    assert "geoapp" not in client.cookies


@pytest.mark.usefixtures("linked")
def test_nobody_is_signed_in_by_anothers_way_back():
    other = visit(guarded_app())
    begun = other.get("/account/oidc")
    back = httpx.get(begun.headers["location"], follow_redirects=False).headers["location"]
    victim = visit(guarded_app())
    assert victim.get(back.removeprefix(OWN)).status_code >= 400
    assert "geoapp" not in victim.cookies


@pytest.mark.usefixtures("linked")
def test_the_way_on_is_one_of_ours():
    answer, _ = go(visit(guarded_app()), "//evil.example")
    assert answer.headers["location"] == "/"


@pytest.mark.usefixtures("linked")
def test_a_provider_that_does_not_answer_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setenv("GEOAPP_OIDC_ISSUER", "http://127.0.0.1:9")
    answer = visit(guarded_app()).get("/account/oidc?lang=en")
    assert answer.status_code == 409
    assert "did not answer" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.usefixtures("linked")
def test_without_a_provider_there_is_no_such_way(monkeypatch):
    monkeypatch.setenv("GEOAPP_OIDC_ISSUER", "")
    client = visit(guarded_app())
    assert "/account/oidc" not in client.get("/account/sign-in").text
    assert client.get("/account/oidc").status_code == 404
