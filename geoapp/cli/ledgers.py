"""Options and answers that the commands on targets, trackers and plans share."""

from pathlib import Path
from typing import Annotated

import typer

from geoapp.cli.app import help_text
from geoapp.planning.ledger import Written
from geoapp.reports.content import Table
from geoapp.reports.spreadsheet import require_known_suffix, write_table
from geoapp.terminal import Session

File = Annotated[Path | None, typer.Option("--import", help=help_text("ledger_import"))]
Reason = Annotated[str, typer.Option("--reason", help=help_text("ledger_reason"))]
Whole = Annotated[bool, typer.Option("--whole", help=help_text("ledger_whole"))]
Outputs = Annotated[list[Path] | None, typer.Option("-o", "--output", help=help_text("output"))]


def require_suffixes(output: list[Path] | None) -> list[Path]:
    """Give the files to write, before anything is read or changed.

    Raises:
        ChoiceError: The suffix of one is not offered.
    """
    for path in output or []:
        require_known_suffix(path)
    return output or []


def write_tables(session: Session, table: Table, output: list[Path]) -> None:
    """Write a table to every file."""
    for path in output:
        write_table(table, path, session.lang)
        session.notes.print(session.say("cli.written", file=path))


def say_written(session: Session, written: Written) -> None:
    """Say what an import changed."""
    session.notes.print(session.say("cli.ledger_written", **written.to_json()))
