"""The command that says figures as sentences for an official text."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geoapp.bootstrap.planning_desk import LANDUSE
from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_level, read_unit
from geoapp.cli.planning import require_forms, write_forms
from geoapp.errors import ChoiceError
from geoapp.reports.ledger_prose import write_ledger_prose
from geoapp.reports.planning_word import write_prose_word
from geoapp.reports.report_prose import write_report_prose

if TYPE_CHECKING:
    from geoapp.terminal import Session

_SUFFIX: Final = ".docx"


@app.command("prose", help=help_text("prose"))
def prose(  # noqa: PLR0913, PLR0917  each option is one
    context: Context,
    layer: Annotated[str, typer.Argument(help=help_text("import_layer"))] = "",
    by: Annotated[str, typer.Option("--by", help=help_text("by"))] = "district",
    class_field: Annotated[str, typer.Option("--class", help=help_text("class"))] = "",
    inside: Annotated[str, typer.Option("--inside", help=help_text("inside"))] = "",
    within: Annotated[str, typer.Option("--within", help=help_text("within"))] = "",
    unit: Annotated[str, typer.Option("--unit", help=help_text("unit"))] = "ha",
    before: Annotated[str, typer.Option("--from", help=help_text("prose_from"))] = "",
    after: Annotated[str, typer.Option("--to", help=help_text("change_to"))] = "",
    report: Annotated[str, typer.Option("--report", help=help_text("prose_report"))] = "",
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help=help_text("prose_output"))
    ] = None,
) -> None:
    """Say statistics, the ledger or a report as sentences, each number with what it rests on."""
    session: Session = context.obj
    level, area_unit, paths = read_level(by), read_unit(unit), output or []
    for path in paths:
        if path.suffix.lower() != _SUFFIX:
            raise ChoiceError("choice-unknown", option="output", value=path.name, offered=_SUFFIX)
    require_forms(paths)
    workspace = session.open()
    wording = session.wording(workspace, area_unit)
    if bool(report) == bool(layer):
        raise ChoiceError(
            "choice-unknown", option="layer", value=layer or "-", offered="LAYER, --report"
        )
    if report:
        found = write_report_prose(workspace.reconcile(report), wording)
    elif before or after:
        if layer != LANDUSE:
            raise ChoiceError("choice-unknown", option="layer", value=layer, offered=LANDUSE)
        dates = (before or None, after or None)
        result = workspace.farmland_ledger(*dates, by=level, within=within, patches=False)
        found = write_ledger_prose(result, wording)
    else:
        found = workspace.prose(
            layer,
            by=level,
            class_field=class_field,
            inside=inside,
            within=within,
            lang=session.lang,
            unit=area_unit,
        )
    write_forms(session, paths, lambda _form: write_prose_word(found, wording))
    document = {
        "schema": "geoapp.prose/1",
        "title": found.title,
        "sample": bool(found.banner),
        "sentences": list(found.sentences),
        "notes": list(found.notes),
    }

    def show() -> None:
        for line in filter(None, (found.banner, found.title, found.text)):
            session.console.print(line, markup=False)
        for number, note in enumerate(found.notes, start=1):
            session.console.print(f"[{number}] {note}", markup=False)

    session.answer(document, show)
