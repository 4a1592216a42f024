"""Commands on layers and files: what is there, how large it is."""

from pathlib import Path
from typing import Annotated

import typer

from geoapp.bootstrap import read_datum_shift
from geoapp.bootstrap.layer_list import list_layers
from geoapp.cli.app import Context, app, help_text
from geoapp.importers.measuring import measure_file
from geoapp.settings import Settings
from geoapp.terminal import Session, show_layers, show_measured


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
