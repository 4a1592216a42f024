"""A process that has imported the command line once, and forks for each command.

Importing takes longer than most commands. What runs after the fork is the command line as a
person starts it: its arguments, folder, streams and exit status are its own.

Reads a JSON line for each command: ``arguments``, ``folder``, ``out``, ``err``; answers with
the process, then with its exit status.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from geoapp.cli.running import main


def serve() -> dict[str, Any] | None:
    """Fork for each command; give it back in the child, ``None`` when there are no more."""
    for line in sys.stdin:
        wanted: dict[str, Any] = json.loads(line)
        child = os.fork()
        if child == 0:
            return wanted
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    return None


def become(wanted: dict[str, Any]) -> None:
    """Take the streams, folder and arguments of a command."""
    for stream, name in ((sys.stdout, "out"), (sys.stderr, "err")):
        with Path(wanted[name]).open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.chdir(wanted["folder"])
    sys.argv = ["geoapp", *wanted["arguments"]]


if __name__ == "__main__":
    command = serve()
    if command is not None:
        become(command)
        main()
