"""A real server under those who mean harm: what it tells, and that it goes on answering."""

import asyncio
import json
import select
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from geoapp.access.accounts import sample_password
from geoapp.access.policy import Role
from tests.serving import ROOT, served

pytestmark = pytest.mark.xdist_group("served")


@pytest.fixture(scope="module")
def city(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "city"
    shutil.copytree(sample_workspace, folder)
    return folder


@pytest.fixture(scope="module")
def url(city: Path) -> Iterator[str]:
    with served(city, city.parent / "log.txt", "--address", "127.0.0.1") as found:
        yield found


def cookies(url: str, role: Role) -> str:
    with httpx.Client(base_url=url, headers={"origin": url}) as client:
        form = {"name": f"sample-{role}", "password": sample_password(role)}
        assert client.post("/account/sign-in", data=form).status_code == 303
        client.get("/_stcore/health")
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


def open_socket(url: str, cookie: str, *more: str, origin: str | None = "own") -> connect:
    xsrf = next(
        (part[16:] for part in cookie.split("; ") if part.startswith("_streamlit_xsrf")), ""
    )
    return connect(
        f"{url.replace('http', 'ws')}/_stcore/stream",
        additional_headers={"Cookie": cookie} if cookie else {},
        origin=url if origin == "own" else origin,  # type: ignore[arg-type]
        subprotocols=["streamlit", xsrf or "none", *more],  # type: ignore[list-item]
        max_size=None,
    )


async def run(connection: ClientConnection, url: str) -> list[ForwardMsg]:
    """Run the first page; give all that the server says until it is drawn."""
    asked = BackMsg()
    asked.rerun_script.query_string = "lang=en"
    asked.rerun_script.context_info.url = f"{url}/"
    await connection.send(asked.SerializeToString())
    said: list[ForwardMsg] = []
    async with asyncio.timeout(60):
        while not said or said[-1].WhichOneof("type") != "script_finished":
            said.append(ForwardMsg())
            said[-1].ParseFromString(await connection.recv())
    return said


def session_of(said: list[ForwardMsg]) -> str:
    return next(m.new_session.initialize.session_id for m in said if m.HasField("new_session"))


def names(said: list[ForwardMsg], role: Role) -> bool:
    """Tell whether what was said greets somebody of a role."""
    return any(f"sample-{role}".encode() in message.SerializeToString() for message in said)


def responds(url: str) -> float:
    start = time.monotonic()
    assert httpx.get(f"{url}/healthz", timeout=5).is_success
    return time.monotonic() - start


def test_no_message_of_a_page_says_where_the_app_lies(url: str) -> None:
    async def ask() -> list[ForwardMsg]:
        async with open_socket(url, "") as connection:
            return await run(connection, url)

    said = b"".join(message.SerializeToString() for message in asyncio.run(ask()))
    assert b"main" in said
    assert str(ROOT).encode() not in said
    assert b"site-packages" not in said


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/agent/", "/_stcore/agent/x", "/_stcore/script-health-check"],
)
def test_what_tells_of_the_inside_is_not_there_for_others(url: str, path: str) -> None:
    answer = httpx.get(url + path, headers={"x-forwarded-for": "203.0.113.9"})
    assert answer.status_code in {403, 404}
    assert "python" not in answer.text.lower()


def test_the_number_of_anothers_page_opens_a_page_of_ones_own(url: str) -> None:
    planner, township = cookies(url, "planner"), cookies(url, "township")

    async def steal() -> None:
        async with open_socket(url, planner) as own:
            seen = await run(own, url)
            async with open_socket(url, township, session_of(seen)) as thief:
                stolen = await run(thief, url)
            assert session_of(stolen) != session_of(seen)
            assert names(seen, "planner")
            assert names(stolen, "township")
            assert not names(stolen, "planner")
            again = await run(own, url)  # and whoever was robbed works on
            assert session_of(again) == session_of(seen)

    asyncio.run(steal())


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9", "null"])
def test_a_page_of_another_site_is_turned_away_at_once(url: str, origin: str) -> None:
    cookie = cookies(url, "planner")

    async def knock() -> None:
        async with open_socket(url, cookie, origin=origin):
            pass

    start = time.monotonic()
    with pytest.raises(InvalidStatus):
        asyncio.run(knock())
    # Nobody is asked about names or addresses: on a closed network that would stop all pages.
    assert time.monotonic() - start < 2


def test_a_web_socket_without_an_origin_is_nobodys(url: str) -> None:
    cookie = cookies(url, "planner")

    async def ask(origin: str | None) -> bool:
        async with open_socket(url, cookie, origin=origin) as connection:
            return names(await run(connection, url), "planner")

    assert asyncio.run(ask("own"))
    assert not asyncio.run(ask(None))


def test_those_who_speak_slowly_hold_up_nobody(url: str) -> None:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    held = [socket.create_connection((host, port)) for _ in range(150)]
    try:
        for number, slow in enumerate(held):
            begun = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
            body = b"POST /api/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n{"
            slow.sendall(begun if number % 2 else body)
        assert max(responds(url) for _ in range(5)) < 2
    finally:
        for slow in held:
            slow.close()
    assert responds(url) < 2


def test_idle_connections_are_dropped(url: str) -> None:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    with socket.create_connection((host, port), timeout=20) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"200" in idle.recv(4096)
        while idle.recv(4096):
            pass  # the end comes from the server, or the test times out


def test_headers_without_end_are_not_read(url: str) -> None:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    with socket.create_connection((host, port), timeout=10) as endless:
        endless.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        taken = 0
        with suppress(OSError):  # reset on the way
            while taken < 400 and not select.select([endless], [], [], 0.001)[0]:
                endless.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
                taken += 1
        assert taken < 200  # some kilobytes beyond the bound lie on the way
    assert responds(url) < 2


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_what_breaks_off_on_the_way_was_never_sent(url: str, city: Path, share: float) -> None:
    ring = [[110.4, 29.1], [110.401, 29.1], [110.401, 29.101], [110.4, 29.1]]
    parcel = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    body = json.dumps(parcel).encode()
    cookie = cookies(url, "planner")
    counted = count_checks(city)
    host, port = urlsplit(url).hostname, urlsplit(url).port
    head = (
        f"POST /api/check?store=1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {url}\r\n"
        f"Cookie: {cookie}\r\nContent-Type: application/geo+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection((host, port)) as torn:
        torn.sendall(head + body[: int(len(body) * share)])
    time.sleep(0.2)
    assert responds(url) < 2
    assert count_checks(city) == counted
    with socket.create_connection((host, port), timeout=20) as whole:  # and again, whole
        whole.sendall(head + body)
        assert b" 200 " in whole.recv(4096).split(b"\r\n")[0]
    assert count_checks(city) == counted + 1


def count_checks(city: Path) -> int:
    with sqlite3.connect(city / "register.db") as register:
        return int(register.execute("SELECT count(*) FROM saved_check").fetchone()[0])
