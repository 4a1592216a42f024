"""Commands of the planner's desk: conflicts, the ledger of cultivated land, who answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.planning_papers import PLANNING_FORMS, PlanningForm
from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_level, read_unit, require_choice
from geoapp.errors import ChoiceError, FileError, InputError
from geoapp.i18n import word_error
from geoapp.planning.conflict_result import THREE_LINES
from geoapp.planning.contact import Contact, Theme
from geoapp.reports.conflict_content import conflict_statements, conflict_table
from geoapp.reports.contact_content import contact_table
from geoapp.reports.farmland_content import ledger_statement, ledger_table
from geoapp.terminal import Session, show_table

_FORMS: Final[dict[str, PlanningForm]] = {f".{form}": form for form in PLANNING_FORMS}
Outputs = Annotated[
    list[Path] | None, typer.Option("-o", "--output", help=help_text("planning_output"))
]
By = Annotated[str, typer.Option("--by", help=help_text("by"))]
Within = Annotated[str, typer.Option("--within", help=help_text("within"))]
Unit = Annotated[str, typer.Option("--unit", help=help_text("unit"))]


@app.command("conflicts", help=help_text("conflicts"))
def conflicts(
    context: Context,
    layers: Annotated[list[str] | None, typer.Argument(help=help_text("conflict_layers"))] = None,
    by: By = "district",
    within: Within = "",
    unit: Unit = "ha",
    output: Outputs = None,
) -> None:
    """Find where layers overlap each other."""
    session: Session = context.obj
    area_unit, level = read_unit(unit), read_level(by)
    require_forms(output or [])
    workspace = session.open()
    result = workspace.conflicts(layers or THREE_LINES, by=level, within=within)
    wording = session.wording(workspace, area_unit)
    write_forms(
        session, output or [], lambda form: workspace.write_conflicts(result, form, wording)
    )

    def show() -> None:
        show_table(session, conflict_table(result, wording))
        for line in conflict_statements(result, wording):
            session.console.print(line)

    session.answer(result.to_json(), show)


@app.command("ledger", help=help_text("ledger"))
def ledger(
    context: Context,
    before: Annotated[str, typer.Option("--from", help=help_text("ledger_from"))] = "",
    after: Annotated[str, typer.Option("--to", help=help_text("change_to"))] = "",
    by: By = "district",
    within: Within = "",
    unit: Unit = "ha",
    output: Outputs = None,
) -> None:
    """Keep the ledger of cultivated land between two dates."""
    session: Session = context.obj
    area_unit, level = read_unit(unit), read_level(by)
    require_forms(output or [])
    workspace = session.open()
    with session.progress() as progress:
        result = workspace.farmland_ledger(
            before or None, after or None, by=level, within=within, progress=progress
        )
    wording = session.wording(workspace, area_unit)
    write_forms(session, output or [], lambda form: workspace.write_ledger(result, form, wording))

    def show() -> None:
        show_table(session, ledger_table(result, workspace.farmland, wording))
        session.console.print(ledger_statement(result, wording))

    session.answer(result.to_json(), show)


contacts = typer.Typer(help=help_text("contacts"), no_args_is_help=True, rich_markup_mode=None)
app.add_typer(contacts, name="contacts")
ThemeOption = Annotated[str, typer.Option("--theme", help=help_text("contacts_theme"))]


@contacts.command("list", help=help_text("contacts_list"))
def list_contacts(
    context: Context,
    unit: Annotated[str, typer.Option("--unit", help=help_text("contacts_unit"))] = "",
    theme: ThemeOption = "",
) -> None:
    """List who answers in a unit."""
    session: Session = context.obj
    workspace = session.open()
    found = workspace.contacts.find(unit=unit, theme=_read_theme(theme))
    show_contacts(session, workspace, found, unit)


@contacts.command("import", help=help_text("contacts_import"))
def import_contacts(
    context: Context,
    file: Annotated[Path, typer.Argument(help=help_text("contacts_file"))],
    theme: ThemeOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=help_text("dry_run"))] = False,  # noqa: FBT002
) -> None:
    """Take a table of people; those of the same themes and units are replaced."""
    session: Session = context.obj
    book, chosen = session.open().contacts, _read_theme(theme)
    reading = book.read(file, chosen)
    if reading.problems and not dry_run:
        raise reading.problems[0]
    replaced = 0 if dry_run else book.take(file, chosen)[1]
    count = len(reading.contacts)
    problems = [
        {
            "row": problem.facts["row"],
            "code": problem.code,
            "words": word_error(problem, session.lang),
        }
        for problem in reading.problems
    ]
    document = {
        "schema": "geoapp.contacts-import/1",
        "file": reading.file,
        "count": count,
        "replaced": replaced,
        "dry_run": dry_run,
        "problems": problems,
    }

    def show() -> None:
        for problem in problems:
            session.console.print(problem["words"])
        key = "contacts.would_take" if dry_run else "contacts.taken"
        if not problems:
            session.console.print(session.say(key, count=count, replaced=replaced))

    session.answer(document, show)
    if problems:
        raise typer.Exit(InputError.exit_status)


def show_contacts(session: Session, workspace: Workspace, found: list[Contact], unit: str) -> None:
    """Draw a list of people, or print it as a document."""
    wording = session.wording(workspace, read_unit("ha"))
    place = workspace.name_unit(unit or workspace.city.code, session.lang)
    document: dict[str, Any] = {
        "schema": "geoapp.contacts/1",
        "unit": unit or workspace.city.code,
        "contacts": [
            {
                "theme": one.theme,
                "unit_code": one.unit,
                "section": one.section,
                "name": one.name,
                "office": one.office,
                "phone": one.phone or None,
                "note": one.note,
            }
            for one in found
        ],
    }
    table = contact_table(found, wording, place=place)
    session.answer(document, lambda: show_table(session, table))


def require_forms(paths: list[Path]) -> None:
    """Stop before any work where a file cannot be written as it is named.

    Raises:
        ChoiceError: A suffix is not offered.
        FileError: There is no such folder.
    """
    for path in paths:
        if path.suffix.lower() not in _FORMS:
            raise ChoiceError(
                "choice-unknown", option="output", value=path.name, offered=" ".join(_FORMS)
            )
        if not path.absolute().parent.is_dir():
            raise FileError("file-missing", file=str(path.parent))


def write_forms(session: Session, paths: list[Path], make: Callable[[PlanningForm], bytes]) -> None:
    """Write files, each whole or not at all."""
    for path in paths:
        content = make(_FORMS[path.suffix.lower()])
        temporary = path.with_name(f".{path.name}.part")
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            reason = error.strerror or "-"
            raise FileError("file-unwritable", file=str(path), reason=reason) from error
        session.notes.print(session.say("cli.written", file=path))


def _read_theme(value: str) -> Theme | None:
    if not value:
        return None
    found: Theme = require_choice("theme", value, Theme)
    return found
