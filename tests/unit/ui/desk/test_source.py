"""Names of uploaded files: kept as they are, but for what leads elsewhere or deceives."""

import pytest

from geoapp.ui.desk.source import _safe_name


@pytest.mark.parametrize("name", ["地类图斑 2025.zip", "a_b-c(1).gpkg", "红线.shp"])
def test_a_usual_name_stays(name):
    assert _safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\a.txt", "a\r\nX: y.gpkg", "a\0b.shp", "..", "", "\u202egpj.shp"],
)
def test_a_name_leads_nowhere_else(name):
    safe = _safe_name(name)
    assert safe
    assert safe not in {".", ".."}
    assert not set("/\\\0\r\n\u202e") & set(safe)


def test_a_long_name_is_cut_and_keeps_its_suffix():
    safe = _safe_name(f"{'长' * 300}.geojson")
    assert len(safe) <= 120
    assert safe.endswith(".geojson")
    assert len(_safe_name("x" * 500)) <= 120
