"""In which encodings a file's text can be read, shown before one is chosen."""

import pytest

from geoapp.errors import FileError
from geoapp.importers.vector import find_encodings, read_features
from tests.unit.importers.corpus import (
    HEAD,
    PARCEL,
    SHELL,
    by_gdal,
    rows,
    shapefile,
    shapefile_with_cut_name,
)


def test_a_table_is_shown_in_each_encoding_the_chosen_one_first(tmp_path):
    path = shapefile(tmp_path, "GBK")
    path.with_suffix(".cpg").unlink()
    first, *others = find_encodings(path)
    assert (first.codec, first.fits, first.chosen) == ("gb18030", True, True)
    assert first.fields == ("DKBH", "地块名")
    assert first.rows == (("430802-0001", "示例地块一"),)
    [utf8] = [one for one in others if one.codec == "utf-8"]
    assert not utf8.fits
    assert not any(one.chosen for one in others)
    assert read_features(path).encoding == "gb18030"


def test_a_text_is_shown_by_its_first_lines(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes((HEAD + PARCEL + rows(SHELL, 1, 1)).encode("gb18030"))
    first, *_ = find_encodings(path)
    assert (first.codec, first.chosen) == ("gb18030", True)
    assert first.rows[0] == ("[属性描述]",)
    assert len(first.rows) == 5


def test_kinds_that_state_their_encoding_have_nothing_to_choose(tmp_path):
    source, _ = by_gdal("a.gpkg")(tmp_path)
    assert find_encodings(source) == []


def test_a_stated_encoding_is_used_and_one_that_does_not_fit_refused(tmp_path):
    path = shapefile(tmp_path, "GBK")
    assert read_features(path, encoding="gbk").frame["地块名"].tolist() == ["示例地块一"]
    with pytest.raises(FileError) as caught:
        read_features(path, encoding="utf-8")
    assert caught.value.code == "encoding-unknown"


def test_a_cpg_that_does_not_fit_is_named(tmp_path):
    path = shapefile(tmp_path, "GBK")
    path.with_suffix(".cpg").write_text("UTF-8")
    reading = read_features(path)
    assert reading.frame["地块名"].tolist() == ["示例地块一"]
    [wrong] = [p for p in reading.problems if p.code == "encoding-cpg-wrong"]
    assert wrong.facts == {"stated": "utf-8", "used": "gb18030"}


def test_a_name_that_was_cut_inside_of_a_character_is_read_and_it_is_said(tmp_path):
    path, _ = shapefile_with_cut_name(tmp_path)
    reading = read_features(path)
    assert reading.encoding == "utf-8"
    assert reading.frame["地块名"].tolist() == ["示例地块一"]
    assert "encoding-cut" in {problem.code for problem in reading.problems}
