"""Figures as sentences, from the command line."""

import re
from datetime import date
from decimal import Decimal

import docx
import pytest

from geoapp.bootstrap import Workspace
from tests.building import DAY, write_city
from tests.integration.test_cli import document, refused
from tests.integration.test_inspection import EAST, WEST, keyed, publish
from tests.integration.test_planning import publish as publish_at

LATER = date(2025, 1, 1)


@pytest.fixture
def folder(tmp_path):
    workspace = Workspace.init(write_city(tmp_path / "city"), tmp_path / "ws")
    publish(workspace, "district", [EAST, WEST], code=["439901", "439902"], name=["东区", "西区"])
    publish(workspace, "landuse", [EAST, WEST], bsm=keyed(2), dlbm=["0101", "0301"])
    workspace.close()
    return tmp_path / "ws"


def test_every_number_of_the_paragraph_has_a_note_in_the_document(folder, tmp_path):
    path = tmp_path / "said.docx"
    said = document(folder, "prose", "landuse", "-o", str(path))
    assert len(said["notes"]) == 4  # the whole, its share, two districts
    assert all("geoapp stats landuse --by district" in note for note in said["notes"])
    words = "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
    for number, note in enumerate(said["notes"], start=1):
        assert f"[{number}]" in words
        assert note in words


def test_a_paragraph_is_no_table(folder, tmp_path):
    refused(folder, "prose", "landuse", "-o", str(tmp_path / "said.xlsx"))


def test_a_number_is_traced_to_its_value_not_rounded(folder):
    workspace = Workspace.open(folder)
    prose = workspace.prose("landuse", lang="en")
    whole = sum(row.area_m2 for row in workspace.stats("landuse").totals)
    snapshot = workspace.snapshot("landuse").name
    workspace.close()
    exact = Decimal(prose.traces[0].exact.split(" ")[0].replace(",", ""))
    assert float(exact) == whole
    assert all(snapshot in trace.source for trace in prose.traces)
    for number, trace in enumerate(prose.traces, start=1):
        assert re.search(rf"{re.escape(trace.shown)}[^\[\]]*\[{number}\]", prose.text)


def test_what_lies_inside_another_layer_is_said_to(folder):
    workspace = Workspace.open(folder)
    publish(workspace, "permanent_farmland", [EAST])
    prose = workspace.prose("landuse", inside="permanent_farmland", lang="en")
    title = workspace.library.require("permanent_farmland").title["en"]
    workspace.close()
    assert f"inside {title}" in prose.text
    assert "% of its area" not in prose.text  # that would be the share of all of it
    assert "--inside permanent_farmland" in prose.notes[0]


def test_the_ledger_is_a_paragraph_whose_parts_add_up(folder):
    workspace = Workspace.open(folder)
    publish_at(workspace, "landuse", [EAST, WEST], LATER, bsm=keyed(2), dlbm=["0101", "0101"])
    ledger = workspace.farmland_ledger(by="district")
    workspace.close()
    said = document(folder, "prose", "landuse", "--from", DAY.isoformat())
    assert ledger.whole.total_m2("in") > 0
    values = [Decimal(re.search(r": (-?[\d,.]+) m²", note)[1].replace(",", ""))
              for note in said["notes"]]  # fmt: skip
    into, out, net, had, has = (float(value) for value in values[:5])
    assert into == ledger.whole.total_m2("in")
    assert had + into - out == pytest.approx(has, abs=1e-6)
    assert sum(map(float, values[5:])) == pytest.approx(net, abs=1e-6)  # the districts
    refused(folder, "prose", "district", "--from", DAY.isoformat())


def test_a_report_says_what_cannot_be_computed_and_traces_the_rest(sample_workspace):
    said = document(sample_workspace, "prose", "--report", "work_report")
    figures = [
        one for item in document(sample_workspace, "reconcile")["items"] for one in item["figures"]
    ]
    computed = [one for one in figures if one["state"] != "not_computed"]
    assert len(said["notes"]) == len({one["id"] for one in computed})
    assert str(len(figures) - len(computed)) in said["sentences"][-1]
    refused(sample_workspace, "prose", "landuse", "--report", "work_report")
    refused(sample_workspace, "prose")
