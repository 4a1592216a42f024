"""The command that writes the style of a layer for QGIS."""

from tests.integration.test_cli import document, refused, run


def test_a_style_is_written(sample_workspace, tmp_path):
    path = tmp_path / "landuse.qml"
    assert document(sample_workspace, "style", "landuse", "-o", path) == {
        "schema": "geoapp.style/1",
        "layer": "landuse",
        "file": str(path),
    }
    assert "Cultivated land" in path.read_text(encoding="utf-8")
    run(sample_workspace, "style", "landuse", "-o", path, lang="zh")
    assert "01 耕地" in path.read_text(encoding="utf-8")


def test_a_style_that_cannot_be_written_leaves_nothing(sample_workspace, tmp_path):
    assert "roads" in refused(sample_workspace, "style", "roads", "-o", tmp_path / "a.qml")
    assert "a.sld" in refused(sample_workspace, "style", "road", "-o", tmp_path / "a.sld")
    missing = tmp_path / "missing" / "a.qml"
    assert "a.qml" in refused(sample_workspace, "style", "road", "-o", missing)
    assert list(tmp_path.iterdir()) == []
