"""Commands on parcels: may something be built here, and is a sheet still true."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table as ScreenTable

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.check_documents import CHECK_FORMS, BatchForm, CheckForm
from geoapp.catalog.disk import discard
from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_date
from geoapp.compliance.request import BUILDING
from geoapp.compliance.result import CheckResult
from geoapp.compliance.stored import Verification
from geoapp.errors import ChoiceError, FileError
from geoapp.importers.bundle import unbundled
from geoapp.reports.check_document import word_time
from geoapp.terminal import Session, show_table

_ALTERED: Final = 2  # exit status of a sheet that is no longer what it was
_FORMS: Final[dict[str, CheckForm]] = {f".{form}": form for form in CHECK_FORMS}
_BATCH_FORMS: Final[dict[str, BatchForm]] = {".xlsx": "xlsx", ".gpkg": "gpkg"}


@app.command("check", help=help_text("check"))
def check(
    context: Context,
    files: Annotated[list[Path], typer.Argument(help=help_text("check_files"))],
    crs: Annotated[str, typer.Option("--crs", help=help_text("crs"))] = "auto",
    sublayer: Annotated[str, typer.Option("--sublayer", help=help_text("sublayer"))] = "",
    purpose: Annotated[str, typer.Option("--purpose", help=help_text("check_purpose"))] = BUILDING,
    day: Annotated[str, typer.Option("--date", help=help_text("check_date"))] = "",
    balance: Annotated[bool, typer.Option("--balance", help=help_text("check_balance"))] = False,  # noqa: FBT002
    no_store: Annotated[bool, typer.Option("--no-store", help=help_text("check_store"))] = False,  # noqa: FBT002
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help=help_text("check_output"))
    ] = None,
) -> None:
    """Check parcels against the rules in force."""
    session: Session = context.obj
    for path in output or []:
        _require_suffix(path)
        if not path.absolute().parent.is_dir():  # before anything is stored
            reason = os.strerror(errno.ENOENT)
            raise FileError("file-unwritable", file=str(path), reason=reason)
    workspace = session.open()
    with session.progress() as progress, unbundled(files) as paths:
        result = workspace.check(
            paths,
            purpose=purpose,
            on=read_date(day),
            crs=crs,
            sublayer=sublayer,
            balance=balance,
            remedy=bool(output),
            save=not no_store,
            title=files[0].name,
            progress=progress,
        )
    for path in output or []:
        for written in _write(session, workspace, result, path):
            session.notes.print(session.say("cli.written", file=written))
    session.answer(result.to_json(session.lang), lambda: _show(session, workspace, result))


@app.command("verify", help=help_text("verify"))
def verify(
    context: Context, serial: Annotated[str, typer.Argument(help=help_text("verify_serial"))]
) -> None:
    """Compute a stored check again and compare."""
    session: Session = context.obj
    found = session.open().verify(serial)
    session.answer(found.to_json(), lambda: _show_verification(session, found))
    if found.state != "same":
        raise typer.Exit(_ALTERED)


def _require_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _FORMS:
        offered = " ".join(_FORMS)
        raise ChoiceError("choice-unknown", option="output", value=path.name, offered=offered)
    return suffix


def _write(
    session: Session, workspace: Workspace, result: CheckResult, path: Path
) -> Sequence[Path]:
    """Write one file; of several parcels a sheet each, named by their rows."""
    suffix, lang = _require_suffix(path), session.lang
    one = len(result.parcels) == 1
    if not one and suffix in _BATCH_FORMS:
        return [
            _write_bytes(path, workspace.batch_document(result, _BATCH_FORMS[suffix], lang=lang))
        ]
    return [
        _write_bytes(
            path if one else path.with_stem(f"{path.stem}-{parcel.row}"),
            workspace.check_document(result, _FORMS[suffix], row=place, lang=lang),
        )
        for place, parcel in enumerate(result.parcels)
    ]


def _write_bytes(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        discard(temporary)
        raise FileError("file-unwritable", file=str(path), reason=error.strerror or "-") from error
    return path


def _show(session: Session, workspace: Workspace, result: CheckResult) -> None:
    say, show = session.say, session.console.print
    if len(result.parcels) == 1 and not result.problems:
        document = workspace.word_check(result, lang=session.lang)
        if document.banner:
            show(document.banner, style="bold red")
        show(f"{say('check_sheet.verdict')}: {document.verdict_title}", style="bold")
        show(document.verdict_note)
        facts = ScreenTable(show_header=False)
        for label, words in document.facts:
            facts.add_row(label, words)
        show(facts)
        show_table(session, document.findings)
        for number, remark in enumerate(document.remarks, start=1):
            show(f"{number}. {remark.heading}", style="bold", markup=False)
            for label, words in remark.lines:
                show(f"   {label}: {words}", markup=False)
    else:
        for table in workspace.batch_tables(result, session.lang):
            show_table(session, table)
    if result.serial:
        show(f"{say('check_sheet.serial')}: {result.serial}")


def _show_verification(session: Session, found: Verification) -> None:
    say, show = session.say, session.console.print
    show(say(f"check_page.state_{found.state}"), style="bold")
    facts = {
        "serial": found.serial,
        "made_at": word_time(found.made_at),
        "checked_at": word_time(found.checked_at),
        "verdict": say(f"check_sheet.verdict_{found.verdict}"),
    }
    show(say("check_page.verify_facts", **facts))
    if found.missing:
        show(say("check_page.verify_missing", names=", ".join(found.missing)))
    for one in found.differences:
        show(f"{one.where}: {one.before} → {one.after}", markup=False)
