"""Commands on layers: what is there, what comes in."""

from pathlib import Path
from typing import Annotated

import typer

from geoapp.bootstrap import read_datum_shift
from geoapp.bootstrap.layer_list import list_layers
from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_date
from geoapp.importers.measuring import measure_file
from geoapp.settings import Settings
from geoapp.terminal import Session, show_layers, show_measured, show_report


@app.command("layers", help=help_text("layers"))
def layers(context: Context) -> None:
    """List the layers and what is there of each."""
    session: Session = context.obj
    workspace = session.open()
    document = list_layers(workspace, session.lang)
    session.answer(document, lambda: show_layers(session, workspace))


@app.command("measure", help=help_text("measure"))
def measure(
    context: Context,
    file: Annotated[Path, typer.Argument(help=help_text("measure_file"))],
    crs: Annotated[str, typer.Option("--crs", help=help_text("crs"))] = "auto",
    sublayer: Annotated[str, typer.Option("--sublayer", help=help_text("sublayer"))] = "",
) -> None:
    """Measure the official area of every geometry in a file."""
    session: Session = context.obj
    shift = read_datum_shift(Settings())
    measured = measure_file(file, crs=crs, sublayer=sublayer, shift=shift)
    session.answer(measured.to_json(), lambda: show_measured(session, measured))


@app.command("import", help=help_text("import"))
def import_file(
    context: Context,
    layer: Annotated[str, typer.Argument(help=help_text("import_layer"))],
    file: Annotated[Path, typer.Argument(help=help_text("measure_file"))],
    sublayer: Annotated[str, typer.Option("--sublayer", help=help_text("sublayer"))] = "",
    crs: Annotated[str, typer.Option("--crs", help=help_text("crs"))] = "auto",
    encoding: Annotated[str, typer.Option("--encoding", help=help_text("encoding"))] = "auto",
    as_of: Annotated[str, typer.Option("--as-of", help=help_text("as_of"))] = "",
    covers: Annotated[list[str] | None, typer.Option("--covers", help=help_text("covers"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=help_text("dry_run"))] = False,  # noqa: FBT002
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
            as_of=read_date(as_of),
            covers=tuple(covers or ()),
            dry_run=dry_run,
            progress=progress,
        )
    session.answer(report.to_json(), lambda: show_report(session, workspace, report))


@app.command("snapshots", help=help_text("snapshots"))
def snapshots(
    context: Context, layer: Annotated[str, typer.Argument(help=help_text("import_layer"))]
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
