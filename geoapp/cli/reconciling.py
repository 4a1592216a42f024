"""The command that sets a report beside the data."""

from pathlib import Path
from typing import Annotated, Final

import typer

from geoapp.catalog.disk import discard
from geoapp.cli.app import Context, app, help_text
from geoapp.errors import FileError
from geoapp.planning.reconciling import ReconciledReport
from geoapp.reports.content import Wording
from geoapp.reports.planning_word import write_report_word
from geoapp.reports.reconcile_content import report_table
from geoapp.reports.spreadsheet import require_known_suffix, write_table
from geoapp.terminal import Session, show_table
from geoapp.values import AreaUnit

_WORD: Final = ".docx"


@app.command("reconcile", help=help_text("reconcile"))
def reconcile(
    context: Context,
    report: Annotated[str, typer.Argument(help=help_text("reconcile_report"))] = "",
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help=help_text("reconcile_output"))
    ] = None,
) -> None:
    """Set every figure of a report beside the computed one."""
    session: Session = context.obj
    for path in output or []:
        if path.suffix.lower() != _WORD:
            require_known_suffix(path)
    workspace = session.open()
    result = workspace.reconcile(report)
    words = session.wording(workspace, AreaUnit.M2)
    for path in output or []:
        _write(result, path, words)
        session.notes.print(session.say("cli.written", file=path))
    session.answer(result.to_json(), lambda: show_table(session, report_table(result, words)))


def _write(result: ReconciledReport, path: Path, words: Wording) -> None:
    if path.suffix.lower() != _WORD:
        write_table(report_table(result, words), path, words.lang)
        return
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(write_report_word(result, words))
        temporary.replace(path)
    except OSError as error:
        discard(temporary)
        raise FileError("file-unwritable", file=str(path), reason=error.strerror or "-") from error
