"""Commands of the ground: slope of cultivated land, rasters by unit."""

from typing import Annotated

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_level, read_unit
from geoapp.reports.terrain_content import slope_table, zonal_table
from geoapp.terminal import Session, show_table

By = Annotated[str, typer.Option("--by", help=help_text("by"))]
Within = Annotated[str, typer.Option("--within", help=help_text("within"))]


@app.command("slope", help=help_text("slope"))
def slope(
    context: Context,
    by: By = "township",
    within: Within = "",
    raster: Annotated[str, typer.Option("--raster", help=help_text("slope_raster"))] = "",
    unit: Annotated[str, typer.Option("--unit", help=help_text("unit"))] = "ha",
) -> None:
    """Grade the slope of cultivated land."""
    session: Session = context.obj
    area_unit, level = read_unit(unit), read_level(by)
    workspace = session.open()
    result = workspace.slope(by=level, within=within, raster=raster)
    table = slope_table(result, session.wording(workspace, area_unit))
    session.answer(result.to_json(), lambda: show_table(session, table))


@app.command("zonal", help=help_text("zonal"))
def zonal(
    context: Context,
    raster: Annotated[str, typer.Argument(help=help_text("zonal_raster"))],
    before: Annotated[str, typer.Option("--from", help=help_text("zonal_from"))] = "",
    by: By = "township",
    within: Within = "",
) -> None:
    """Tell what a raster says of units."""
    session: Session = context.obj
    level = read_level(by)
    workspace = session.open()
    result = workspace.zonal(raster, before=before, by=level, within=within)
    table = zonal_table(result, session.wording(workspace, read_unit("ha")))
    session.answer(result.to_json(), lambda: show_table(session, table))
