"""Let one tool answer one question, in a process of its own; ``compare.py`` starts it.

Usage: ``python benchmarks/ask_tool.py TOOL TASK.json RESULT.json FOLDER``. The result is
written anew after every step, so that it says how far the tool got before its deadline.
"""

import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any, Final

from alternatives import Task, load_tool
from watched import own_peak_mb

_RUNS: Final = 3
_LONG_S: Final = 30.0


def main() -> None:
    """Prepare, answer up to three times, close."""
    name, task_file, result_file, folder = sys.argv[1:]
    tool, task = load_tool(name), read_task(Path(task_file))
    answer = tool.answer_three if task.control is not None else tool.answer
    result: dict[str, Any] = {"answers_s": []}
    start = time.perf_counter()
    state = tool.prepare(task, Path(folder))
    result["prepare_s"] = time.perf_counter() - start
    try:
        while len(result["answers_s"]) < _RUNS:
            _write(Path(result_file), result)
            start = time.perf_counter()
            areas = answer(state)
            result["answers_s"].append(time.perf_counter() - start)
            result["areas"] = [[*key, area_m2] for key, area_m2 in sorted(areas.items())]
            result["peak_mb"] = own_peak_mb()
            if result["answers_s"][-1] > _LONG_S:
                break
        _write(Path(result_file), result)
    finally:
        tool.close(state)


def write_task(task: Task, file: Path) -> None:
    """Write a task so that ``read_task`` gives it back."""
    file.write_text(json.dumps(dataclasses.asdict(task), default=str))


def read_task(file: Path) -> Task:
    """Read a task."""
    said = json.loads(file.read_text())
    paths = {name: Path(said[name]) for name in ("parcels", "zones", "workspace")}
    control = Path(said["control"]) if said["control"] else None
    return Task(**(said | paths | {"control": control}))


def _write(file: Path, result: dict[str, Any]) -> None:
    temporary = file.with_suffix(".part")
    temporary.write_text(json.dumps(result))
    temporary.replace(file)


if __name__ == "__main__":
    main()
