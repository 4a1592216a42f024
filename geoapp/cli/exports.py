"""The command that writes a layer to a file."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_text_encoding
from geoapp.exporters.request import read_format
from geoapp.values import AreaUnit, convert_area, to_kilometres

if TYPE_CHECKING:
    from geoapp.exporters.report import ExportReport
    from geoapp.terminal import Session


@app.command("export", help=help_text("export"))
def export(
    context: Context,
    layer: Annotated[str, typer.Argument(help=help_text("import_layer"))],
    output: Annotated[Path, typer.Option("-o", "--output", help=help_text("export_output"))],
    within: Annotated[str, typer.Option("--within", help=help_text("export_within"))] = "",
    crs: Annotated[str, typer.Option("--crs", help=help_text("export_crs"))] = "auto",
    as_of: Annotated[str, typer.Option("--as-of", help=help_text("export_as_of"))] = "",
    form: Annotated[str, typer.Option("--format", help=help_text("export_format"))] = "auto",
    official_names: Annotated[  # noqa: FBT002
        bool, typer.Option("--official-names", help=help_text("export_official"))
    ] = False,
    encoding: Annotated[str, typer.Option("--encoding", help=help_text("export_encoding"))] = "gbk",
) -> None:
    """Write the features of a layer to a file."""
    session: Session = context.obj
    read_format(form, output)
    codec = read_text_encoding(encoding)
    workspace = session.open()
    with session.progress() as progress:
        report = workspace.export(
            layer,
            output,
            within=within,
            version=_read_version(as_of),
            format=form,
            crs=crs,
            official_names=official_names,
            encoding=codec,
            lang=session.lang,
            progress=progress,
        )
    session.answer(report.to_json(session.lang), lambda: show_export(session, report))


def show_export(session: "Session", report: "ExportReport") -> None:
    """Say what was written and what the file could not keep."""
    say, show = session.say, session.console.print
    amount = f"{convert_area(report.area_m2, AreaUnit.HA):,} {say('unit.ha')}"
    if report.length_m is not None:
        amount = f"{to_kilometres(report.length_m):,} {say('unit.km')}"
    facts = {"file": report.file, "count": report.feature_count, "crs": report.crs}
    if report.sample:
        show(say("sample.banner"), style="bold red")
    show(say("export.written", amount=amount, **facts))
    if report.reaching_out:
        show(say("export.reaching_out", count=report.reaching_out))
    if report.losses:
        show(say("export.losses"))
        for loss in report.losses:
            show(f"- {loss.word(session.lang)}")


def _read_version(value: str) -> date | str | None:
    """Read a day or the name of a snapshot; ``None`` for no text."""
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value
