"""Commands on layers and files: what is there, how large it is."""

from pathlib import Path
from typing import Annotated, Any

import typer

from geoapp.bootstrap import LayerState, read_datum_shift
from geoapp.cli.app import Context, app, help_text
from geoapp.importers.measuring import measure_file
from geoapp.settings import Settings
from geoapp.terminal import Session, show_layers, show_measured


@app.command("layers", help=help_text("layers"))
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


def _length_json(state: LayerState) -> dict[str, Any]:
    """Give the length of a layer of lines; other layers have no such key."""
    if state.snapshot is None or state.definition.geometry != "line":
        return {}
    return {"length_m": state.snapshot.manifest.length_m}
