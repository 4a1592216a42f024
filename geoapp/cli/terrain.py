"""Commands of the ground: slope of cultivated land, rasters by unit."""

from pathlib import Path
from typing import Annotated

import typer

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.terrain import TERRAIN_FORMS
from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_level, read_unit
from geoapp.cli.planning import require_forms, write_forms
from geoapp.errors import ChoiceError
from geoapp.planning.slope import SlopeResult
from geoapp.planning.zonal import ZonalResult
from geoapp.reports.content import Wording
from geoapp.reports.terrain_content import slope_table, zonal_table
from geoapp.terminal import Session, show_table

Outputs = Annotated[
    list[Path] | None, typer.Option("-o", "--output", help=help_text("terrain_output"))
]
By = Annotated[str, typer.Option("--by", help=help_text("by"))]
Within = Annotated[str, typer.Option("--within", help=help_text("within"))]


@app.command("slope", help=help_text("slope"))
def slope(
    context: Context,
    by: By = "township",
    within: Within = "",
    raster: Annotated[str, typer.Option("--raster", help=help_text("slope_raster"))] = "",
    unit: Annotated[str, typer.Option("--unit", help=help_text("unit"))] = "ha",
    output: Outputs = None,
) -> None:
    """Grade the slope of cultivated land."""
    session: Session = context.obj
    area_unit, level = read_unit(unit), read_level(by)
    _require_tables(output or [])
    workspace = session.open()
    result = workspace.slope(by=level, within=within, raster=raster)
    wording = session.wording(workspace, area_unit)
    _write(session, workspace, output or [], result, wording)
    table = slope_table(result, wording)
    session.answer(result.to_json(), lambda: show_table(session, table))


@app.command("zonal", help=help_text("zonal"))
def zonal(
    context: Context,
    raster: Annotated[str, typer.Argument(help=help_text("zonal_raster"))],
    before: Annotated[str, typer.Option("--from", help=help_text("zonal_from"))] = "",
    by: By = "township",
    within: Within = "",
    output: Outputs = None,
) -> None:
    """Tell what a raster says of units."""
    session: Session = context.obj
    level = read_level(by)
    _require_tables(output or [])
    workspace = session.open()
    result = workspace.zonal(raster, before=before, by=level, within=within)
    wording = session.wording(workspace, read_unit("ha"))
    _write(session, workspace, output or [], result, wording)
    table = zonal_table(result, wording)
    session.answer(result.to_json(), lambda: show_table(session, table))


def _require_tables(paths: list[Path]) -> None:
    """Stop where a file is asked for that needs shapes; these answers have none."""
    offered = [f".{form}" for form in TERRAIN_FORMS]
    for path in paths:
        if path.suffix.lower() not in offered:
            raise ChoiceError(
                "choice-unknown", option="output", value=path.name, offered=" ".join(offered)
            )
    require_forms(paths)


def _write(
    session: Session,
    workspace: Workspace,
    paths: list[Path],
    result: SlopeResult | ZonalResult,
    wording: Wording,
) -> None:
    for form in TERRAIN_FORMS:
        chosen = [path for path in paths if path.suffix.lower() == f".{form}"]
        if chosen:
            content = workspace.write_terrain(result, form, wording)
            write_forms(session, chosen, lambda _form, content=content: content)  # type: ignore[misc]
