"""Tokens on the command line, run as a person runs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from geoapp.access.token import PREFIX
from geoapp.bootstrap import Workspace
from geoapp.settings import Settings
from tests.building import write_city
from tests.integration.test_cli import document, refused

PASSWORD, OWN = "three goats on a slope", "seven lamps over water"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("tokens")
    made = Workspace.init(write_city(folder / "source"), folder / "ws", settings=Settings())
    made.accounts.create("li.wei", "planner", password=PASSWORD)
    entered = made.accounts.sign_in("li.wei", PASSWORD, address="10.0.0.1")
    made.accounts.change_password(entered.token, PASSWORD, OWN)
    made.close()
    return folder / "ws"


def test_a_token_is_made_listed_without_its_text_and_revoked(city):
    made = document(city, "account", "token", "make", "li.wei", "--label", "QGIS", "--days", "7")
    assert made["secret"].startswith(PREFIX)
    listed = document(city, "account", "token", "list")
    assert [one["state"] for one in listed["tokens"]] == ["open"]
    assert made["secret"] not in str(listed)
    assert listed == document(city, "account", "token", "list", "li.wei")
    revoked = document(city, "account", "token", "revoke", str(made["token"]["number"]))
    assert revoked["tokens"][0]["state"] == "revoked"
    assert "8" in refused(city, "account", "token", "revoke", "8")
