"""Doors that are closed before any service is asked."""

import tomllib

import pytest

from geoapp.ui.place import MAIN
from tests.web.guard.knocking import Door

OURS = ["/_stcore/metrics", "/_stcore/agent/interact", "/_stcore/script-health-check"]


@pytest.mark.parametrize("path", OURS)
def test_figures_and_ways_of_developers_are_for_this_machine_alone(path, monkeypatch):
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")
    door = Door()
    away = [{"address": "10.0.0.9"}, {"address": "2001:db8::1"}, {"address": "127.0.0.1.evil"}]
    for who in away:
        refused = door.knock(path, **who)
        assert (refused.status, refused.code) == (404, "nothing-here")
    through_proxy = {"x-forwarded-for": "10.0.0.9"}
    assert door.knock(path, through_proxy).status == 404
    assert door.knock(path, {"forwarded": "for=10.0.0.9"}).status == 404
    assert not door.behind.seen
    assert door.knock(path).status == 200


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout", "/oauth2callback"])
def test_the_sign_in_that_is_not_ours_is_nowhere(path):
    assert Door().knock(path).code == "nothing-here"


def test_pages_show_no_details_of_errors():
    settings = tomllib.loads((MAIN.parent / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["server"]["enableStaticServing"] is False
    assert settings["server"]["disconnectedSessionTTL"] <= 30
    assert settings["server"]["headless"] is True
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["maxUploadSize"] <= 200
