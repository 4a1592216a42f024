"""Runs ``geoapp`` as on a network whose name server never answers, and notes each try to leave.

python -m tests.web.guard.offline_server LOG --workspace W serve --port P
"""

import sys
import time
from pathlib import Path
from typing import Any

HERE = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None}  # noqa: S104
SILENCE_S = 20
LEAVING = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.connect": 1,
           "socket.sendto": 1, "socket.sendmsg": 1}  # fmt: skip


def _watch(event: str, facts: tuple[Any, ...]) -> None:
    if event not in LEAVING:
        return
    place = facts[LEAVING[event]]
    host = place[0] if isinstance(place, tuple) else place
    host = host.decode() if isinstance(host, bytes) else host
    if host in HERE or str(host).startswith("/"):
        return
    with LOG.open("a") as log:
        log.write(f"{event} {host}\n")
    time.sleep(SILENCE_S)
    raise OSError(110, "no answer")


if __name__ == "__main__":
    LOG = Path(sys.argv.pop(1))
    LOG.touch()
    sys.addaudithook(_watch)
    from geoapp.cli.running import main

    main()
