"""The command on plans and what they cover."""

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.ledgers import File, Outputs, Reason, Whole, require_suffixes, say_written
from geoapp.cli.ledgers import write_tables as write
from geoapp.reports.planning_content import coverage_table
from geoapp.terminal import Session, show_table
from geoapp.values import AreaUnit


@app.command("plans", help=help_text("plans"))
def plans(
    context: Context,
    file: File = None,
    reason: Reason = "",
    whole: Whole = False,  # noqa: FBT002
    output: Outputs = None,
) -> None:
    """Count what plans cover, after reading a table of plans where one is given."""
    session: Session = context.obj
    paths = require_suffixes(output)
    workspace = session.open()
    if file is not None:
        say_written(session, workspace.plans.import_plans(file, reason=reason, whole=whole))
    state = workspace.plans.show()
    table = coverage_table(state, session.wording(workspace, AreaUnit.M2))
    write(session, table, paths)
    session.answer(state.to_json(), lambda: show_table(session, table))
