"""Commands that keep a city from being lost: backup, restore, doctor, audit."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table as ScreenTable

from geoapp.bootstrap.restoring import restore_workspace
from geoapp.catalog.storage_audit import AuditFilter
from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_date
from geoapp.errors import NotFoundError
from geoapp.keeping.doctor import Examination
from geoapp.keeping.finding import Symptom
from geoapp.keeping.record import BackupRecord
from geoapp.keeping.verifying import verify_backup
from geoapp.reports.spreadsheet import write_table
from geoapp.terminal import show_table

if TYPE_CHECKING:
    from geoapp.terminal import Session

_FOUND = 1  # exit status when something is not as it should be


@app.command("backup", help=help_text("backup"))
def backup(
    context: Context,
    folder: Annotated[Path | None, typer.Argument(help=help_text("backup_folder"))] = None,
    verify: Annotated[bool, typer.Option("--verify", help=help_text("backup_verify"))] = False,  # noqa: FBT002
) -> None:
    """Make a backup, or check one."""
    session: Session = context.obj
    if verify:
        _verify(session, folder)
        return
    workspace = session.open()
    with session.progress() as progress:
        made = workspace.backup(folder, progress)
    place = (folder or workspace.backups_folder) / made.name
    session.answer(made.to_json() | {"folder": str(place)}, lambda: _show(session, made, place))
    if made.doubts:
        raise typer.Exit(_FOUND)


def _verify(session: "Session", folder: Path | None) -> None:
    if folder is None:
        raise NotFoundError("backup-none", folder="-")
    with session.progress() as progress:
        state = verify_backup(folder, progress)

    def show() -> None:
        for fault in state.faults:
            session.console.print(session.say(f"backup.fault_{fault.fault}", file=fault.file))
        key = "backup.damaged" if state.faults else "backup.whole"
        session.console.print(session.say(key, name=state.record.name, files=state.record.files))

    session.answer(state.to_json(), show)
    if state.faults:
        raise typer.Exit(_FOUND)


@app.command("restore", help=help_text("restore"))
def restore(
    context: Context,
    backup: Annotated[Path, typer.Argument(help=help_text("restore_backup"))],
    workspace: Annotated[Path, typer.Argument(help=help_text("restore_workspace"))],
) -> None:
    """Bring a city back from a backup."""
    session: Session = context.obj
    with session.progress() as progress:
        restored = restore_workspace(backup, workspace, progress=progress)

    def show() -> None:
        record = restored.record
        facts = {"name": record.name, "folder": workspace, "layers": len(record.layers)}
        session.console.print(session.say("backup.restored", **facts))
        _show_examination(session, restored.examination)

    session.answer(restored.to_json(), show)
    if not restored.examination.healthy:
        raise typer.Exit(_FOUND)


@app.command("doctor", help=help_text("doctor"))
def doctor(
    context: Context,
    repair: Annotated[bool, typer.Option("--repair", help=help_text("doctor_repair"))] = False,  # noqa: FBT002
) -> None:
    """Look for damage."""
    session: Session = context.obj
    with session.progress() as progress:
        found = session.examine(repair=repair, progress=progress)
    session.answer(found.to_json(), lambda: _show_examination(session, found))
    if not found.healthy:
        raise typer.Exit(_FOUND)


@app.command("audit", help=help_text("audit"))
def audit(
    context: Context,
    first: Annotated[str, typer.Option("--from", help=help_text("audit_from"))] = "",
    last: Annotated[str, typer.Option("--to", help=help_text("audit_to"))] = "",
    actor: Annotated[str, typer.Option("--actor", help=help_text("audit_actor"))] = "",
    action: Annotated[str, typer.Option("--action", help=help_text("audit_action"))] = "",
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help=help_text("audit_output"))
    ] = None,
) -> None:
    """Verify the audit trail, and show or write its entries."""
    session: Session = context.obj
    workspace = session.open()
    wanted = AuditFilter(read_date(first), read_date(last), actor, action)
    state = workspace.verify_audit()
    for path in output or []:
        write_table(workspace.audit_table(wanted, lang=session.lang), path, session.lang)
        session.notes.print(session.say("cli.written", file=path))
    table = workspace.audit_table(wanted, lang=session.lang, most=60)
    document = {
        "schema": "geoapp.audit/1",
        **state.to_json(),
        "shown": [
            dict(zip((c.key for c in table.columns), row, strict=True)) for row in table.rows
        ],
    }

    def show() -> None:
        show_table(session, table)
        key = "audit.broken" if state.fault else "audit.whole"
        seq = state.fault.seq if state.fault else state.entries
        session.console.print(session.say(key, seq=seq, head=state.head))

    session.answer(document, show)
    if state.fault:
        raise typer.Exit(_FOUND)


def word_symptom(session: "Session", symptom: Symptom) -> tuple[str, str]:
    """Say what was found and what to do about it."""
    facts = {"subject": symptom.subject, **symptom.facts}
    return (
        session.say(f"doctor.{symptom.code}", **facts),
        session.say(f"doctor.{symptom.code}_do", **facts),
    )


def _show_examination(session: "Session", found: Examination) -> None:
    if found.healthy:
        session.console.print(session.say("doctor.healthy"))
        return
    table = ScreenTable(show_lines=True)
    for key in ("severity", "found", "do"):
        table.add_column(session.say(f"doctor.{key}"), overflow="fold")
    for symptom in found.symptoms:
        table.add_row(session.say(f"doctor.{symptom.severity}"), *word_symptom(session, symptom))
    session.console.print(table)
    for part in found.unexamined:
        name = session.say(f"doctor.part_{part}")
        session.console.print(session.say("doctor.not_examined", part=name), style="bold")


def _show(session: "Session", made: BackupRecord, place: Path) -> None:
    facts = {"folder": place, "files": made.files, "size": f"{made.size_bytes / 2**20:,.1f}"}
    session.console.print(session.say("backup.made", **facts))
    for doubt in made.doubts:
        session.console.print(session.say(f"backup.doubt_{doubt.fault}", file=doubt.file))
