"""What fire engines reach in time."""

from typing import Annotated

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_level, read_unit
from geoapp.cli.planning import By, Outputs, Unit, Within, require_forms, write_forms
from geoapp.reports.cover_content import cover_statement, cover_table
from geoapp.terminal import Session, show_table


@app.command("cover", help=help_text("cover"))
def cover(
    context: Context,
    minutes: Annotated[int, typer.Option("--minutes", help=help_text("cover_minutes"))] = 30,
    classes: Annotated[str, typer.Option("--classes", help=help_text("cover_classes"))] = "03",
    by: By = "district",
    within: Within = "",
    unit: Unit = "ha",
    output: Outputs = None,
) -> None:
    """Measure which land fire engines reach in time."""
    session: Session = context.obj
    area_unit, level = read_unit(unit), read_level(by)
    require_forms(output or [])
    workspace = session.open()
    wanted = tuple(filter(None, (one.strip() for one in classes.split(","))))
    result = workspace.fire_cover(minutes, by=level, within=within, classes=wanted)
    wording = session.wording(workspace, area_unit)
    write_forms(session, output or [], lambda form: workspace.write_cover(result, form, wording))

    def show() -> None:
        show_table(session, cover_table(result, wording))
        session.console.print(cover_statement(result, wording))

    session.answer(result.to_json(), show)
