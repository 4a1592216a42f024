"""From where somebody acts: what the guard tells the pages and the audit trail."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from geoapp.access.headers import ADDRESS
from geoapp.access.policy import Principal
from geoapp.access.whence import acting_address, remember_address
from geoapp.ui import visitor
from tests.web.guard.knocking import Door

PROXY, CLIENT, STRANGER = "127.0.0.1", "203.0.113.7", "203.0.113.9"
OWN = ("origin", "http://localhost:8501")


def open_socket(door: Door, headers: list[tuple[str, str]], address: str) -> list[str]:
    """Open a web socket through what believes one proxy; give what the pages are told."""
    behind_proxy: Any = ProxyHeadersMiddleware(door.guard, trusted_hosts=PROXY)
    door.guard = behind_proxy
    asyncio.run(door.ask("/_stcore/stream", [OWN, *headers], kind="websocket", address=address))
    return door.behind.header(ADDRESS)


@pytest.fixture(autouse=True)
def _people_sign_in(_nobody_signs_in: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")


def test_behind_a_trusted_proxy_the_pages_are_told_the_clients_address():
    assert open_socket(Door(), [("x-forwarded-for", CLIENT)], PROXY) == [CLIENT]


def test_who_is_no_trusted_proxy_cannot_say_another_address():
    headers = [("x-forwarded-for", CLIENT), (ADDRESS, CLIENT), (ADDRESS.replace("-", "_"), CLIENT)]
    assert open_socket(Door(), headers, STRANGER) == [STRANGER]


def test_a_page_acts_from_the_address_that_the_guard_told(monkeypatch):
    monkeypatch.setenv("GEOAPP_SIGN_IN", "false")
    told = SimpleNamespace(context=SimpleNamespace(headers={ADDRESS: CLIENT}))
    monkeypatch.setattr(visitor, "st", told)
    assert visitor.find_principal() is None
    assert acting_address() == CLIENT
    assert Principal("li.wei", "planner").author.address == CLIENT
    remember_address("")
