"""The command on trackers."""

from typing import Annotated, Final, cast, get_args

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.ledgers import File, Outputs, Reason, Whole, require_suffixes, say_written
from geoapp.cli.ledgers import write_tables as write
from geoapp.errors import ChoiceError
from geoapp.planning.tracker_desk import UnitLevel
from geoapp.reports.planning_content import tracker_table
from geoapp.terminal import Session, show_table
from geoapp.values import AreaUnit

_LEVELS: Final[tuple[str, ...]] = get_args(UnitLevel)


@app.command("trackers", help=help_text("trackers"))
def trackers(
    context: Context,
    tracker: Annotated[str, typer.Argument(help=help_text("trackers_id"))],
    by: Annotated[str, typer.Option("--by", help=help_text("trackers_by"))] = "district",
    file: File = None,
    sublayer: Annotated[str, typer.Option("--sublayer", help=help_text("sublayer_sheet"))] = "",
    reason: Reason = "",
    whole: Whole = False,  # noqa: FBT002
    output: Outputs = None,
) -> None:
    """Add a tracker up by units, after reading items where a file is given."""
    session: Session = context.obj
    if by not in _LEVELS:
        raise ChoiceError("choice-unknown", option="by", value=by, offered=", ".join(_LEVELS))
    paths = require_suffixes(output)
    workspace = session.open()
    desk = workspace.trackers
    if file is not None:
        written = desk.import_items(tracker, file, reason=reason, whole=whole, sublayer=sublayer)
        say_written(session, written)
    state = desk.show(tracker, cast("UnitLevel", by))
    table = tracker_table(state, session.wording(workspace, AreaUnit.M2))
    write(session, table, paths)
    session.answer(state.to_json(), lambda: show_table(session, table))
