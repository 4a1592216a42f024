"""Asking the worker process, from the side of the app.

One worker is started at the first order and kept; it forks for each. If it was lost it is
started again.
"""

import array
import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from geoapp import errors
from geoapp.errors import FileError, InputError
from geoapp.importers.job import Job
from geoapp.importers.worker import BASE_SECONDS, seconds_for

# Every format of GDAL but the five that are read: a test asks the worker what is left.
_SWITCHED_OFF: Final = (
    "MEM PCIDSK PDS4 VICAR PDF MBTiles EEDA OGCAPI GDALG,MapInfo File,LVBAG S57 DGN OGR_VRT "
    "CSV GML GPX KML GeoJSONSeq ESRIJSON TopoJSON OGR_GMT SQLite WAsP DXF FlatGeobuf GeoRSS "
    "VFK PGDUMP OSM GPSBabel OGR_PDS WFS OAPIF EDIGEO Idrisi ODS XLSX Elasticsearch Carto "
    "AmigoCloud SXF Selafin JML PLSCENES CSW VDV MVT NGW MapML GTFS PMTiles JSONFG "
    "MiraMonVector ADBC AVCBin AVCE00 AIVector HTTP"
)
_ENVIRONMENT: Final = {
    "GDAL_SKIP": ",".join(
        name
        for part in _SWITCHED_OFF.split(",")
        for name in ([part] if part == "MapInfo File" else part.split())
    ),
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/none",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_NUM_THREADS": "1",
    "OGR_ARC_STEPSIZE": "0.1",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
    "PROJ_NETWORK": "OFF",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
}
_GRACE_SECONDS: Final = 5.0
_PACKAGE_PARENT: Final = str(Path(__file__).resolve().parents[2])


class _Worker:
    """The process, and the socket on which orders go to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def send(self, order: bytes, channel: socket.socket) -> None:
        """Hand over an order with the channel for its answer; start the worker if need be."""
        with self._lock:
            for fresh in (False, True):
                control = self._running(fresh=fresh)
                try:
                    control.sendmsg(
                        [order],
                        [
                            (
                                socket.SOL_SOCKET,
                                socket.SCM_RIGHTS,
                                array.array("i", [channel.fileno()]),
                            )
                        ],
                    )
                except OSError:
                    if fresh:
                        raise
                else:
                    return

    def close(self) -> None:
        """End the worker: it leaves when its socket closes."""
        if self._control is not None:
            self._control.close()
        if self._process is not None and self._owner == os.getpid():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_SECONDS)
        self._process = self._control = None

    def _running(self, *, fresh: bool) -> socket.socket:
        running = self._process is not None and self._process.poll() is None
        if self._control is not None and running and not fresh and self._owner == os.getpid():
            return self._control
        self.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        path = os.pathsep.join(filter(None, [_PACKAGE_PARENT, os.environ.get("PYTHONPATH")]))
        environment = os.environ | _ENVIRONMENT | {"PYTHONPATH": path}
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no text of a user
            [sys.executable, "-m", "geoapp.importers.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        theirs.close()
        self._control, self._owner = ours, os.getpid()
        return ours


_WORKER: Final = _Worker()
atexit.register(_WORKER.close)


def run(job: Job, name: str, *, seconds: float = BASE_SECONDS) -> Any:
    """Have an order done in the worker.

    Args:
        job: The order.
        name: How the file is called where a person is told about it.
        seconds: What a small file may take; large ones get more.

    Raises:
        InputError: What the reader found, or that reading was stopped: it needed more time
            or memory than is given, or brought the worker down.
    """
    size = _size(job, name)
    facts = asdict(job) | {"paths": [str(p) for p in job.paths], "scratch": str(job.scratch)}
    order = {"job": facts, "name": name, "size": size, "seconds": seconds}
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _WORKER.send(json.dumps(order).encode(), theirs)
        ours.settimeout(seconds_for(size, seconds) + _GRACE_SECONDS)
        answer = _receive(ours)
    if not answer:
        raise FileError("reading-stopped", file=name)
    document = json.loads(answer)
    if "error" in document:
        kind, code, found = document["error"]
        error = getattr(errors, kind, InputError)
        raise error(code, **found)
    return document["result"]


def _receive(channel: socket.socket) -> bytes:
    parts = []
    try:
        while part := channel.recv(1 << 20):
            parts.append(part)
    except OSError:  # too late, or the worker fell
        return b""
    return b"".join(parts)


def _size(job: Job, name: str) -> int:
    files = (
        file
        for path in job.paths
        for file in (path.rglob("*") if path.is_dir() else [path])
        if file is path or file.is_file()
    )
    try:
        return sum(file.stat().st_size for file in files)
    except OSError as error:  # it went away after somebody had looked
        raise FileError("file-missing", file=name) from error
