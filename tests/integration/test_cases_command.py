"""The commands ``geoapp cases …``, run as a person runs them."""

import sqlite3

import openpyxl
import pytest

from tests.integration.test_cli import document, refused, run

PLACE = ("--reason", "现场核查", "--on", "2026-03-02")


def plain_sum(city, column):
    with sqlite3.connect(city / "register.db") as register:
        return register.execute(f"SELECT sum({column}) FROM demolition_case").fetchone()[0]  # noqa: S608


def test_progress_adds_up_to_the_reported_figures_and_to_a_plain_sum(city, tmp_path):
    book = tmp_path / "progress.xlsx"
    found = document(city, "cases", "progress", "--by", "township", "-o", book)
    torn = [row["demolished"] for row in found["rows"]]
    assert sum(row["households"] for row in torn) == plain_sum(city, "done_households") == 30_300
    floor = sum(round(row["floor_area_m2"] * 100) for row in torn)
    assert floor == plain_sum(city, "done_floor_area") == 277_800_000
    assert [(gap["reported"], gap["gap"]) for gap in found["reported"]] == [
        (30_300, 0), (2_778_000, 0),
    ]  # fmt: skip
    assert found["months"][-1]["until_then"]["households"] == 30_300
    assert len(openpyxl.load_workbook(book).worksheets) == 3


def test_cases_are_listed_shown_and_moved_by_the_version_that_was_seen(city):
    listed = document(city, "cases", "list", "--stage", "lead", "--limit", "2")
    assert (len(listed["cases"]), {case["stage"] for case in listed["cases"]}) == (2, {"lead"})
    number, seen = listed["cases"][0]["case_no"], listed["cases"][0]["version"]
    shown = document(city, "cases", "show", number)
    assert "verify" in {move["move"] for move in shown["moves"] if not move["blocks"]}
    step = ("cases", "move", number, "verify", *PLACE, "--write", "--seen")
    moved = document(city, *step, seen)
    assert moved["case"]["stage"] == "verified"
    assert moved["events"][-1]["document"]
    assert number in refused(city, *step, seen)


def test_the_ledger_holds_every_case_of_the_filter(city, tmp_path):
    book = tmp_path / "ledger.xlsx"
    found = document(city, "cases", "export", book, "--mode", "forced")
    values = list(openpyxl.load_workbook(book).worksheets[0].values)
    numbers = [row[0] for row in values if row[0] and str(row[0])[:4] == "4308"]
    assert len(numbers) == found["case_count"] > 400
    assert numbers == sorted(numbers)


def test_a_ledger_that_was_entered_is_not_entered_twice(city):
    features = next((city / "layers" / "demolition").glob("*/features.parquet"))
    before = plain_sum(city, "1")
    refused(city, "cases", "import", features, "--reason", "again")
    assert plain_sum(city, "1") == before


def test_the_register_is_published_as_its_layer(city):
    published = document(city, "cases", "publish")
    layers = {layer["id"]: layer for layer in document(city, "layers")["layers"]}
    assert layers["demolition"]["snapshot"] == published["snapshot"]
    assert published["case_count"] == plain_sum(city, "1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "--stage", "nowhere"), "nowhere"),
        (("list", "--sort", "beauty"), "beauty"),
        (("show", "430802-1999-0001"), "430802-1999-0001"),
        (("progress", "--by", "moon"), "moon"),
        (("export", "ledger.doc"), "ledger.doc"),
        (("import", "nothing.gpkg", "--reason", "x"), "nothing.gpkg"),
        (("import", "nothing.gpkg", "--reason", "x", "--track", "sea"), "sea"),
    ],
)
def test_what_cannot_be_done_is_refused(city, arguments, said):
    done = run(city, "cases", *arguments, status=2)
    assert said in done.stderr
    assert done.stdout == ""
