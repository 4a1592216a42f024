"""Commands on what comes in: import a file, look at what waits."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_date, read_mapping, require_choice
from geoapp.cli.shown import show_problems, show_staged
from geoapp.errors import FileError
from geoapp.importers.request import MakeCurrent, OnProblem
from geoapp.importers.wording import make_refusal
from geoapp.reports.problem_content import write_problems
from geoapp.terminal import show_report

if TYPE_CHECKING:
    from geoapp.bootstrap import Workspace
    from geoapp.importers.report import ImportReport
    from geoapp.importers.staged import StagedImport
    from geoapp.terminal import Session


@app.command("import", help=help_text("import"))
def import_file(  # noqa: PLR0913, PLR0917  one for each option
    context: Context,
    layer: Annotated[str, typer.Argument(help=help_text("import_layer"))],
    files: Annotated[list[Path], typer.Argument(help=help_text("import_files"))],
    sublayer: Annotated[str, typer.Option("--sublayer", help=help_text("sublayer"))] = "",
    crs: Annotated[str, typer.Option("--crs", help=help_text("crs"))] = "auto",
    encoding: Annotated[str, typer.Option("--encoding", help=help_text("encoding"))] = "auto",
    as_of: Annotated[str, typer.Option("--as-of", help=help_text("as_of"))] = "",
    covers: Annotated[list[str] | None, typer.Option("--covers", help=help_text("covers"))] = None,
    mapping: Annotated[list[str] | None, typer.Option("--map", help=help_text("map_field"))] = None,
    on_problem: Annotated[
        str, typer.Option("--on-problem", help=help_text("on_problem"))
    ] = "refuse",
    rejected: Annotated[Path | None, typer.Option("--rejected", help=help_text("rejected"))] = None,
    problems: Annotated[Path | None, typer.Option("--problems", help=help_text("problems"))] = None,
    scale: Annotated[int, typer.Option("--scale", help=help_text("import_scale"), min=0)] = 0,
    make_current: Annotated[
        str, typer.Option("--make-current", help=help_text("make_current"))
    ] = "auto",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=help_text("dry_run"))] = False,  # noqa: FBT002
) -> None:
    """Import a file as a new snapshot of a layer."""
    session: Session = context.obj
    action: OnProblem = require_choice("on-problem", on_problem, OnProblem)
    current: MakeCurrent = require_choice("make-current", make_current, MakeCurrent)
    day, fields = read_date(as_of), read_mapping(mapping or [])
    workspace = session.open()
    with session.progress() as progress, _one_source(files) as source:
        staged = workspace.stage_import(
            layer,
            source,
            sublayer=sublayer,
            crs=crs,
            encoding=encoding,
            as_of=day,
            covers=tuple(covers or ()),
            mapping=fields,
            on_problem=action,
            scale=scale,
            progress=progress,
        )
        with _nothing_left(workspace, staged):
            _write_findings(session, workspace, staged, problems, rejected)
            report = staged.report
            if report.refused:
                raise make_refusal(report)
            if not dry_run:
                report = workspace.publish_import(
                    staged.id, make_current=current, progress=progress
                )
    _answer(session, workspace, report)


@app.command("staged", help=help_text("staged"))
def staged(
    context: Context,
    publish: Annotated[str, typer.Option("--publish", help=help_text("staged_publish"))] = "",
    discard: Annotated[str, typer.Option("--discard", help=help_text("staged_discard"))] = "",
) -> None:
    """List what waits to be published; publish or discard one of them."""
    session: Session = context.obj
    workspace = session.open()
    if publish:
        with session.progress() as progress:
            report = workspace.publish_import(publish, progress=progress)
        _answer(session, workspace, report)
        return
    if discard:
        workspace.discard_import(discard)
    waiting = workspace.staged_imports()
    document = {
        "schema": "geoapp.waiting/1",
        "imports": [one.to_json() for one in waiting],
    }
    session.answer(document, lambda: show_staged(session, workspace, waiting))


def _answer(session: "Session", workspace: "Workspace", report: "ImportReport") -> None:
    def show() -> None:
        show_report(session, workspace, report)
        show_problems(session, report)

    session.answer(report.to_json(), show)


@contextmanager
def _one_source(files: list[Path]) -> Iterator[Path]:
    """Give one file as it is, several together in a folder of their own."""
    if len(files) == 1:
        yield files[0]
        return
    with tempfile.TemporaryDirectory(prefix="geoapp-import-") as folder:
        place = Path(folder) / files[0].stem
        place.mkdir()
        for file in files:
            if not file.is_file():
                raise FileError("file-missing", file=str(file))
            shutil.copyfile(file, place / file.name)
        yield place


def _write_findings(
    session: "Session",
    workspace: "Workspace",
    staged: "StagedImport",
    problems: Path | None,
    rejected: Path | None,
) -> None:
    """Write the list of findings and the rows that were left out to the files asked for."""
    if problems is not None:
        definition = workspace.library.require(staged.report.layer)
        now, sample = datetime.now().astimezone(), workspace.city.sample
        write_problems(staged, definition, problems, session.lang, now, sample=sample)
        session.notes.print(session.say("cli.written", file=problems))
    if rejected is None:
        return
    if staged.rejected_file is None:
        session.notes.print(session.say("cli.none_rejected", file=rejected))
        return
    try:
        shutil.copyfile(staged.rejected_file, rejected)
    except OSError as error:
        reason = error.strerror or "-"
        raise FileError("file-unwritable", file=str(rejected), reason=reason) from error
    session.notes.print(session.say("cli.written", file=rejected))


@contextmanager
def _nothing_left(workspace: "Workspace", staged: "StagedImport") -> Iterator[None]:
    """Let nothing wait that nobody asked to wait, whatever happens."""
    try:
        yield
    finally:
        if staged.folder.is_dir():
            workspace.discard_import(staged.id)
