"""Starting the web app.

Through uvicorn rather than ``streamlit run``, which never switches off Nagle's algorithm on
its socket and so adds some 44 ms to every reply.
"""

import logging
import os
from contextlib import suppress
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Final

import shapely
import uvicorn

from geoapp.bootstrap import shared_workspace
from geoapp.errors import ChoiceError, FileError, GeoAppError
from geoapp.i18n import Lang
from geoapp.overlay.warming import warm_up
from geoapp.reports.sheet_warming import warm_up_sheets
from geoapp.settings import read_settings
from geoapp.tiles.warming import warm_tiles
from geoapp.web.guard.prompt import PromptProtocol
from geoapp.web.routes import assets_installed

_ENTRY: Final = "streamlit_app"  # the same entry that `streamlit run` uses
_SMALL_DEG: Final = 0.001
_KEEP_ALIVE_S: Final = 5
_MOST_CONNECTIONS: Final = 1000  # a web socket of the pages takes four files of the process
_MOST_HEADER_BYTES: Final = 32_768


def require_loopback(address: str) -> None:
    """Stop unless only this machine can reach an address.

    Raises:
        ChoiceError: Others can, or it is no address.
    """
    try:
        alone = address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        alone = False
    if not alone:
        raise ChoiceError("serve-not-loopback", address=address)


def run_server(workspace: Path, address: str, port: int, lang: Lang, *, sign_in: bool) -> None:
    """Serve the app until it is stopped.

    Raises:
        FileError: The browser assets were never installed.
        ChoiceError: Nobody is to sign in, and the address is not this machine's alone.
    """
    if not assets_installed():
        raise FileError("assets-missing")
    if not sign_in:
        require_loopback(address)
    os.environ["GEOAPP_WORKSPACE"] = str(workspace.resolve())
    os.environ["GEOAPP_LANG"] = lang
    os.environ["GEOAPP_SIGN_IN"] = "true" if sign_in else "false"
    Thread(target=_warm_up, name="warm-up", daemon=True).start()
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    proxies = read_settings().trusted_proxies
    uvicorn.run(
        import_module(_ENTRY).app,
        host=address,
        port=port,
        http=PromptProtocol,
        ws="websockets-sansio",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        limit_concurrency=_MOST_CONNECTIONS,
        h11_max_incomplete_event_size=_MOST_HEADER_BYTES,
        server_header=False,
        proxy_headers=bool(proxies),  # else anybody could claim to be at another address
        forwarded_allow_ips=proxies or "",
    )


def _warm_up() -> None:
    warm_up()
    warm_tiles()
    warm_up_sheets()
    with suppress(GeoAppError):  # a page says what is wrong
        _open_layers()


def _open_layers() -> None:
    """Open every layer, so that the first who draws does not wait for all of them."""
    workspace = shared_workspace()
    box = workspace.city.extent
    x, y = (box.west + box.east) / 2, (box.south + box.north) / 2
    workspace.what_if(shapely.box(x, y, x + _SMALL_DEG, y + _SMALL_DEG))
