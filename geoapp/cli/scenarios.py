"""Commands on scenarios: boundaries under consideration."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as ScreenTable

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_unit
from geoapp.cli.planning import Outputs, Unit, require_forms, write_forms
from geoapp.errors import ChoiceError
from geoapp.importers.bundle import unbundled
from geoapp.overlay.what_if_result import Existing
from geoapp.planning.scenario import Scenario, compare_json, scenario_json
from geoapp.planning.scenario_desk import ScenarioDesk
from geoapp.reports.scenario_content import compare_table
from geoapp.terminal import Session, show_table
from geoapp.values import AreaUnit, convert_area

scenario = typer.Typer(help=help_text("scenario"), no_args_is_help=True, rich_markup_mode=None)
app.add_typer(scenario, name="scenario")


@scenario.command("save", help=help_text("scenario_save"))
def save(
    context: Context,
    name: Annotated[str, typer.Argument(help=help_text("scenario_name"))],
    file: Annotated[Path, typer.Argument(help=help_text("scenario_file"))],
    note: Annotated[str, typer.Option("--note", help=help_text("scenario_note"))] = "",
    replaces: Annotated[str, typer.Option("--replaces", help=help_text("scenario_replaces"))] = "",
    crs: Annotated[str, typer.Option("--crs", help=help_text("crs"))] = "auto",
) -> None:
    """Save a boundary from a file as the next version of a scenario."""
    session: Session = context.obj
    workspace = session.open()
    with unbundled([file]) as paths:
        geometry = workspace.read_boundary(paths, crs=crs)
    made = workspace.scenarios.save(name, geometry, note=note, replaces=_read_existing(replaces))
    document = {"schema": "geoapp.scenario/1", **scenario_json(made)}
    session.answer(
        document,
        lambda: session.console.print(session.say("scenario.saved", scenario=made.label)),
    )


@scenario.command("list", help=help_text("scenario_list"))
def list_scenarios(context: Context) -> None:
    """List all versions of all scenarios."""
    session: Session = context.obj
    found = session.open().scenarios.all()
    document = {"schema": "geoapp.scenario-list/1", "scenarios": [scenario_json(s) for s in found]}
    session.answer(document, lambda: _show(session, found))


@scenario.command("compare", help=help_text("scenario_compare"))
def compare(
    context: Context,
    names: Annotated[list[str], typer.Argument(help=help_text("scenario_names"))],
    unit: Unit = "ha",
    output: Outputs = None,
) -> None:
    """Compare scenarios on the snapshots in force."""
    session: Session = context.obj
    area_unit = read_unit(unit)
    require_forms(output or [])
    workspace = session.open()
    desk = workspace.scenarios
    alternatives = desk.compare([_find(desk, name) for name in names])
    wording = session.wording(workspace, area_unit)
    write_forms(
        session, output or [], lambda form: workspace.write_scenarios(alternatives, form, wording)
    )
    table = compare_table(alternatives, workspace.library, wording, changes=False)
    session.answer(compare_json(alternatives), lambda: show_table(session, table))


@scenario.command("remove", help=help_text("scenario_remove"))
def remove(
    context: Context, name: Annotated[str, typer.Argument(help=help_text("scenario_name"))]
) -> None:
    """Remove a scenario with all its versions."""
    session: Session = context.obj
    gone = session.open().scenarios.remove(name)
    document = {"schema": "geoapp.scenario-removed/1", "name": name, "versions": gone}
    session.answer(
        document, lambda: session.console.print(session.say("scenario.removed", count=gone))
    )


def _find(desk: ScenarioDesk, written: str) -> Scenario:
    """Find ``name`` or ``name@version``."""
    name, sign, version = written.rpartition("@")
    if sign and version.isdecimal():
        return desk.require(name, int(version))
    return desk.require(written)


def _read_existing(written: str) -> Existing | None:
    """Read ``layer/key``; ``None`` for no text.

    Raises:
        ChoiceError: There is no key.
    """
    if not written:
        return None
    layer, sign, key = written.partition("/")
    if not sign or not key:
        raise ChoiceError("scenario-replaces-wrong", value=written)
    return Existing(layer, key)


def _show(session: Session, found: list[Scenario]) -> None:
    say = session.say
    table = ScreenTable()
    keys = ("name", "version", "area", "made_at", "made_by", "note")
    for key in keys:
        table.add_column(say(f"scenario.{key}"), overflow="fold")
    for one in found:
        area = f"{convert_area(one.area_m2, AreaUnit.HA):,} {say('unit.ha')}"
        made = f"{one.made_at.astimezone():%Y-%m-%d %H:%M}"
        table.add_row(one.name, str(one.version), area, made, one.made_by, one.note)
    session.console.print(table)
