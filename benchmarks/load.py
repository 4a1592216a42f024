"""Many people at once: real pages over web sockets beside a flood of tiles, and what it costs.

    python benchmarks/load.py WORKSPACE --sessions 50 --tiles 50 --seconds 60

Serves a sample city, signs in as its sample accounts, and lets so many sessions open pages as a
browser does, with pauses of 2 to 6 s, while tiles are asked for at a fixed rate whether or not
they are answered. Prints one table.
"""

import argparse
import asyncio
import random
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from geoapp.access.accounts import ACCOUNT_ROLES, sample_password

PAUSE_S: Final = (2.0, 6.0)
PAGES: Final = ("overview", "statistics", "parcel_check", "demolition")
START_S: Final = 90
RUN_LIMIT_S: Final = 60
TILE_LAYERS: Final = ("landuse", "ecological_redline", "permanent_farmland", "township")
EAST: Final = 110.48  # about the middle of the sample city
SOUTH: Final = 29.12


@dataclass
class Figures:
    """What was seen."""

    runs_s: list[float] = field(default_factory=list)
    tiles_s: list[float] = field(default_factory=list)
    health_s: list[float] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def sign_in(url: str, role: str) -> httpx.Cookies:
    """Sign in once for each role; its sessions share the cookie, as tabs of a browser do."""
    async with httpx.AsyncClient(base_url=url, headers={"origin": url}) as client:
        form = {"name": f"sample-{role}", "password": sample_password(role)}  # type: ignore[arg-type]
        answer = await client.post("/account/sign-in", data=form)
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise SystemExit(answer.text)
        await client.get("/_stcore/host-config")
        await client.get("/_stcore/health")
        return client.cookies


async def visit(url: str, cookies: httpx.Cookies, figures: Figures, end: float) -> None:
    """Open pages one after another until the time is up."""
    written = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies.jar)
    xsrf = cookies.get("_streamlit_xsrf") or ""
    hashes: dict[str, str] = {}
    await asyncio.sleep(random.uniform(0, PAUSE_S[1]))
    async with connect(
        f"{url.replace('http', 'ws')}/_stcore/stream",
        additional_headers={"Cookie": written},
        origin=url,  # type: ignore[arg-type]
        subprotocols=["streamlit", xsrf] if xsrf else ["streamlit"],  # type: ignore[list-item]
        max_size=None,
    ) as socket_:
        page = ""
        while time.monotonic() < end:
            start = time.monotonic()
            await run_page(socket_, hashes, page, url)
            figures.runs_s.append(time.monotonic() - start)
            await asyncio.sleep(random.uniform(*PAUSE_S))
            page = random.choice(PAGES)


async def run_page(socket_: Any, hashes: dict[str, str], page: str, url: str) -> None:
    """Ask for a page and wait until its script has finished."""
    asked = BackMsg()
    asked.rerun_script.query_string = "lang=zh"
    asked.rerun_script.page_script_hash = hashes.get(page, "")
    asked.rerun_script.context_info.url = f"{url}/{page}"
    await socket_.send(asked.SerializeToString())
    async with asyncio.timeout(RUN_LIMIT_S):
        while True:
            message = ForwardMsg()
            message.ParseFromString(await socket_.recv())
            if message.HasField("navigation"):
                for known in message.navigation.app_pages:
                    hashes[known.url_pathname or "overview"] = known.page_script_hash
            if message.WhichOneof("type") == "script_finished":
                return


async def flood(
    url: str, cookies: list[httpx.Cookies], rate: float, figures: Figures, end: float
) -> None:
    """Ask for tiles at a rate, answered or not."""
    limits = httpx.Limits(max_connections=200)
    clients = [httpx.AsyncClient(base_url=url, cookies=c, limits=limits) for c in cookies]
    asking: set[asyncio.Task[None]] = set()
    while time.monotonic() < end:
        task = asyncio.create_task(ask_tile(random.choice(clients), figures))
        asking.add(task)
        task.add_done_callback(asking.discard)
        await asyncio.sleep(1 / rate)
    await asyncio.gather(*asking)
    for client in clients:
        await client.aclose()


async def ask_tile(client: httpx.AsyncClient, figures: Figures) -> None:
    """Ask for one tile somewhere in the city."""
    zoom = random.randint(11, 16)
    column = int((EAST + random.uniform(-0.4, 0.4) + 180) / 360 * 2**zoom)
    row = int((0.5 - (SOUTH + random.uniform(-0.2, 0.2)) / 360 * 1.09) * 2**zoom)
    start = time.monotonic()
    path = f"/tiles/{random.choice(TILE_LAYERS)}/{zoom}/{column}/{row}.mvt"
    try:
        answer = await client.get(path, timeout=30)
    except httpx.HTTPError as error:
        figures.errors.append(type(error).__name__)
        return
    if answer.status_code in {200, 204, 404}:
        figures.tiles_s.append(time.monotonic() - start)
    else:
        figures.refused[answer.status_code] = figures.refused.get(answer.status_code, 0) + 1


async def watch(url: str, pid: int, figures: Figures, end: float) -> None:
    """Look at health, memory and open files."""
    async with httpx.AsyncClient(base_url=url) as client:
        while time.monotonic() < end:
            start = time.monotonic()
            await client.get("/_stcore/health", timeout=30)
            figures.health_s.append(time.monotonic() - start)
            look_at(pid, figures)
            await asyncio.sleep(0.25)


def look_at(pid: int, figures: Figures) -> None:
    """Note memory and open files of the server."""
    status = Path(f"/proc/{pid}/status").read_text()
    held = next(part for part in status.splitlines() if part.startswith("VmRSS"))
    figures.rss_mb.append(int(held.split()[1]) / 1024)
    figures.files.append(len(list(Path(f"/proc/{pid}/fd").iterdir())))


async def measure(url: str, pid: int, options: argparse.Namespace) -> Figures:
    """Let all of them loose at once."""
    figures, cookies = Figures(), [await sign_in(url, role) for role in ACCOUNT_ROLES]
    end = time.monotonic() + options.seconds
    visits = [
        visit(url, cookies[number % len(cookies)], figures, end)
        for number in range(options.sessions)
    ]
    work = [*visits, watch(url, pid, figures, end)]
    if options.tiles:
        work.append(flood(url, cookies, options.tiles, figures, end))
    results = await asyncio.gather(*work, return_exceptions=True)
    figures.errors += [repr(result) for result in results if isinstance(result, BaseException)]
    return figures


def line(name: str, seconds: list[float]) -> str:
    """Word a row of the table."""
    if not seconds:
        return f"{name:<10} none"
    at_95 = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
    return (
        f"{name:<10} n={len(seconds):<6} p50={statistics.median(seconds) * 1000:7.0f} ms  "
        f"p95={at_95 * 1000:7.0f} ms  max={max(seconds) * 1000:7.0f} ms"
    )


def main() -> None:
    """Serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--tiles", type=float, default=50, help="a second")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "geoapp.cli", "--workspace", str(options.workspace)]
    server = subprocess.Popen([*command, "serve", "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                if httpx.get(f"{url}/healthz").is_success:
                    break
            except httpx.HTTPError:
                time.sleep(0.5)
        figures = asyncio.run(measure(url, server.pid, options))
    finally:
        server.terminate()
        server.wait(30)
    held = f"{min(figures.rss_mb):.0f} to {max(figures.rss_mb):.0f} MB"
    lines = [
        line("page run", figures.runs_s),
        line("tile", figures.tiles_s),
        line("health", figures.health_s),
        f"refused    {figures.refused or 'none'}   errors {figures.errors[:5] or 'none'}",
        f"memory     {held}, at the end {figures.rss_mb[-1]:.0f}   files {max(figures.files)}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
