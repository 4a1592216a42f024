"""The command line.

``--json`` prints one document on standard output and nothing else; progress and messages go
to standard error. Exit status: 0 done, 2 bad input and nothing changed, 1 our fault.
"""

import logging
import secrets
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geoapp.bootstrap import LayerState, Workspace, read_datum_shift
from geoapp.cli_map import register_map
from geoapp.demo import DEFAULT_PARCELS, DEFAULT_SEED, build_demo
from geoapp.errors import ChoiceError, GeoAppError
from geoapp.i18n import LANGS, Lang, require_lang, text, word_error
from geoapp.importers.measuring import measure_file
from geoapp.overlay.result import LEVELS, Level
from geoapp.reports.content import stats_table
from geoapp.reports.spreadsheet import require_known_suffix, write_table
from geoapp.settings import Settings
from geoapp.terminal import (
    Session,
    show_change,
    show_layers,
    show_measured,
    show_report,
    show_table,
)
from geoapp.values import AreaUnit

DEFAULT_PORT: Final = 8501
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
            | _length_json(state)
            for state in states
        ],
    }
    session.answer(document, lambda: show_layers(session, workspace))


@app.command("measure", help=_help("measure"))
def measure(
    context: Context,
    file: Annotated[Path, typer.Argument(help=_help("measure_file"))],
    crs: Annotated[str, typer.Option("--crs", help=_help("crs"))] = "auto",
    sublayer: Annotated[str, typer.Option("--sublayer", help=_help("sublayer"))] = "",
) -> None:
    """Measure the official area of every geometry in a file."""
    session: Session = context.obj
    shift = read_datum_shift(Settings())
    measured = measure_file(file, crs=crs, sublayer=sublayer, shift=shift)
    session.answer(measured.to_json(), lambda: show_measured(session, measured))


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
    session.answer(report.to_json(), lambda: show_report(session, workspace, report))


@app.command("index", help=_help("index"))
def index(
    context: Context,
    layer: Annotated[list[str] | None, typer.Argument(help=_help("index_layer"))] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help=_help("index_rebuild"))] = False,  # noqa: FBT002
) -> None:
    """Prepare layers for statistics."""
    session: Session = context.obj
    workspace = session.open()
    with session.progress() as progress:
        ready = workspace.index(layer or [], rebuild=rebuild, progress=progress)
    document = {"schema": "geoapp.index/1", "snapshots": {s.layer: s.name for s in ready}}

    def show() -> None:
        for snapshot in ready:
            title = workspace.library.require(snapshot.layer).title[session.lang]
            count = snapshot.manifest.feature_count
            session.console.print(session.say("index.built", layer=title, count=count))

    session.answer(document, show)


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
    area_unit = _read_unit(unit)
    for path in output or []:
        require_known_suffix(path)
    workspace = session.open()
    result = workspace.stats(
        layer,
        by=_read_level(by),
        class_field=class_field,
        inside=inside,
        within=within,
        as_of=_read_date(as_of),
    )
    wording = session.wording(workspace, area_unit)
    table = stats_table(result, workspace.library.require(layer), wording)
    for path in output or []:
        write_table(table, path, session.lang)
        session.notes.print(session.say("cli.written", file=path))
    session.answer(result.to_json(), lambda: show_table(session, table))


@app.command("change", help=_help("change"))
def change(
    context: Context,
    layer: Annotated[str, typer.Argument(help=_help("import_layer"))],
    before: Annotated[str, typer.Option("--from", help=_help("change_from"))],
    after: Annotated[str, typer.Option("--to", help=_help("change_to"))] = "",
    by: Annotated[str, typer.Option("--by", help=_help("by"))] = "district",
    class_field: Annotated[str, typer.Option("--class", help=_help("class"))] = "",
    within: Annotated[str, typer.Option("--within", help=_help("within"))] = "",
    unit: Annotated[str, typer.Option("--unit", help=_help("unit"))] = "ha",
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help=_help("output"))
    ] = None,
) -> None:
    """Compare two dates of a layer: which class became which."""
    session: Session = context.obj
    area_unit, level = _read_unit(unit), _read_level(by)
    for path in output or []:
        require_known_suffix(path)
    workspace = session.open()
    with session.progress() as progress:
        result = workspace.change(
            layer,
            before=before,
            after=after or None,
            by=level,
            class_field=class_field,
            within=within,
            progress=progress,
        )
    show_change(session, workspace, result, area_unit, output or [])


register_map(app, _HELP_LANG)


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


def _length_json(state: LayerState) -> dict[str, Any]:
    """Give the length of a layer of lines; other layers have no such key."""
    if state.snapshot is None or state.definition.geometry != "line":
        return {}
    return {"length_m": state.snapshot.manifest.length_m}


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
