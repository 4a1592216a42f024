"""A real server, and what a browser and a person who is no friend send to it."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from geoapp.access.accounts import sample_password
from tests.conftest import ROOT, clean_environment

START_S: Final = 90
RUN_S: Final = 60


@dataclass
class Server:
    """A server of one city.

    Attributes:
        leaving: What tried to leave this machine, a line each.
    """

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path
    left: Path

    @property
    def leaving(self) -> list[str]:
        return self.left.read_text().splitlines()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def health_s(self) -> float:
        start = time.monotonic()
        with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=30) as reply:
            assert reply.status == 200
        return time.monotonic() - start

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1000

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


@contextmanager
def served_offline(workspace: Path, folder: Path) -> Iterator[Server]:
    """Serve a city to people who sign in, where no name server answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url, log, left = f"http://127.0.0.1:{port}", folder / "log.txt", folder / "left.txt"
    command = [sys.executable, "-m", "tests.web.guard.offline_server", str(left)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--workspace", str(workspace), "serve", "--port", str(port)],
            cwd=ROOT, env=clean_environment(), stdout=out, stderr=out,
        )  # fmt: skip
    server = Server(url, process, log, left)
    try:
        end = time.monotonic() + START_S
        while not _answers(server):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        yield server
    finally:
        process.kill()
        process.wait(30)


def _answers(server: Server) -> bool:
    try:
        server.health_s()
    except OSError:
        return False
    return True


@contextmanager
def visit_server(server: Server, role: str = "public") -> Iterator[httpx.Client]:
    """Open the app as a browser would, signed in as somebody of a role."""
    headers = {"origin": server.url}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
        if role != "public":
            form = {"name": f"sample-{role}", "password": sample_password(role)}  # type: ignore[arg-type]
            assert client.post("/account/sign-in", data=form).status_code == 303
        client.get("/_stcore/health")  # hands out Streamlit's own token against foreign forms
        yield client


def cookies_of(client: httpx.Client) -> str:
    """Word the cookies of a browser as it sends them."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


class Page:
    """A page of the app in a browser, by its web socket."""

    def __init__(self, server: Server, client: httpx.Client, *, session: str = "") -> None:
        written = cookies_of(client)
        self._url = server.url
        xsrf = client.cookies.get("_streamlit_xsrf") or "-"
        spoken = ["streamlit", xsrf, session] if session else ["streamlit"]
        self._open = ExitStack()
        self._socket: ClientConnection = self._open.enter_context(
            connect(
                f"ws://127.0.0.1:{server.port}/_stcore/stream",
                additional_headers={"Cookie": written} if written else {},
                origin=server.url,  # type: ignore[arg-type]
                subprotocols=spoken,  # type: ignore[list-item]
                max_size=None,
            )
        )
        self.hashes: dict[str, str] = {}
        self.offered: set[str] = set()
        self.session = ""

    def send(self, wish: BackMsg) -> None:
        self._socket.send(wish.SerializeToString())

    def run(self, name: str = "") -> list[ForwardMsg]:
        """Run a page; give all that the server said of it."""
        wish = BackMsg()
        wish.rerun_script.query_string = "lang=zh"
        wish.rerun_script.page_script_hash = self.hashes.get(name, "")
        wish.rerun_script.context_info.url = f"{self._url}/{name}"
        self.send(wish)
        said = []
        while not said or said[-1].WhichOneof("type") != "script_finished":
            said.append(self.hear(RUN_S))
        return said

    def hear(self, patience_s: float) -> ForwardMsg:
        message = ForwardMsg()
        content: Any = self._socket.recv(timeout=patience_s)
        message.ParseFromString(content)
        if message.HasField("navigation"):
            pages = message.navigation.app_pages
            self.offered = {page.url_pathname for page in pages if not page.is_hidden}
            for page in pages:
                self.hashes[page.url_pathname or "overview"] = page.page_script_hash
        if message.HasField("new_session"):
            self.session = message.new_session.initialize.session_id or self.session
        return message

    def close(self) -> None:
        self._open.close()
