"""Starting the web app.

Through uvicorn rather than ``streamlit run``, which never switches off Nagle's algorithm on
its socket and so adds some 44 ms to every reply.
"""

import logging
import os
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from geoapp.errors import FileError
from geoapp.i18n import Lang
from geoapp.overlay.warming import warm_up
from geoapp.reports.sheet_warming import warm_up_sheets
from geoapp.tiles.warming import warm_tiles
from geoapp.web.routes import assets_installed

HOST: Final = "127.0.0.1"
_ENTRY: Final = "streamlit_app"  # the same entry that `streamlit run` uses
_LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


class LoopbackOnly:
    """Refuses requests that were not addressed to this machine by its own name.

    Until people sign in, whoever reaches the server is its administrator. A page of another
    site could reach it through the browser of somebody sitting here: by a name that points
    to the loopback address, or by opening a web socket. Neither passes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] in {"http", "websocket"} and not _from_here(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await send({"type": "http.response.start", "status": 421, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)


def _from_here(scope: Scope) -> bool:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get(b"host", "")
    if host.rpartition(":")[0] not in _LOOPBACK_NAMES and host not in _LOOPBACK_NAMES:
        return False
    origin = headers.get(b"origin")
    return scope["type"] == "http" or origin is None or origin == f"http://{host}"


def _warm_up() -> None:
    warm_up()
    warm_tiles()
    warm_up_sheets()


def run_server(workspace: Path, port: int, lang: Lang) -> None:
    """Serve the app until it is stopped.

    Raises:
        FileError: The browser assets were never installed.
    """
    if not assets_installed():
        raise FileError("assets-missing")
    os.environ["GEOAPP_WORKSPACE"] = str(workspace.resolve())
    os.environ["GEOAPP_LANG"] = lang
    Thread(target=_warm_up, name="warm-up", daemon=True).start()
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    uvicorn.run(
        LoopbackOnly(import_module(_ENTRY).app),
        host=HOST,
        port=port,
        ws="websockets-sansio",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
    )
