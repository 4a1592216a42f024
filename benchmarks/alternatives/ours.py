"""Our own engine, asked as the product asks it.

A stub: it asks through ``Workspace.stats``, whose answer holds more than the areas that the
others give (gross areas, totals, coverage) and which reads and projects the features again.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from alternatives import Areas, Task
from geoapp.bootstrap import Workspace
from geoapp.overlay.result import LEVELS, Level, StatsRequest
from geoapp.overlay.tabulate import Tabulator

# Answers kept beside the snapshots. What else lies there belongs to one layer alone (its own
# areas, its overlaps), like an index, and stays.
_CACHED_ANSWERS: Final = ("v*-shares-*", "v*-tally-*", "v*-whole-*", "v*-homes-*")


@dataclass(frozen=True, slots=True)
class State:
    """An open workspace and the question."""

    workspace: Workspace
    request: StatsRequest


def prepare(task: Task, _folder: Path) -> State:
    """Open the workspace and ask once, so that every index exists."""
    zones_are_units = task.by in LEVELS
    request = StatsRequest(
        task.layer,
        by=cast("Level", task.by) if zones_are_units else "city",
        class_field="dlyj",
        inside=task.inside if zones_are_units else task.by,
    )
    state = State(Workspace.open(task.workspace), request)
    answer(state)
    return state


def answer(state: State) -> Areas:
    """Ask anew, with nothing in memory and no answer on disk."""
    workspace = state.workspace
    _remove_cached_answers(workspace.folder)
    tabulator = Tabulator(workspace.city, workspace.library, workspace.store)
    rows = tabulator.tabulate(state.request).rows
    return {(row.unit_code, row.class_code or ""): row.area_m2 for row in rows if row.area_m2}


answer_three = answer


def close(state: State) -> None:
    """Close the workspace."""
    state.workspace.close()


def _remove_cached_answers(folder: Path) -> None:
    """REMOVES CACHES: without this, ``answer`` would only read its last result from disk."""
    for pattern in _CACHED_ANSWERS:
        for file in folder.glob(f"layers/*/*/measure/{pattern}.parquet"):
            file.unlink(missing_ok=True)
