"""The command on targets."""

from typing import Annotated

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.ledgers import File, Outputs, Reason, Whole, require_suffixes, say_written
from geoapp.cli.ledgers import write_tables as write
from geoapp.cli.options import read_level
from geoapp.reports.planning_content import targets_table
from geoapp.terminal import Session, show_table
from geoapp.values import AreaUnit


@app.command("targets", help=help_text("targets"))
def targets(
    context: Context,
    indicator: Annotated[
        list[str] | None, typer.Option("--indicator", help=help_text("targets_indicator"))
    ] = None,
    by: Annotated[str, typer.Option("--by", help=help_text("trackers_by"))] = "district",
    file: File = None,
    reason: Reason = "",
    whole: Whole = False,  # noqa: FBT002
    output: Outputs = None,
) -> None:
    """Set targets beside actual values, after reading a table of targets where one is given."""
    session: Session = context.obj
    level, paths = read_level(by), require_suffixes(output)
    workspace = session.open()
    if file is not None:
        say_written(session, workspace.targets.import_targets(file, reason=reason, whole=whole))
    state = workspace.targets.show(level, indicator or ())
    table = targets_table(state, session.wording(workspace, AreaUnit.M2))
    write(session, table, paths)
    session.answer(state.to_json(), lambda: show_table(session, table))
