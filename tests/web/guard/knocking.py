"""Knocking at the guard's door without a server: one raw request, what came back."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from geoapp.web.guard.caller import Caller
from geoapp.web.guard.guard import Guard


@dataclass
class Behind:
    """Stands behind the guard and notes what reaches it."""

    seen: list[Scope] = field(default_factory=list)
    read: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope)
        if scope["type"] == "http":
            while self.read and (await receive()).get("more_body"):
                pass
            await PlainTextResponse("inside")(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.accept"})

    @property
    def caller(self) -> Caller:
        caller = self.seen[-1]["caller"]
        assert isinstance(caller, Caller)
        return caller

    def header(self, name: str) -> list[str]:
        headers = self.seen[-1]["headers"]
        return [value.decode("latin-1") for key, value in headers if key == name.encode()]


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


@dataclass
class Door:
    """A guard and what stands behind it."""

    behind: Behind = field(default_factory=Behind)
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.guard = Guard(self.behind, **self.more)

    def knock(self, path: str = "/", headers: Any = (), **facts: Any) -> Reply:
        return asyncio.run(self.ask(path, headers, **facts))

    async def ask(
        self,
        path: str = "/",
        headers: Mapping[str, str] | list[tuple[str, str]] = (),  # type: ignore[assignment]
        *,
        method: str = "GET",
        kind: str = "http",
        address: str = "127.0.0.1",
        scheme: str = "http",
        chunks: tuple[bytes, ...] = (b"",),
    ) -> Reply:
        pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
        if not any(name == "host" for name, _ in pairs):
            pairs.append(("host", "localhost:8501"))
        plain, _, query = path.partition("?")
        scope = {
            "type": kind,
            "method": method,
            "path": plain,
            "query_string": query.encode(),
            "scheme": scheme if kind == "http" else scheme.replace("http", "ws"),
            "client": (address, 50000),
            "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in pairs],
        }
        coming = [
            {"type": "http.request", "body": part, "more_body": index < len(chunks) - 1}
            for index, part in enumerate(chunks)
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            return coming.pop(0) if coming else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.guard(scope, receive, send)
        return _read(sent)


def _read(sent: list[Message]) -> Reply:
    first = sent[0]
    if first["type"] == "websocket.accept":
        return Reply(101, {}, b"")
    if first["type"] == "websocket.close":
        return Reply(first["code"], {}, b"")
    headers = {key.decode(): value.decode("latin-1") for key, value in first["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Reply(first["status"], headers, body)
