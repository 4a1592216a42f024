"""How much a reader takes, asked of each place that counts: one may stand behind another."""

import ezdxf
import pytest
import shapely

from geoapp.errors import FileError
from geoapp.importers import content, dxf_shapes, geoparquet
from geoapp.importers.job import Dataset, Job
from tests.unit.importers.corpus import frame

SQUARE = [(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)]


def test_a_parquet_file_says_how_many_rows_it_holds_before_one_is_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    frame().to_parquet(path)
    monkeypatch.setattr(geoparquet, "MOST_FEATURES", 0)
    with pytest.raises(FileError) as caught:
        geoparquet.read_geoparquet(
            Dataset("geoparquet", path.name, path, Job("read", (path,), tmp_path))
        )
    assert caught.value.code == "file-too-many-features"


def test_rows_are_counted_while_they_come_whatever_the_file_says(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "MOST_FEATURES", 3)
    points = [shapely.Point(k, 0) for k in range(4)]
    found = content.content_of("kml", {"name": ["a", "b", "c", "d"]}, points)
    with pytest.raises(FileError) as caught:
        content.write_content(found, tmp_path / "a.arrow", "a.kml")
    assert caught.value.facts == {"file": "a.kml", "most": 3}


def test_blocks_of_blocks_are_counted_as_what_they_hold(monkeypatch):
    monkeypatch.setattr(dxf_shapes, "MOST_ENTITIES", 500)
    document = ezdxf.new("R2010")
    document.blocks.new("0").add_lwpolyline(SQUARE, close=True)
    for level in range(1, 4):
        block = document.blocks.new(str(level))
        for _ in range(10):
            block.add_blockref(str(level - 1), (0, 0))
    document.modelspace().add_blockref("3", (0, 0))
    with pytest.raises(FileError) as caught:
        dxf_shapes.collect(document.modelspace(), dxf_shapes.Drawing("a.dxf"))
    assert caught.value.facts == {"file": "a.dxf", "most": 500}
