"""Commands that answer with figures."""

from pathlib import Path
from typing import Annotated

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_date, read_level, read_unit
from geoapp.reports.content import stats_table
from geoapp.reports.spreadsheet import require_known_suffix, write_table
from geoapp.terminal import Session, show_change, show_table


@app.command("stats", help=help_text("stats"))
def stats(
    context: Context,
    layer: Annotated[str, typer.Argument(help=help_text("import_layer"))],
    by: Annotated[str, typer.Option("--by", help=help_text("by"))] = "district",
    class_field: Annotated[str, typer.Option("--class", help=help_text("class"))] = "",
    inside: Annotated[str, typer.Option("--inside", help=help_text("inside"))] = "",
    within: Annotated[str, typer.Option("--within", help=help_text("within"))] = "",
    as_of: Annotated[str, typer.Option("--as-of", help=help_text("as_of"))] = "",
    unit: Annotated[str, typer.Option("--unit", help=help_text("unit"))] = "ha",
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help=help_text("output"))
    ] = None,
) -> None:
    """Measure a layer by units and classes."""
    session: Session = context.obj
    area_unit = read_unit(unit)
    for path in output or []:
        require_known_suffix(path)
    workspace = session.open()
    result = workspace.stats(
        layer,
        by=read_level(by),
        class_field=class_field,
        inside=inside,
        within=within,
        as_of=read_date(as_of),
    )
    wording = session.wording(workspace, area_unit)
    table = stats_table(result, workspace.library.require(layer), wording)
    for path in output or []:
        write_table(table, path, session.lang)
        session.notes.print(session.say("cli.written", file=path))
    session.answer(result.to_json(), lambda: show_table(session, table))


@app.command("change", help=help_text("change"))
def change(
    context: Context,
    layer: Annotated[str, typer.Argument(help=help_text("import_layer"))],
    before: Annotated[str, typer.Option("--from", help=help_text("change_from"))],
    after: Annotated[str, typer.Option("--to", help=help_text("change_to"))] = "",
    by: Annotated[str, typer.Option("--by", help=help_text("by"))] = "district",
    class_field: Annotated[str, typer.Option("--class", help=help_text("class"))] = "",
    within: Annotated[str, typer.Option("--within", help=help_text("within"))] = "",
    unit: Annotated[str, typer.Option("--unit", help=help_text("unit"))] = "ha",
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help=help_text("output"))
    ] = None,
) -> None:
    """Compare two dates of a layer: which class became which."""
    session: Session = context.obj
    area_unit, level = read_unit(unit), read_level(by)
    for path in output or []:
        require_known_suffix(path)
    workspace = session.open()
    with session.progress() as progress:
        result = workspace.change(
            layer,
            before=before,
            after=after or None,
            by=level,
            class_field=class_field,
            within=within,
            progress=progress,
        )
    show_change(session, workspace, result, area_unit, output or [])
