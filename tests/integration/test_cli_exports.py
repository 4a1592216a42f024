"""``geoapp export``, run as a person runs it."""

import pyogrio
import pytest

from tests.integration.test_cli import document, refused, run


def test_a_layer_is_written_and_described(sample_workspace, tmp_path):
    file = tmp_path / "红线.gpkg"
    found = document(sample_workspace, "export", "ecological_redline", "-o", file)
    assert found["feature_count"] == len(pyogrio.read_dataframe(file, layer="ecological_redline"))
    assert found["losses"] == []
    assert found["sample"]


def test_a_person_reads_what_the_file_could_not_keep(sample_workspace, tmp_path):
    file = tmp_path / "a.zip"
    options = ("--within", "430811", "--crs", "EPSG:4525", "--official-names")
    out = run(sample_workspace, "export", "landuse", "-o", file, *options).stdout
    assert "EPSG:4525" in out
    assert "empty text" in out
    assert "synthetic" in out.lower()


@pytest.mark.parametrize(
    "options",
    [("-o", "a.zip", "--encoding", "latin1"), ("-o", "a.gpkg", "--as-of", "nonsense")],
)
def test_what_cannot_be_written_is_one_sentence(sample_workspace, options):
    refused(sample_workspace, "export", "ecological_redline", *options)
    assert not list(sample_workspace.parent.glob("a.*"))
