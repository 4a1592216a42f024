"""Commands of the ground: slope of cultivated land, rasters by unit and parcel."""

from pathlib import Path
from typing import Annotated, Final

import typer

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.bootstrap.terrain_papers import TerrainResult
from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_level, read_unit
from geoapp.cli.planning import By, Outputs, Unit, Within, require_forms, write_forms
from geoapp.errors import ChoiceError
from geoapp.planning.parcel_change import ParcelChanges
from geoapp.planning.steep import describe_steep
from geoapp.planning.zonal import ZonalResult
from geoapp.reports.content import Wording
from geoapp.reports.steep_content import steep_statement, steep_table
from geoapp.reports.terrain_content import slope_table, zonal_table
from geoapp.reports.zonal_content import change_statement, change_table
from geoapp.terminal import Session, show_table
from geoapp.tiles.vegetation import INDEXES, Index

_TABLES: Final = (".xlsx", ".docx")
TableOutputs = Annotated[
    list[Path] | None, typer.Option("-o", "--output", help=help_text("terrain_output"))
]


@app.command("slope", help=help_text("slope"))
def slope(
    context: Context,
    by: By = "township",
    within: Within = "",
    raster: Annotated[str, typer.Option("--raster", help=help_text("slope_raster"))] = "",
    steep: Annotated[bool, typer.Option("--steep", help=help_text("slope_steep"))] = False,  # noqa: FBT002
    unit: Unit = "ha",
    output: Outputs = None,
) -> None:
    """Grade the slope of cultivated land."""
    session: Session = context.obj
    area_unit, level = read_unit(unit), read_level(by)
    require_forms(output or [])
    workspace = session.open()
    with session.progress() as progress:
        result = workspace.slope(by=level, within=within, raster=raster, progress=progress)
    wording = session.wording(workspace, area_unit)
    _write(session, workspace, output, result, wording)

    def show() -> None:
        land = workspace.library.require(LANDUSE)
        table = steep_table(result, land, wording) if steep else slope_table(result, wording)
        show_table(session, table)
        session.console.print(steep_statement(result, wording))

    session.answer(describe_steep(result) if steep else result.to_json(), show)


@app.command("zonal", help=help_text("zonal"))
def zonal(
    context: Context,
    raster: Annotated[str, typer.Argument(help=help_text("zonal_raster"))],
    before: Annotated[str, typer.Option("--from", help=help_text("zonal_from"))] = "",
    by: By = "township",
    within: Within = "",
    parcels: Annotated[str, typer.Option("--parcels", help=help_text("zonal_parcels"))] = "",
    most: Annotated[int, typer.Option("--most", help=help_text("zonal_most"))] = 100,
    of: Annotated[str, typer.Option("--of", help=help_text("zonal_of"))] = "",
    unit: Unit = "ha",
    output: TableOutputs = None,
) -> None:
    """Tell what a raster says of units, or which parcels changed most."""
    session: Session = context.obj
    area_unit, level = read_unit(unit), read_level(by)
    index = _read_index(of)
    _require_forms(output or [], shapes=bool(parcels))
    workspace = session.open()
    wording = session.wording(workspace, area_unit)
    if parcels:
        with session.progress() as progress:
            changes = workspace.zonal_parcels(
                raster, before, layer=parcels, within=within, most=most, of=index, progress=progress
            )
        _tell_parcels(session, workspace, changes, output, wording)
    else:
        units = workspace.zonal(raster, before=before, by=level, within=within, of=index)
        _tell_units(session, workspace, units, output, wording)


def _read_index(text: str) -> Index:
    for index in INDEXES:
        if index == text:
            return index
    raise ChoiceError(
        "choice-unknown", option="of", value=text[:40], offered=", ".join(filter(None, INDEXES))
    )


def _tell_units(
    session: Session,
    workspace: Workspace,
    result: ZonalResult,
    output: list[Path] | None,
    wording: Wording,
) -> None:
    _write(session, workspace, output, result, wording)
    table = zonal_table(result, wording)
    session.answer(result.to_json(), lambda: show_table(session, table))


def _tell_parcels(
    session: Session,
    workspace: Workspace,
    result: ParcelChanges,
    output: list[Path] | None,
    wording: Wording,
) -> None:
    _write(session, workspace, output, result, wording)

    def show() -> None:
        show_table(session, change_table(result, workspace.library.require(result.layer), wording))
        session.console.print(change_statement(result, wording))
        session.console.print(session.say("terrain.hint"))

    session.answer(result.to_json(), show)


def _require_forms(paths: list[Path], *, shapes: bool) -> None:
    """Stop where a file is asked for that needs shapes, and the answer has none."""
    for path in paths:
        if not shapes and path.suffix.lower() not in _TABLES:
            raise ChoiceError(
                "choice-unknown", option="output", value=path.name, offered=" ".join(_TABLES)
            )
    require_forms(paths)


def _write(
    session: Session,
    workspace: Workspace,
    paths: list[Path] | None,
    result: TerrainResult,
    wording: Wording,
) -> None:
    write_forms(session, paths or [], lambda form: workspace.write_terrain(result, form, wording))
