"""What every answer carries, and for whom a browser may keep it."""

import hashlib
import re
from base64 import b64decode

import pytest

from geoapp.access.policy import PUBLIC, Principal
from geoapp.ui.inline import inline_scripts
from geoapp.web.guard.headers import content_policy
from geoapp.web.guard.tags import mark_answer, unmark_question
from tests.web.guard.knocking import Door

PLANNER = Principal("li", "planner")
HERE_TOWN = Principal("wu", "township", "430802101")
OTHER_TOWN = Principal("qi", "township", "430811100")


@pytest.mark.parametrize("path", ["/", "/tiles/x/1/1/1.mvt", "/api", "/nowhere", "/static/x.js"])
def test_every_answer_carries_the_headers_of_safety(path):
    headers = Door().knock(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "geolocation=(self)" in headers["permissions-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


def test_refusals_carry_them_too_and_encrypted_answers_one_more(monkeypatch):
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")
    headers = Door().knock(headers={"host": "evil.example"}, scheme="https").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=")


def sources(policy):
    return {part.split()[0]: part.split()[1:] for part in policy.split("; ")}


@pytest.mark.parametrize("path", ["/", "/component/streamlit_folium.st_folium/index.html"])
def test_the_policy_names_no_host_and_lets_only_the_frame_of_a_map_evaluate(path):
    policy = sources(content_policy(path, scripts=inline_scripts()))
    every = {word for words in policy.values() for word in words}
    assert all(word.startswith("'") or word in {"data:", "blob:"} for word in every)
    assert ("'unsafe-eval'" in policy["script-src"]) == path.startswith("/component")
    assert ("'unsafe-inline'" in policy["script-src"]) == path.startswith("/component")
    assert policy["connect-src"] == ["'self'", "data:", "blob:"]
    assert policy["form-action"] == policy["base-uri"] == ["'self'"]


def test_the_inline_scripts_of_the_page_are_named_by_their_hashes():
    assert inline_scripts()
    for name in inline_scripts():
        assert (
            len(b64decode(re.fullmatch("'sha256-(.*)'", name)[1])) == hashlib.sha256().digest_size
        )


def test_a_basemap_of_the_office_may_send_pictures_and_nothing_else():
    policy = sources(content_policy("/component/streamlit_folium.x/i.html", {"https://t.example"}))
    allowed = {name for name, words in policy.items() if "https://t.example" in words}
    assert allowed == {"img-src"}


def tag_for(principal, tag='"v1-3"', more=()):
    headers = mark_answer([(b"etag", tag.encode()), *more], principal)
    return dict(headers)[b"etag"].decode()


def known(principal, *tags):
    return dict(unmark_question([(b"if-none-match", ", ".join(tags).encode())], principal))


@pytest.mark.parametrize("tag", ['"v1-3"', 'W/"0af"'])
def test_the_tag_of_an_answer_comes_back_to_its_route_as_it_was(tag):
    for who in (PUBLIC, PLANNER, HERE_TOWN):
        assert known(who, tag_for(who, tag)) == {b"if-none-match": tag.encode()}


def test_the_tag_of_another_role_or_unit_says_nothing():
    everybody = (PUBLIC, PLANNER, HERE_TOWN, OTHER_TOWN)
    for asks in everybody:
        others = [tag_for(who) for who in everybody if who != asks]
        assert known(asks, *others, '"v1-3"', "*") == {}
        assert known(asks, *others, tag_for(asks)) == {b"if-none-match": b'"v1-3"'}


def test_two_people_of_one_role_share_what_is_the_same_for_both():
    assert tag_for(PLANNER) == tag_for(Principal("zhao", "planner"))


def test_what_depends_on_cookie_or_token_says_so():
    headers = dict(mark_answer([(b"vary", b"Accept-Encoding")], PUBLIC))
    assert headers == {b"vary": b"Accept-Encoding, Cookie, Authorization"}
    assert Door().knock("/tiles/x/1/1/1.mvt").headers["vary"] == "Cookie, Authorization"
