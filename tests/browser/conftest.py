"""A real server and a real browser; whatever leaves this machine fails the test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests.browser.screen import Screen
from tests.serving import ROOT, served

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})
LOCAL_SCHEMES: Final = frozenset({"data", "blob", "about"})
# On a deep link Streamlit looks for its own base path one folder down first; not a fault.
# Lists of backgrounds may be missing; the map does without.
PROBES: Final = ("/_stcore/health", "/_stcore/host-config")
DESK: Final = {"width": 1440, "height": 900}
QUIET: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium, and this is CI")
        pytest.skip("no chromium on this machine")
    return {"executable_path": chromium, "headless": True, "args": list(QUIET)}


@pytest.fixture(scope="session")
def base_url(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the sample city."""
    with served(sample_workspace, tmp_path_factory.mktemp("server") / "log.txt") as url:
        yield url


@pytest.fixture(scope="module")
def address(city: Path) -> Iterator[str]:
    """Serve this file's own city."""
    with served(city, city.parent / "log.txt") as url:
        yield url


def is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in LOCAL_SCHEMES or parts.hostname in LOOPBACK


class Witness:
    """Notes what must not happen in a browser context."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.expected: list[str] = []  # parts of console messages that a test provokes

    def watch(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self.see(request.url))
        context.on("console", self.hear)
        context.on("weberror", lambda fault: self.faults.append(f"page error: {fault.error}"))
        context.on("page", self.watch_page)

    def watch_page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self.see(socket.url))

    def see(self, url: str) -> None:
        self.requests.append(url)
        if not is_local(url):
            self.faults.append(f"left this machine: {url}")

    def hear(self, message: ConsoleMessage) -> None:
        where = message.location["url"]
        if any(part in message.text for part in self.expected):
            return
        if message.type == "error" and not urlsplit(where).path.endswith(PROBES):
            self.faults.append(f"console: {message.text} ({where})")


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], witness: Witness
) -> Iterator[Callable[..., BrowserContext]]:
    """Every context is watched; what the witness saw fails the test."""

    def make(**options: Any) -> BrowserContext:
        context = new_context(**({"viewport": DESK} | options))
        witness.watch(context)
        return context

    yield make
    assert not witness.faults, "\n".join(witness.faults)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "reduced_motion": "reduce"}


@pytest.fixture
def screen(page: Page, base_url: str) -> Screen:
    return Screen(page, base_url)


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go, for people to look at."""
    folder = ROOT / "test-results" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def ask_cli(sample_workspace: Path) -> Callable[..., dict[str, Any]]:
    """Ask the command line for statistics, as JSON."""
    import json

    def ask(*arguments: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "geoapp.cli", "--workspace", str(sample_workspace)]
        reply = subprocess.run(
            [*command, "--json", "stats", *arguments], cwd=ROOT, capture_output=True, check=True
        )
        return json.loads(reply.stdout)

    return ask
