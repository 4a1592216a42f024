"""The command line.

``--json`` prints one document on standard output and nothing else; progress and messages go
to standard error. Exit status: 0 done, 2 bad input and nothing changed, 1 our fault.
"""

import json
import logging
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as ScreenTable

from geoapp.bootstrap import Workspace
from geoapp.demo import DEFAULT_PARCELS, DEFAULT_SEED, build_demo
from geoapp.errors import ChoiceError, GeoAppError
from geoapp.i18n import LANGS, Lang, require_lang, text, word_error
from geoapp.importers.importing import ImportReport
from geoapp.importers.measuring import MeasuredFile, measure_file
from geoapp.overlay.result import LEVELS, Level
from geoapp.reports.content import Table, Wording, stats_table
from geoapp.reports.spreadsheet import write_table
from geoapp.settings import Settings
from geoapp.values import AreaUnit, convert_area

ROWS_ON_SCREEN: Final = 60
DEFAULT_PORT: Final = 8501
_PIPED_WIDTH: Final = 160  # a file or pipe has no width of its own
_INTERRUPTED: Final = 130  # what shells expect after Ctrl+C


def _find_lang(arguments: list[str]) -> Lang:
    """Read the language off the raw arguments: help texts are made before parsing."""
    for index, argument in enumerate(arguments):
        value = (
            argument.partition("=")[2] if "=" in argument else "".join(arguments[index + 1 :][:1])
        )
        if argument.partition("=")[0] == "--lang" and value in LANGS:
            return require_lang(value)
    chosen = Settings().lang
    return require_lang(chosen) if chosen in LANGS else "zh"


_HELP_LANG: Final = _find_lang(sys.argv)


def _help(key: str) -> str:
    return text(_HELP_LANG, f"cli.{key}")


app = typer.Typer(
    name="geoapp",
    help=_help("name"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
        return Workspace.open(self.folder)

    def answer(self, document: dict[str, Any], show: Callable[[], None]) -> None:
        """Print a result: as JSON, or as ``show`` draws it."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
        else:
            show()

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


Workspaces = Annotated[Path | None, typer.Option("--workspace", help=_help("workspace"))]
Context = typer.Context


@app.callback()
def start(
    context: Context,
    workspace: Workspaces = None,
    lang: Annotated[str, typer.Option("--lang", help=_help("lang"))] = _HELP_LANG,
    as_json: Annotated[bool, typer.Option("--json", help=_help("json"))] = False,  # noqa: FBT002
) -> None:
    """Take the global options."""
    folder = workspace or Settings().workspace
    context.obj = Session(folder, require_lang(lang), as_json=as_json)


@app.command("init", help=_help("init"))
def init(context: Context, city: Annotated[Path, typer.Argument(help=_help("init_city"))]) -> None:
    """Make an empty workspace for a city."""
    session: Session = context.obj
    workspace = Workspace.init(city, session.folder)
    document = {
        "schema": "geoapp.init/1",
        "folder": str(session.folder),
        "city": workspace.city.code,
    }
    facts = {"folder": session.folder, "city": workspace.city.name[session.lang]}
    session.answer(document, lambda: session.console.print(session.say("cli.init_done", **facts)))


@app.command("demo", help=_help("demo"))
def demo(
    context: Context,
    parcels: Annotated[
        int, typer.Option("--parcels", help=_help("demo_parcels"))
    ] = DEFAULT_PARCELS,
    seed: Annotated[int, typer.Option("--seed", help=_help("demo_seed"))] = DEFAULT_SEED,
) -> None:
    """Build the sample city."""
    session: Session = context.obj
    with session.progress() as progress:
        workspace = build_demo(session.folder, parcels=parcels, seed=seed, progress=progress)
    document = {
        "schema": "geoapp.demo/1",
        "folder": str(session.folder),
        "parcels": parcels,
        "seed": seed,
        "snapshots": {layer: s.name for layer, s in workspace.store.current().items()},
    }
    facts = {"folder": session.folder, "parcels": parcels, "seed": seed}
    session.answer(document, lambda: session.console.print(session.say("demo.built", **facts)))


@app.command("layers", help=_help("layers"))
def layers(context: Context) -> None:
    """List the layers and what is there of each."""
    session: Session = context.obj
    workspace = session.open()
    states = workspace.layers()
    document = {
        "schema": "geoapp.layers/1",
        "city": workspace.city.code,
        "sample": workspace.city.sample,
        "layers": [
            {
                "id": state.definition.id,
                "title": state.definition.title[session.lang],
                "geometry": state.definition.geometry,
                "class_fields": [rule.name for rule in state.definition.class_fields],
                "snapshot": state.snapshot.name if state.snapshot else None,
                "as_of": state.snapshot.manifest.as_of.isoformat() if state.snapshot else None,
                "feature_count": state.snapshot.manifest.feature_count if state.snapshot else 0,
                "area_m2": state.snapshot.manifest.area_m2 if state.snapshot else None,
                "coverage": state.coverage,
            }
            for state in states
        ],
    }
    session.answer(document, lambda: _show_layers(session, workspace))


def _show_layers(session: Session, workspace: Workspace) -> None:
    table = ScreenTable()
    for key in ("layer", "snapshot", "count", "area_ha"):
        table.add_column(session.say(f"cli.{key}"), overflow="fold")
    table.add_column(session.say("table.coverage"), overflow="fold")
    for state in workspace.layers():
        manifest = state.snapshot.manifest if state.snapshot else None
        area = manifest and state.definition.geometry == "polygon"
        table.add_row(
            f"{state.definition.title[session.lang]}\n{state.definition.id}",
            state.snapshot.name if state.snapshot else session.say("cli.none"),
            str(manifest.feature_count) if manifest else "0",
            f"{convert_area(manifest.area_m2, AreaUnit.HA):,}" if manifest and area else "",
            _word_coverage(session, workspace, dict(state.coverage)),
        )
    if workspace.city.sample:
        session.console.print(session.say("sample.banner"), style="bold red")
    session.console.print(table)


def _word_coverage(session: Session, workspace: Workspace, coverage: dict[str, Any]) -> str:
    states = {session.say(f"coverage.{state}") for state in coverage.values()}
    if len(states) == 1:
        return states.pop()
    return "\n".join(
        f"{workspace.name_unit(code, session.lang)} {session.say(f'coverage.{state}')}"
        for code, state in coverage.items()
    )


@app.command("measure", help=_help("measure"))
def measure(
    context: Context,
    file: Annotated[Path, typer.Argument(help=_help("measure_file"))],
    crs: Annotated[str, typer.Option("--crs", help=_help("crs"))] = "auto",
    sublayer: Annotated[str, typer.Option("--sublayer", help=_help("sublayer"))] = "",
) -> None:
    """Measure the official area of every geometry in a file."""
    session: Session = context.obj
    measured = measure_file(file, crs=crs, sublayer=sublayer)
    session.answer(measured.to_json(), lambda: _show_measured(session, measured))


def _show_measured(session: Session, measured: MeasuredFile) -> None:
    table = ScreenTable(caption=f"{measured.crs}  ({measured.gauss})")
    for key in ("id", "area_m2", "planar_m2", "declared_m2"):
        table.add_column(session.say(f"cli.{key}"), justify="left" if key == "id" else "right")
    for feature in measured.features:
        declared = feature.declared_m2
        table.add_row(
            feature.id,
            str(convert_area(feature.area_m2, AreaUnit.M2)),
            str(convert_area(feature.planar_m2, AreaUnit.M2)),
            "" if declared is None else str(convert_area(declared, AreaUnit.M2)),
        )
    session.console.print(table)


@app.command("import", help=_help("import"))
def import_file(
    context: Context,
    layer: Annotated[str, typer.Argument(help=_help("import_layer"))],
    file: Annotated[Path, typer.Argument(help=_help("measure_file"))],
    sublayer: Annotated[str, typer.Option("--sublayer", help=_help("sublayer"))] = "",
    crs: Annotated[str, typer.Option("--crs", help=_help("crs"))] = "auto",
    encoding: Annotated[str, typer.Option("--encoding", help=_help("encoding"))] = "auto",
    as_of: Annotated[str, typer.Option("--as-of", help=_help("as_of"))] = "",
    covers: Annotated[list[str] | None, typer.Option("--covers", help=_help("covers"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_help("dry_run"))] = False,  # noqa: FBT002
) -> None:
    """Import a file as the new current snapshot of a layer."""
    session: Session = context.obj
    workspace = session.open()
    with session.progress() as progress:
        report = workspace.import_file(
            layer,
            file,
            sublayer=sublayer,
            crs=crs,
            encoding=encoding,
            as_of=_read_date(as_of),
            covers=tuple(covers or ()),
            dry_run=dry_run,
            progress=progress,
        )
    session.answer(report.to_json(), lambda: _show_report(session, workspace, report))


def _show_report(session: Session, workspace: Workspace, report: ImportReport) -> None:
    say, show = session.say, session.console.print
    facts = {
        "layer": workspace.library.require(report.layer).title[session.lang],
        "count": report.feature_count,
        "area": f"{convert_area(report.area_m2, AreaUnit.HA):,}",
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


@app.command("snapshots", help=_help("snapshots"))
def snapshots(
    context: Context, layer: Annotated[str, typer.Argument(help=_help("import_layer"))]
) -> None:
    """List the snapshots of a layer."""
    session: Session = context.obj
    workspace = session.open()
    current = workspace.snapshot(layer)
    names = workspace.store.names(layer)
    document = {
        "schema": "geoapp.snapshots/1",
        "layer": layer,
        "current": current.name,
        "names": names,
    }

    def show() -> None:
        for name in names:
            session.console.print(f"{'*' if name == current.name else ' '} {name}")

    session.answer(document, show)


@app.command("stats", help=_help("stats"))
def stats(
    context: Context,
    layer: Annotated[str, typer.Argument(help=_help("import_layer"))],
    by: Annotated[str, typer.Option("--by", help=_help("by"))] = "district",
    class_field: Annotated[str, typer.Option("--class", help=_help("class"))] = "",
    inside: Annotated[str, typer.Option("--inside", help=_help("inside"))] = "",
    within: Annotated[str, typer.Option("--within", help=_help("within"))] = "",
    as_of: Annotated[str, typer.Option("--as-of", help=_help("as_of"))] = "",
    unit: Annotated[str, typer.Option("--unit", help=_help("unit"))] = "ha",
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help=_help("output"))
    ] = None,
) -> None:
    """Measure a layer by units and classes."""
    session: Session = context.obj
    workspace = session.open()
    area_unit = _read_unit(unit)
    result = workspace.stats(
        layer,
        by=_read_level(by),
        class_field=class_field,
        inside=inside,
        within=within,
        as_of=_read_date(as_of),
    )
    wording = Wording(
        session.lang,
        area_unit,
        lambda code, name: workspace.name_unit(code, session.lang, fallback=name),
        lambda name: workspace.library.require(name).title[session.lang],
        datetime.now().astimezone(),
    )
    table = stats_table(result, workspace.library.require(layer), wording)
    for path in output or []:
        write_table(table, path, session.lang)
        session.notes.print(session.say("cli.written", file=path))
    session.answer(result.to_json(), lambda: _show_table(session, table))


def _show_table(session: Session, table: Table) -> None:
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


@app.command("serve", help=_help("serve"))
def serve(
    context: Context,
    port: Annotated[int, typer.Option("--port", help=_help("port"))] = DEFAULT_PORT,
) -> None:
    """Start the web app on this machine's loopback address."""
    from geoapp.web.server import run_server  # noqa: PLC0415  the web stack loads slowly

    session: Session = context.obj
    session.open().close()
    url = f"http://127.0.0.1:{port}"
    session.notes.print(session.say("cli.serving", url=url))
    run_server(session.folder, port, session.lang)


def _read_date(value: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ChoiceError("date-wrong", value=value) from error


def _read_level(value: str) -> Level:
    for level in LEVELS:
        if level == value:
            return level
    raise ChoiceError("choice-unknown", option="by", value=value, offered=", ".join(LEVELS))


def _read_unit(value: str) -> AreaUnit:
    try:
        return AreaUnit(value)
    except ValueError as error:
        raise ChoiceError(
            "choice-unknown", option="unit", value=value, offered=", ".join(AreaUnit)
        ) from error


class _CancelledError(BaseException):
    """Ctrl+C; not ``KeyboardInterrupt``, which Typer would word in its own way."""


def _cancel(_signal: int, _frame: object) -> None:
    raise _CancelledError


def main() -> None:
    """Run the command line, wording every error that a person can mend."""
    lang = _HELP_LANG
    try:
        signal.signal(signal.SIGINT, _cancel)
        app()
    except GeoAppError as error:
        sys.stderr.write(word_error(error, lang) + "\n")
        sys.exit(error.exit_status)
    except _CancelledError:
        sys.stderr.write(text(lang, "cli.cancelled") + "\n")
        sys.exit(_INTERRUPTED)
    except Exception:
        reference = secrets.token_hex(4)
        logging.getLogger("geoapp").exception("reference %s", reference)
        sys.stderr.write(text(lang, "cli.unexpected", reference=reference) + "\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
