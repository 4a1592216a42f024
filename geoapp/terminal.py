"""How the command line speaks: words, tables and progress on a terminal."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as ScreenTable

from geoapp.bootstrap import LayerState, Workspace
from geoapp.catalog.library import read_library
from geoapp.errors import GeoAppError, NotFoundError
from geoapp.i18n import Lang, text
from geoapp.importers.measuring import MeasuredFile
from geoapp.importers.report import ImportReport
from geoapp.keeping.doctor import Examination, examine
from geoapp.overlay.change_result import ChangeResult
from geoapp.reports.change_content import change_table, matrix_table
from geoapp.reports.content import Table, Wording
from geoapp.reports.spreadsheet import write_table
from geoapp.settings import Settings
from geoapp.values import METRE_DECIMALS, AreaUnit, convert_area, round_half_up, to_kilometres
from geoapp.values import Progress as Report

ROWS_ON_SCREEN: Final = 60
_PIPED_WIDTH: Final = 160  # a file or pipe has no width of its own


_OPENED: Final[list[Workspace]] = []  # by the one command that this process runs


class Session:
    """The global options of one run, and how it speaks."""

    def __init__(self, folder: Path, lang: Lang, *, as_json: bool) -> None:
        self.folder = folder
        self.lang = lang
        self.as_json = as_json
        width = None if sys.stdout.isatty() else _PIPED_WIDTH
        self.console = Console(stderr=as_json, width=width)
        self.notes = Console(stderr=True)

    def say(self, key: str, **facts: object) -> str:
        """Word a key."""
        return text(self.lang, key, **facts)

    def open(self) -> Workspace:
        """Open the workspace."""
        workspace = Workspace.open(self.folder)
        _OPENED.append(workspace)
        return workspace

    def examine(self, *, repair: bool, progress: Report) -> Examination:
        """Examine the workspace: also one that cannot be opened."""
        if repair:
            return self.open().examine(repair=True, progress=progress)
        settings = Settings()
        library = read_library(settings.layers)
        if not self.folder.is_dir():
            raise NotFoundError("workspace-none", folder=str(self.folder))
        return examine(self.folder, library, settings.database_url, progress)

    def answer(self, document: dict[str, Any], show: Callable[[], None]) -> None:
        """Print a result: as JSON, or as ``show`` draws it."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
        else:
            show()

    def wording(self, workspace: Workspace, unit: AreaUnit) -> Wording:
        """Say how tables of a workspace are worded."""
        return Wording(
            self.lang,
            unit,
            lambda code, name: workspace.name_unit(code, self.lang, fallback=name),
            lambda name: workspace.library.require(name).title[self.lang],
            datetime.now().astimezone(),
        )

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, float], None]]:
        """Show the progress of long work on standard error."""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self.notes, transient=True) as bar:
            task = bar.add_task("", total=1.0)

            def report(stage: str, fraction: float) -> None:
                bar.update(task, description=self._stage(stage), completed=fraction)

            yield report

    def _stage(self, stage: str) -> str:
        key = "demo.building" if stage.startswith("sample.") else stage
        return self.say(key)


def record_refusal(error: GeoAppError) -> None:
    """Write into the audit trail of the open workspace that something was refused."""
    for workspace in _OPENED:
        with suppress(GeoAppError):  # the refusal itself is what people are told
            workspace.record_refusal(error)


def show_layers(session: Session, workspace: Workspace) -> None:
    """Draw what is there of each layer."""
    table = ScreenTable()
    for key in ("layer", "snapshot", "count", "area_ha"):
        table.add_column(session.say(f"cli.{key}"), overflow="fold")
    table.add_column(session.say("table.coverage"), overflow="fold")
    for state in workspace.layers():
        manifest = state.snapshot.manifest if state.snapshot else None
        table.add_row(
            f"{state.definition.title[session.lang]}\n{state.definition.id}",
            state.snapshot.name if state.snapshot else session.say("cli.none"),
            str(manifest.feature_count) if manifest else "0",
            _word_amount(session, state) if manifest else "",
            _word_coverage(session, workspace, dict(state.coverage)),
        )
    if workspace.city.sample:
        session.console.print(session.say("sample.banner"), style="bold red")
    session.console.print(table)


def _word_amount(session: Session, state: LayerState) -> str:
    """Write area or length of all features; points have neither."""
    if state.snapshot is None or state.definition.geometry == "point":
        return ""
    manifest = state.snapshot.manifest
    if state.definition.geometry == "line":
        return f"{to_kilometres(manifest.length_m):,} {session.say('unit.km')}"
    return f"{convert_area(manifest.area_m2, AreaUnit.HA):,}"


def _word_coverage(session: Session, workspace: Workspace, coverage: dict[str, Any]) -> str:
    states = {session.say(f"coverage.{state}") for state in coverage.values()}
    if len(states) == 1:
        return states.pop()
    return "\n".join(
        f"{workspace.name_unit(code, session.lang)} {session.say(f'coverage.{state}')}"
        for code, state in coverage.items()
    )


def show_measured(session: Session, measured: MeasuredFile) -> None:
    """Draw the areas of a file's geometries."""
    table = ScreenTable(caption=f"{measured.crs}  ({measured.gauss})")
    lines = any(feature.length_m is not None for feature in measured.features)
    keys = ("length_m",) if lines else ("area_m2", "planar_m2", "declared_m2")
    for key in ("id", *keys):
        table.add_column(session.say(f"cli.{key}"), justify="left" if key == "id" else "right")
    for feature in measured.features:
        if feature.length_m is not None:
            table.add_row(feature.id, str(round_half_up(feature.length_m, METRE_DECIMALS)))
            continue
        declared = feature.declared_m2
        table.add_row(
            feature.id,
            str(convert_area(feature.area_m2, AreaUnit.M2)),
            str(convert_area(feature.planar_m2, AreaUnit.M2)),
            "" if declared is None else str(convert_area(declared, AreaUnit.M2)),
        )
    session.console.print(table)


def show_report(session: Session, workspace: Workspace, report: ImportReport) -> None:
    """Say what was understood of a file and what was done."""
    say, show = session.say, session.console.print
    facts = {
        "layer": workspace.library.require(report.layer).title[session.lang],
        "count": report.feature_count,
        "amount": (
            f"{convert_area(report.area_m2, AreaUnit.HA):,} {say('unit.ha')}"
            if report.length_m is None
            else f"{to_kilometres(report.length_m):,} {say('unit.km')}"
        ),
        "snapshot": report.snapshot,
    }
    show(say("import.published" if report.snapshot else "import.dry", **facts))
    show(say("import.crs", crs=report.crs))
    show(say("import.coverage", coverage=_word_coverage(session, workspace, dict(report.coverage))))
    if report.repairs:
        change = sum(abs(r.after_m2 - (r.before_m2 or 0.0)) for r in report.repairs)
        show(say("import.repairs", count=len(report.repairs), change=f"{change:.2f}"))
    lists = {
        "unmapped": ("fields", ", ".join(report.unmapped_fields)),
        "missing": ("fields", ", ".join(report.missing_fields)),
        "unknown_classes": (
            "codes",
            ", ".join(f"{code} ({n})" for code, n in report.unknown_classes.items()),
        ),
        "outside": ("count", report.outside_city or ""),
    }
    for key, (name, value) in lists.items():
        if value:
            show(say(f"import.{key}", **{name: value}))


def show_change(
    session: Session, workspace: Workspace, result: ChangeResult, unit: AreaUnit, files: list[Path]
) -> None:
    """Draw a comparison, and write it to files."""
    definition = workspace.library.require(result.request.layer)
    wording = session.wording(workspace, unit)
    table, matrix = (make(result, definition, wording) for make in (change_table, matrix_table))
    for path in files:
        write_table(table, path, session.lang, more=[(session.say("change.matrix"), matrix)])
        session.notes.print(session.say("cli.written", file=path))
    session.answer(result.to_json(), lambda: show_table(session, table))


def show_table(session: Session, table: Table) -> None:
    """Draw a table with its closing lines; a long one is cut, and says so."""
    if table.banner:
        session.console.print(table.banner, style="bold red")
    screen = ScreenTable(title=table.title)
    for column in table.columns:
        justify: Literal["left", "right"] = "left" if column.kind == "text" else "right"
        screen.add_column(column.title, justify=justify, overflow="fold")
    for row in table.rows[:ROWS_ON_SCREEN]:
        screen.add_row(*(_screen_cell(session, cell) for cell in row))
    if len(table.rows) > ROWS_ON_SCREEN:
        screen.add_row(*["…"] * len(table.columns))
    session.console.print(screen)
    for label, cell in table.closing:
        session.console.print(f"{label}: {_screen_cell(session, cell)}")


def _screen_cell(session: Session, cell: object) -> str:
    if cell is None:
        return session.say("coverage.no_data")
    return cell if isinstance(cell, str) else f"{cell:,}"
