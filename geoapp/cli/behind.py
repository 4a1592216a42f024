"""The command that leads from a figure of a report to what it counts."""

from typing import Annotated

import typer

from geoapp.bootstrap.behind import MOST_TOLD
from geoapp.cli.app import Context, app, help_text
from geoapp.cli.planning import Outputs, require_forms, write_forms
from geoapp.reports.behind_content import behind_statement, behind_table
from geoapp.terminal import Session, show_table
from geoapp.values import AreaUnit


@app.command("behind", help=help_text("behind"))
def behind(
    context: Context,
    figure: Annotated[str, typer.Argument(help=help_text("behind_figure"))],
    report: Annotated[str, typer.Option("--report", help=help_text("behind_report"))] = "",
    unit: Annotated[str, typer.Option("--within", help=help_text("behind_unit"))] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=0, help=help_text("behind_limit"))
    ] = MOST_TOLD,
    output: Outputs = None,
) -> None:
    """List what a figure counts."""
    session: Session = context.obj
    require_forms(output or [])
    workspace = session.open()
    result = workspace.behind(figure, report=report, unit=unit, limit=limit)
    wording = session.wording(workspace, AreaUnit.M2)
    write_forms(session, output or [], lambda form: workspace.write_behind(result, form, wording))

    def show() -> None:
        layer = result.listed.layer
        definition = workspace.library.require(layer) if layer else None
        show_table(session, behind_table(result, definition, wording))
        session.console.print(behind_statement(result, wording))

    session.answer(result.to_json(), show)
