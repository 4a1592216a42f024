"""Figures as sentences, from the command line."""

import docx
import pytest

from tests.integration.test_cli import document, refused
from tests.integration.test_inspection import EAST, WEST, keyed, publish


@pytest.fixture
def folder(tmp_path):
    from geoapp.bootstrap import Workspace
    from tests.building import write_city

    workspace = Workspace.init(write_city(tmp_path / "city"), tmp_path / "ws")
    publish(workspace, "district", [EAST, WEST], code=["439901", "439902"], name=["东区", "西区"])
    publish(workspace, "landuse", [EAST, WEST], bsm=keyed(2), dlbm=["0101", "0301"])
    workspace.close()
    return tmp_path / "ws"


def test_every_number_of_the_paragraph_has_a_note_in_the_document(folder, tmp_path):
    path = tmp_path / "said.docx"
    said = document(folder, "prose", "landuse", "-o", str(path))
    assert len(said["notes"]) == 3
    assert all("geoapp stats landuse --by district" in note for note in said["notes"])
    words = "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
    for number, note in enumerate(said["notes"], start=1):
        assert f"[{number}]" in words
        assert note in words


def test_a_paragraph_is_no_table(folder, tmp_path):
    refused(folder, "prose", "landuse", "-o", str(tmp_path / "said.xlsx"))
