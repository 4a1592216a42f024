"""Commands on the demolition register: read it, move a case, add it up, write its ledger."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geoapp.bootstrap import Workspace
from geoapp.cases.case import (
    MODES,
    SOURCES,
    Case,
    CaseFilter,
    SortKey,
    TrackId,
    require_offered,
)
from geoapp.cases.case_json import case_file_to_json, cases_to_json, figures_to_json
from geoapp.cases.guard import MoveRequest
from geoapp.cases.storage_figures import CaseGrouping
from geoapp.cases.track import read_stages
from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_date, require_choice
from geoapp.reports.case_content import curve_table, figures_table, ledger_table, reported_table
from geoapp.reports.spreadsheet import require_known_suffix, write_table
from geoapp.terminal import Session, show_table
from geoapp.values import AreaUnit

cases = typer.Typer(name="cases", help=help_text("cases"), no_args_is_help=True)
app.add_typer(cases)

Unit = Annotated[str, typer.Option("--within", help=help_text("cases_within"))]
Text = Annotated[str, typer.Option("--text", help=help_text("cases_text"))]
Stages = Annotated[list[str] | None, typer.Option("--stage", help=help_text("cases_stage"))]
Modes = Annotated[list[str] | None, typer.Option("--mode", help=help_text("cases_mode"))]
Sources = Annotated[list[str] | None, typer.Option("--source", help=help_text("cases_source"))]
Overdue = Annotated[bool, typer.Option("--overdue", help=help_text("cases_overdue"))]
Sort = Annotated[str, typer.Option("--sort", help=help_text("cases_sort"))]
Number = Annotated[str, typer.Argument(help=help_text("cases_number"))]
_MOST_SHOWN: Final = 500


@cases.command("import", help=help_text("cases_import"))
def import_cases(
    context: Context,
    file: Annotated[Path, typer.Argument(help=help_text("cases_file"))],
    reason: Annotated[str, typer.Option("--reason", help=help_text("cases_reason"))],
    track: Annotated[str, typer.Option("--track", help=help_text("cases_track"))] = "planning",
    crs: Annotated[str, typer.Option("--crs", help=help_text("crs"))] = "auto",
) -> None:
    """Enter the cases of an older ledger: all of them, or none."""
    session: Session = context.obj
    chosen: TrackId = require_choice("track", track, TrackId)
    desk = session.open().cases
    entered = desk.import_ledger(file, reason, track=chosen, crs=crs)
    with session.progress() as progress:
        desk.register.rank(progress)
    numbers = [case.case_no for case in entered]
    document = {"schema": "geoapp.cases-import/1", "file": file.name, "case_count": len(numbers)}
    session.answer(
        document | {"case_numbers": numbers},
        lambda: session.console.print(
            session.say("cli.cases_imported", count=f"{len(numbers):,}", file=file.name)
        ),
    )


@cases.command("list", help=help_text("cases_list"))
def list_cases(
    context: Context,
    within: Unit = "",
    text: Text = "",
    stage: Stages = None,
    mode: Modes = None,
    source: Sources = None,
    overdue: Overdue = False,  # noqa: FBT002
    sort: Sort = "due_on",
    offset: Annotated[int, typer.Option("--offset", min=0, help=help_text("cases_offset"))] = 0,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=_MOST_SHOWN, help=help_text("cases_limit"))
    ] = 50,
) -> None:
    """List cases, some at a time."""
    session: Session = context.obj
    workspace = session.open()
    today = workspace.cases.office.today
    wanted = _filter(within, text, stage, mode, source, today if overdue else None)
    order: SortKey = require_choice("sort", sort, SortKey)
    page = workspace.cases.register.select(wanted, sort=order, offset=offset, limit=limit)
    words = session.wording(workspace, AreaUnit.M2)
    session.answer(
        cases_to_json(page, offset=offset),
        lambda: show_table(
            session, ledger_table(page.cases, page.total, words, sample=workspace.city.sample)
        ),
    )


@cases.command("show", help=help_text("cases_show"))
def show_case(context: Context, case: Number) -> None:
    """Show a case with its history, periods and next steps."""
    session: Session = context.obj
    _tell(session, session.open(), case)


@cases.command("move", help=help_text("cases_move"))
def move_case(
    context: Context,
    case: Number,
    move: Annotated[str, typer.Argument(help=help_text("cases_step"))],
    seen: Annotated[int, typer.Option("--seen", help=help_text("cases_seen"))],
    reason: Annotated[str, typer.Option("--reason", help=help_text("cases_reason"))],
    on: Annotated[str, typer.Option("--on", help=help_text("cases_on"))] = "",
    document: Annotated[str, typer.Option("--document", help=help_text("cases_document"))] = "",
    term: Annotated[str, typer.Option("--term", help=help_text("cases_term"))] = "",
    permit: Annotated[str, typer.Option("--permit", help=help_text("cases_permit"))] = "",
    write: Annotated[bool, typer.Option("--write", help=help_text("cases_write"))] = False,  # noqa: FBT002
) -> None:
    """Take a step; with ``--write`` its document is written in the same transaction."""
    session: Session = context.obj
    workspace = session.open()
    day = read_date(on) or workspace.cases.office.today
    request = MoveRequest(move, day, reason, document, read_date(term), permit)
    workspace.move_case(case, seen, request, write=write)
    _tell(session, workspace, case)


@cases.command("progress", help=help_text("cases_progress"))
def show_progress(
    context: Context,
    by: Annotated[str, typer.Option("--by", help=help_text("cases_by"))] = "district",
    within: Unit = "",
    mode: Modes = None,
    source: Sources = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help=help_text("output"))] = None,
) -> None:
    """Add up households and areas, month by month, beside what was reported."""
    session: Session = context.obj
    if output:
        require_known_suffix(output)
    group: CaseGrouping = require_choice("by", by, CaseGrouping)
    workspace = session.open()
    progress, sample = workspace.cases.progress, workspace.city.sample
    wanted = _filter(within, "", None, mode, source, None)
    rows, curve = progress.cases(group, wanted), progress.curve(wanted)
    reported = progress.reported() if wanted == CaseFilter() else ()
    words = session.wording(workspace, AreaUnit.M2)
    table = figures_table(by, rows, words, sample=sample)
    months = curve_table(curve, words, sample=sample)
    if output:
        write_table(table, output, session.lang, more=((months.title, months),))
        session.notes.print(session.say("cli.written", file=output))

    def show() -> None:
        show_table(session, table)
        if reported:
            show_table(session, reported_table(reported, words, sample=sample))

    document = figures_to_json(by, rows, curve, reported, session.lang, sample=sample)
    session.answer(document, show)


@cases.command("export", help=help_text("cases_export"))
def export_cases(
    context: Context,
    output: Annotated[Path, typer.Argument(help=help_text("output"))],
    within: Unit = "",
    text: Text = "",
    stage: Stages = None,
    mode: Modes = None,
    source: Sources = None,
    overdue: Overdue = False,  # noqa: FBT002
    sort: Sort = "case_no",
) -> None:
    """Write the ledger: every case of the filter, as on the screen."""
    session: Session = context.obj
    require_known_suffix(output)
    workspace = session.open()
    today = workspace.cases.office.today
    wanted = _filter(within, text, stage, mode, source, today if overdue else None)
    order: SortKey = require_choice("sort", sort, SortKey)
    page = workspace.cases.register.select_all(wanted, sort=order)
    words = session.wording(workspace, AreaUnit.M2)
    table = ledger_table(page.cases, page.total, words, sample=workspace.city.sample)
    write_table(table, output, session.lang)
    document = {"schema": "geoapp.cases-export/1", "file": str(output), "case_count": page.total}
    session.answer(document, lambda: session.console.print(session.say("cli.written", file=output)))


@cases.command("rank", help=help_text("cases_rank"))
def rank_cases(context: Context) -> None:
    """Compute anew how urgent every case is that is worked on."""
    session: Session = context.obj
    workspace = session.open()
    with session.progress() as progress:
        count = workspace.cases.register.rank(progress)
    document = {"schema": "geoapp.cases-rank/1", "case_count": count}
    words = session.say("cli.cases_ranked", count=f"{count:,}")
    session.answer(document, lambda: session.console.print(words))


@cases.command("publish", help=help_text("cases_publish"))
def publish_cases(context: Context) -> None:
    """Publish the register as a new snapshot of the demolition layer."""
    session: Session = context.obj
    workspace = session.open()
    with session.progress() as progress:
        snapshot = workspace.publish_cases(progress)
    count = snapshot.manifest.feature_count
    document = {"schema": "geoapp.cases-publish/1", "snapshot": snapshot.name, "case_count": count}
    words = session.say("cli.cases_published", count=f"{count:,}", snapshot=snapshot.name)
    session.answer(document, lambda: session.console.print(words))


def _filter(
    within: str,
    text: str,
    stages: list[str] | None,
    modes: list[str] | None,
    sources: list[str] | None,
    overdue_on: date | None,
) -> CaseFilter:
    for name, values, offered in (
        ("stage", stages, tuple(stage.id for stage in read_stages())),
        ("mode", modes, MODES),
        ("source", sources, SOURCES),
    ):
        for value in values or ():
            require_offered(value, name, offered)
    chosen: list[Any] = [tuple(modes or ()), tuple(sources or ())]
    return CaseFilter(
        unit=within,
        text=text,
        stages=tuple(stages or ()),
        modes=chosen[0],
        sources=chosen[1],
        overdue_on=overdue_on,
    )


def _tell(session: Session, workspace: Workspace, number: str) -> None:
    register = workspace.cases.register
    case = register.show(int(number) if number.isdigit() else number)
    events, deadlines = register.events(case.id), register.deadlines(case.id)
    offered = workspace.cases.mover.offered(case.id)
    document = case_file_to_json(case, events, deadlines, offered, session.lang)
    session.answer(document, lambda: _show(session, workspace, case, document))


def _show(session: Session, workspace: Workspace, case: Case, document: dict[str, Any]) -> None:
    say, show = session.say, session.console.print
    words = session.wording(workspace, AreaUnit.M2)
    table = ledger_table([case], 1, words, sample=workspace.city.sample)
    if table.banner:
        show(table.banner, style="bold red")
    for column, cell in zip(table.columns, table.rows[0], strict=True):
        if cell not in {None, ""}:
            show(f"{column.title}: {cell}", markup=False)
    show(f"{say('cli.cases_version')}: {case.version}", markup=False)
    for event in document["events"]:
        kind = say(f"case.event_{event['kind']}")
        show(f"{event['on']}  {kind}  {event['reason']}  {event['document']}", markup=False)
    for move in document["moves"]:
        blocks = "; ".join(move["blocks"])
        show(f"→ {move['move']}  {move['title']}  {blocks}".rstrip(), markup=False)
