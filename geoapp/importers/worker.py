"""The process in which foreign files are read: ``python -m geoapp.importers.worker``.

It loads the reading libraries once, then forks for every order. A child has little memory,
little time and no formats of GDAL but those of the import desk; whatever a file does to it,
the app that asked gets one clear sentence. Orders come in on a socket that is handed over
at start, each with a channel of its own for the answer.
"""

import array
import contextlib
import dataclasses
import json
import logging
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Final

from geoapp.errors import FileError, GeoAppError

_MOST_ORDER_BYTES: Final = 1 << 20
_GIB: Final = 1024**3
BASE_SECONDS: Final = 30
_BYTES_A_SECOND: Final = 2 * 1024**2
_BASE_MEMORY_BYTES: Final = 3 * _GIB
_MEMORY_PER_BYTE: Final = 4
_MOST_OPEN_FILES: Final = 512
_STACK_BYTES: Final = 8 * 1024**2
_LOG = logging.getLogger(__name__)


def main(descriptor: int) -> None:
    """Serve orders until the other side closes its end."""
    _load_libraries()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children need not be waited for
    control = socket.socket(fileno=descriptor)
    while True:
        try:
            order, channel = _receive(control)
        except OSError:
            return
        if channel is None:
            return
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _answer(order, channel)
            os._exit(0)
        channel.close()


def seconds_for(size: int, seconds: float = BASE_SECONDS) -> int:
    """Tell how long a file of a size may be read."""
    return max(1, int(seconds + size / _BYTES_A_SECOND))


def _load_libraries() -> None:
    """Load what every order needs; not what only the caller needs, to start quickly."""
    sys.meta_path.insert(0, _Unneeded())
    from geoapp.importers import registry  # noqa: PLC0415, F401 - loaded for the children


class _Unneeded:
    """Says that libraries which only the caller needs are not installed: a second saved."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Refuse an import; leave every other to the next finder."""
        if name in {"geopandas", "pandas"}:
            raise ImportError(name)


def _receive(control: socket.socket) -> tuple[dict[str, Any], socket.socket | None]:
    sizes = socket.CMSG_LEN(array.array("i").itemsize)
    message, ancillary, _, _ = control.recvmsg(_MOST_ORDER_BYTES, sizes)
    if not message or not ancillary:
        return {}, None
    [descriptor] = array.array("i", ancillary[0][2])
    return json.loads(message), socket.socket(fileno=descriptor)


def _answer(order: dict[str, Any], channel: socket.socket) -> None:
    """Do one order in a child and send the answer: a result, or an error by code and facts."""
    try:
        _limit(int(order["size"]), float(order["seconds"]))
        answer: dict[str, Any] = {"result": _do(order)}
    except GeoAppError as error:
        answer = {"error": [type(error).__name__, error.code, error.facts]}
    except MemoryError:
        answer = _failed(FileError("reading-stopped", file=order["name"]))
    except RecursionError:
        answer = _failed(FileError("file-damaged", file=order["name"], reason="recursion"))
    except Exception as error:  # noqa: BLE001
        # The edge: a library failed in a way that its reader does not know.
        _LOG.exception("reading %s", order["name"])
        answer = _failed(FileError("file-damaged", file=order["name"], reason=type(error).__name__))
    with contextlib.suppress(OSError):
        channel.sendall(json.dumps(answer, default=str).encode())


def _failed(error: FileError) -> dict[str, Any]:
    return {"error": [type(error).__name__, error.code, error.facts]}


def _do(order: dict[str, Any]) -> dict[str, Any] | list[Any]:
    from geoapp.importers import registry  # noqa: PLC0415 - loaded before the fork
    from geoapp.importers.job import Job  # noqa: PLC0415

    facts = order["job"]
    job = Job(
        **facts
        | {
            "paths": tuple(Path(path) for path in facts["paths"]),
            "scratch": Path(facts["scratch"]),
        }
    )
    if job.task == "read":
        return registry.read(job)
    if job.task == "list":
        return [dataclasses.asdict(one) for one in registry.list_layers(job)]
    return [dataclasses.asdict(one) for one in registry.find_encodings(job)]


def _limit(size: int, base_seconds: float) -> None:
    """Hold this process to its share; the kernel ends it when it takes more."""
    seconds = seconds_for(size, base_seconds)
    memory = _BASE_MEMORY_BYTES + _MEMORY_PER_BYTE * size
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: memory + _GIB,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _MOST_OPEN_FILES,
        resource.RLIMIT_STACK: _STACK_BYTES,
    }
    for limit, value in limits.items():
        _, hard = resource.getrlimit(limit)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)  # noqa: PLW2901
        resource.setrlimit(limit, (value, value))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]))
