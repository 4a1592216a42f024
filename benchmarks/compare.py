"""Set our engine beside established tools: the same questions on the same features.

Each tool answers each question in a process of its own. The reference for the figures and
for the ratio is our own engine, or the first tool that answers when it is left out.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from alternatives import TOOLS, Areas, Task
from ask_tool import write_task as write_task_file
from inputs import QUESTIONS, UNITS, Question, write_task
from watched import run_watched

from geoapp.bootstrap import Workspace

_PACKAGES: Final = (
    "geopandas",
    "shapely",
    "duckdb",
    "duckdb-extension-spatial",
    "sedonadb",
    "psycopg",
    "numpy",
    "numba",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one tool did with one question.

    Attributes:
        prepare_s: ``None`` when it did not get that far.
        answer_s: Best run; ``None`` when it did not answer.
        peak_mb: Memory with all descendants.
        areas: The figures; zones of a control layer are added up.
        problem: Why there is no answer, or ``""``.
    """

    question: str
    tool: str
    prepare_s: float | None
    answer_s: float | None
    peak_mb: float
    areas: Areas
    problem: str


def main() -> None:
    """Run everything, print the table, write the results."""
    options = parse_options()
    workspace = Workspace.open(options.workspace)
    results = []
    print(" ".join(f"{name} {text}" for name, text in versions().items()))
    with tempfile.TemporaryDirectory() as temporary:
        Path(temporary).chmod(0o755)  # the database server runs as another user
        inputs = options.inputs or Path(temporary) / "inputs"
        chosen = [question for question in QUESTIONS if question.name in options.questions]
        tasks = {question: write_task(workspace, question, inputs) for question in chosen}
        print_header()
        for question in chosen:
            reference: Outcome | None = None
            for tool in (name for name in TOOLS if name in options.tools):
                outcome = ask(tool, question, tasks[question], Path(temporary), options.timeout)
                if reference is None and outcome.answer_s is not None:
                    reference = outcome
                line = compare(outcome, reference)
                print_line(line)
                results.append(line)
    if options.out:
        about = {"versions": versions(), "cores": os.cpu_count(), "results": results}
        options.out.write_text(json.dumps(about, indent=1))


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    names = [question.name for question in QUESTIONS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--tools", type=_choices(TOOLS), default=TOOLS, help=",".join(TOOLS))
    parser.add_argument("--questions", type=_choices(names), default=names, help=",".join(names))
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds, tool and question")
    parser.add_argument("--inputs", type=Path, help="keep the features here, and use them again")
    parser.add_argument("--out", type=Path, help="write results as JSON")
    return parser.parse_args()


def ask(tool: str, question: Question, task: Task, temporary: Path, timeout_s: float) -> Outcome:
    """Let a tool answer in a process of its own."""
    with tempfile.TemporaryDirectory(dir=temporary) as name:
        folder = Path(name)
        folder.chmod(0o755)
        work, task_file, result_file = folder / "w", folder / "task.json", folder / "result.json"
        work.mkdir()
        write_task_file(task, task_file)
        script = str(Path(__file__).with_name("ask_tool.py"))
        files = [str(task_file), str(result_file), str(work)]
        command = [sys.executable, script, tool, *files]
        ended = run_watched(command, folder / "log", timeout_s=timeout_s)
        said: dict[str, Any] = (
            json.loads(result_file.read_text()) if result_file.exists() else {"answers_s": []}
        )
    answered = bool(said["answers_s"])
    problem = f"> {timeout_s:.0f} s" if ended.code is None else last_line(ended.said)
    return Outcome(
        question=question.name,
        tool=tool,
        prepare_s=said.get("prepare_s"),
        answer_s=min(said["answers_s"], default=None),
        peak_mb=max(ended.peak_mb, said.get("peak_mb", 0.0)),
        areas=add_up(said.get("areas", []), by_unit=question.by in UNITS),
        problem="" if answered else problem,
    )


def add_up(rows: list[tuple[str, str, float]], *, by_unit: bool) -> Areas:
    """Give areas by unit and class; parts of a control layer have no names, only a sum."""
    areas: Areas = {}
    for code, name, area_m2 in rows:
        key = (code if by_unit else "", name)
        areas[key] = areas.get(key, 0.0) + area_m2
    return areas


def compare(outcome: Outcome, reference: Outcome | None) -> dict[str, Any]:
    """Set an outcome beside the reference."""
    line = asdict(outcome)
    line["areas"] = len(outcome.areas)
    if reference is None or outcome.answer_s is None or reference.answer_s is None:
        return line
    one, other = outcome.areas, reference.areas
    total_m2, expected_m2 = sum(one.values()), sum(other.values())
    differences = (abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in one.keys() | other)
    return line | {
        "ratio": outcome.answer_s / reference.answer_s,
        "largest_difference_m2": max(differences, default=0.0),
        "total_difference": abs(total_m2 - expected_m2) / expected_m2 if expected_m2 else 0.0,
    }


def print_header() -> None:
    """Print the head of the table."""
    print(
        f"\n{'question':17} {'tool':18} {'prepare s':>9} {'answer s':>9} {'ratio':>7} "
        f"{'peak MB':>8} {'figures':>7} {'largest diff m2':>15} {'total diff':>10}"
    )


def print_line(line: dict[str, Any]) -> None:
    """Print one line of the table."""
    prepare = "-" if line["prepare_s"] is None else f"{line['prepare_s']:.2f}"
    start = f"{line['question']:17} {line['tool']:18} {prepare:>9}"
    if line["answer_s"] is None:
        print(f"{start} {line['problem']:>9} {'':7} {line['peak_mb']:8.0f}", flush=True)
        return
    print(
        f"{start} {line['answer_s']:9.3f} {line['ratio']:7.2f} {line['peak_mb']:8.0f} "
        f"{line['areas']:7} {line['largest_difference_m2']:15.6f} "
        f"{line['total_difference']:10.1e}",
        flush=True,
    )


def versions() -> dict[str, str]:
    """List the versions of what is installed."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "-"
    return found


def last_line(text: str) -> str:
    """Give the last line that is not empty."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no answer")[:90]


def _choices(offered: tuple[str, ...] | list[str]) -> Any:
    def read(text: str) -> list[str]:
        chosen = text.split(",")
        unknown = set(chosen) - set(offered)
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not offered")
        return chosen

    return read


if __name__ == "__main__":
    main()
