"""Who says what is wanted too slowly is hung up on; others never notice."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from geoapp.web.guard import body
from geoapp.web.guard.guard import Guard
from geoapp.web.guard.prompt import PromptProtocol
from tests.web.guard.knocking import Door

HEAD_S = 0.4


class Hasty(PromptProtocol):
    head_s = HEAD_S


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server as ``geoapp serve`` sets it up, but hastier."""
    routes = [Route("/{rest:path}", _echo, methods=["GET", "POST"])]
    app = Starlette(routes=routes, middleware=[Middleware(Guard)])
    config = uvicorn.Config(
        app, port=0, http=Hasty, log_level="critical", timeout_keep_alive=2, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def send_slowly(port: int, parts: list[bytes], pause_s: float) -> tuple[bytes, float]:
    """Send parts with pauses; give what came back and when the connection was over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    start = time.monotonic()

    async def send() -> None:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause_s)

    sending = asyncio.create_task(send())
    try:
        answer = await asyncio.wait_for(reader.read(), 8)
    except ConnectionError:
        answer = b""
    taken = time.monotonic() - start
    sending.cancel()
    writer.close()
    return answer, taken


@pytest.mark.parametrize("begun", [b"", b"GET / HTT", HEAD])
def test_a_head_that_drips_in_is_not_waited_for(port: int, begun: bytes) -> None:
    dripping = [begun, *[b"X-%d: a\r\n" % n if begun == HEAD else b"" for n in range(50)]]
    answer, taken = asyncio.run(send_slowly(port, dripping, HEAD_S / 4))
    assert answer == b""
    assert HEAD_S * 0.8 < taken < HEAD_S * 4


def test_a_second_request_that_is_only_begun_is_not_waited_for_either(port: int) -> None:
    parts = [HEAD + b"\r\n", b"GET / HT", *[b"T"] * 50]
    answer, taken = asyncio.run(send_slowly(port, parts, HEAD_S / 4))
    assert answer.startswith(b"HTTP/1.1 200")
    assert taken < HEAD_S * 5


def test_whoever_is_only_slow_to_go_on_is_served(port: int) -> None:
    """Between requests the usual pause holds; a long body may come while the head was prompt."""
    last = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer, _ = asyncio.run(send_slowly(port, [HEAD + b"\r\n", last], HEAD_S * 2))
    assert answer.count(b"HTTP/1.1 200") == 2
    post = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\n"
    answer, _ = asyncio.run(send_slowly(port, [post, *[b"x"] * 4], HEAD_S / 2))
    assert answer.endswith(b"4")


def test_many_who_drip_keep_nobody_else_out(port: int) -> None:
    async def many() -> float:
        slow = [asyncio.create_task(send_slowly(port, [b"GET"], 5)) for _ in range(100)]
        await asyncio.sleep(0.1)
        last = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answer, taken = await send_slowly(port, [last], 0)
        assert answer.startswith(b"HTTP/1.1 200")
        for _, ended in await asyncio.gather(*slow):
            assert ended < HEAD_S * 6
        return taken

    assert asyncio.run(many()) < 2


def test_a_body_that_drips_in_is_broken_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "PATIENCE_S", 0.3)
    post = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n"
    answer, taken = asyncio.run(send_slowly(port, [post, *[b"x"] * 100], 0.05))
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body-too-slow" in answer
    assert taken < 3


def test_a_body_that_comes_steadily_has_all_the_time_it_needs(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "PATIENCE_S", 0.3)
    parts = [b"x" * 1000] * 8
    post = (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 8000\r\n\r\n"
    )
    answer, taken = asyncio.run(send_slowly(port, [post, *parts], 0.1))
    assert answer.endswith(b"8000")
    assert taken > 0.3


def test_what_a_route_does_with_a_part_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "PATIENCE_S", 0.2)
    door = Door()

    async def thinking(scope, receive, send):  # type: ignore[no-untyped-def]
        for _ in range(4):
            await receive()
            await asyncio.sleep(0.15)
        await PlainTextResponse("done")(scope, receive, send)

    door.guard._app = thinking
    assert door.knock("/x", method="POST", chunks=(b"a",) * 4).status == 200
