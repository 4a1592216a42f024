"""A process with everything it starts: its memory, its deadline, its end."""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LOOK_EVERY_S: Final = 0.25
_GRACE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Attributes:
        code: Exit code; ``None`` when it was stopped at its deadline.
        peak_mb: Most memory that it held with its descendants, shared pages counted once.
        said: What it wrote to its error stream.
    """

    code: int | None
    peak_mb: float
    said: str


def run_watched(command: list[str], log: Path, *, timeout_s: float) -> Ended:
    """Run a command; at its deadline it goes with all its descendants."""
    deadline = time.monotonic() + timeout_s
    peak_mb = 0.0
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, start_new_session=True)
        try:
            while process.poll() is None and time.monotonic() < deadline:
                peak_mb = max(peak_mb, memory_mb(descendants(process.pid)))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_EVERY_S)
            code = process.poll()
        finally:
            if process.poll() is None:
                end_tree(process)
    return Ended(code, peak_mb, log.read_text(errors="replace"))


def descendants(pid: int) -> list[int]:
    """List a process and all that it started, directly or not."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    return list(_walk(pid, children))


def memory_mb(pids: list[int]) -> float:
    """Measure the memory of processes.

    One alone tells its own high-water mark. Several share pages (a database server its
    buffers), so their proportional shares are added; short peaks between looks are missed.
    """
    if len(pids) == 1:
        return _kilobytes(Path(f"/proc/{pids[0]}/status"), "VmHWM") / 1024
    return sum(_kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss") for pid in pids) / 1024


def own_peak_mb() -> float:
    """Give this process's high-water mark; ``ru_maxrss`` would include whoever started it."""
    return _kilobytes(Path("/proc/self/status"), "VmHWM") / 1024


def end_tree(process: subprocess.Popen[bytes]) -> None:
    """Ask a process and its descendants to end, then make them."""
    pids = descendants(process.pid)
    _signal(pids, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_S
    while time.monotonic() < deadline and any(map(_alive, pids)):
        process.poll()
        time.sleep(_LOOK_EVERY_S)
    _signal([pid for pid in pids if _alive(pid)], signal.SIGKILL)
    process.wait()


def _walk(pid: int, children: dict[int, list[int]]) -> Iterator[int]:
    yield pid
    for child in children.get(pid, []):
        yield from _walk(child, children)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _kilobytes(file: Path, name: str) -> int:
    try:
        found = re.search(rf"^{name}:\s+(\d+)", file.read_text(), re.MULTILINE)
    except OSError:  # it has just ended
        return 0
    return int(found[1]) if found else 0
