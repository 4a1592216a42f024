"""The commands ``check`` and ``verify``, run as a person runs them."""

import io
import sqlite3
from pathlib import Path

import docx
import openpyxl
import pyogrio
import pytest
from pypdf import PdfReader

from tests.integration.test_cli import HOLE, document, refused, run

TWO = HOLE.with_name("example_two.txt")


def test_a_check_answers_as_its_schema_says_and_is_stored(city):
    found = document(city, "check", HOLE)
    [parcel] = found["parcels"]
    assert round(parcel["area_m2"], 2) == 7059.68
    assert parcel["declared_m2"] == 7060.0
    assert found["serial"]
    assert document(city, "verify", found["serial"])["state"] == "same"


def test_a_check_that_is_not_stored_has_no_serial(city):
    assert document(city, "check", HOLE, "--no-store")["serial"] == ""


def test_one_parcel_becomes_a_document_in_every_form(city, tmp_path):
    files = [tmp_path / f"sheet.{form}" for form in ("docx", "pdf", "xlsx", "gpkg")]
    outputs = [part for file in files for part in ("-o", file)]
    done = run(city, "check", HOLE, *outputs)
    serial = done.stdout.rsplit(" ", 1)[-1].strip()
    word, pdf, book, pieces = files
    text = "\n".join(
        cell.text
        for table in docx.Document(str(word)).tables
        for row in table.rows
        for cell in row.cells
    )
    assert serial in text
    assert serial in PdfReader(io.BytesIO(pdf.read_bytes())).pages[0].extract_text()
    sheet = openpyxl.load_workbook(book).worksheets[0]
    assert serial in [cell.value for row in sheet.iter_rows() for cell in row]
    assert pyogrio.read_dataframe(pieces, layer="parcel")["serial"][0] == serial


def test_several_parcels_become_a_sheet_each_and_one_table(city, tmp_path):
    outputs = ("-o", tmp_path / "many.pdf", "-o", tmp_path / "many.xlsx")
    run(city, "check", TWO, *outputs)
    assert {file.name for file in tmp_path.iterdir()} == {"many-1.pdf", "many-2.pdf", "many.xlsx"}
    rows = list(openpyxl.load_workbook(tmp_path / "many.xlsx").worksheets[0].values)
    assert [row[1] for row in rows if isinstance(row[0], int)] == ["430802-0002", "430802-0003"]


def test_a_day_and_a_purpose_are_taken(city):
    found = document(
        city, "check", HOLE, "--purpose", "planting", "--date", "2026-01-15", "--no-store"
    )
    assert (found["purpose"], found["date"]) == ("planting", "2026-01-15")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((HOLE, "-o", "x.doc"), "x.doc"),
        ((HOLE, "--purpose", "palace"), "palace"),
        ((HOLE, "--date", "yesterday"), "yesterday"),
        (("nothing.txt",), "nothing.txt"),
        ((HOLE, "-o", Path("nowhere") / "sheet.pdf"), "sheet.pdf"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_stored(city, arguments, said):
    def count():
        with sqlite3.connect(city / "register.db") as register:
            return register.execute("SELECT count(*) FROM saved_check").fetchone()

    before = count()
    done = run(city, "check", *arguments, status=2)
    assert said in done.stderr
    assert done.stdout == ""
    assert count() == before


def test_a_mistyped_serial_is_told(city):
    refused(city, "verify", "nonsense")


def test_a_sheet_whose_row_was_changed_is_told_with_its_status(city):
    serial = document(city, "check", HOLE)["serial"]
    with sqlite3.connect(city / "register.db") as register:
        register.execute(
            "UPDATE saved_check SET actor = 'somebody else' WHERE serial = ?", (serial,)
        )
    done = run(city, "verify", serial, status=2)
    assert "Tampered" in done.stdout
