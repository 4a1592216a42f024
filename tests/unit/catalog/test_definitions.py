"""Layer and city definitions: what is wrong is named with file, key and reason."""

import shutil

import pytest

from geoapp.catalog.city import read_city, read_unit_names
from geoapp.catalog.library import read_definition, read_library
from geoapp.errors import CatalogError, FileError, NotFoundError
from tests.building import LAYERS, UNITS_CSV, city_toml, write_city

REDLINE = (LAYERS / "ecological_redline.toml").read_text(encoding="utf-8")
LANDUSE = (LAYERS / "landuse.toml").read_text(encoding="utf-8")
HEAD = 'id = "ecological_redline"'


def wrong(tmp_path, text, name="ecological_redline"):
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    shutil.copy(LAYERS / "landclass.csv", tmp_path)
    with pytest.raises(CatalogError) as caught:
        read_definition(path)
    facts = caught.value.facts
    assert caught.value.code == "definition-wrong"
    assert facts["file"] == path.name
    assert facts["reason"]
    return facts


CASES = {
    "unknown key": (HEAD, f'{HEAD}\ncolour = "red"', "colour"),
    "unknown key in a table": ("opacity = 0.38", "opacity = 0.38\nshadow = 1", "style.shadow"),
    "missing key": ('key = "bsm"\n', "", "key"),
    "missing title in English": (
        'title = { zh = "生态保护红线", en = "Ecological redline" }',
        'title = { zh = "红线" }',
        "title.en",
    ),
    "wrong type": ("order = 30", 'order = "first"', "order"),
    "wrong geometry": ('geometry = "polygon"', 'geometry = "curve"', "geometry"),
    "wrong group": ('group = "control"', 'group = "other"', "group"),
    "bad colour": ('fill = "#009e73"\nstroke', 'fill = "green"\nstroke', "style.fill"),
    "bad class colour": ('fill = "#4a90c2"', 'fill = "blue"', "classes.lhlx.0.fill"),
    "too opaque": ("opacity = 0.38", "opacity = 1.5", "style.opacity"),
    "unknown role": ('view = ["township",', 'view = ["emperor", "township",', "access.view.0"),
    "unknown effect": ('effect = "prohibit"', 'effect = "forbid"', "rule.effect"),
    "bad date of law": ('since = "2022-08-16"', 'since = "soon"', "legal.0.since"),
    "bad field name": ('name = "bsm"', 'name = "BSM"', "fields.0.name"),
    "unknown field type": ('type = "number"', 'type = "float"', "fields.4.type"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_definition_is_named_with_file_key_and_reason(tmp_path, name):
    old, new, key = CASES[name]
    assert old in REDLINE
    assert wrong(tmp_path, REDLINE.replace(old, new, 1))["key"] == key


ROAD = (LAYERS / "road.toml").read_text(encoding="utf-8")
MISFITS = {
    "lines drawn as areas": (ROAD, 'draw = "line"\n', "", "style.draw"),
    "lines drawn as points": (ROAD, 'draw = "line"', 'draw = "cluster"', "style.draw"),
    "lines with hatching": (ROAD, "weight = 1.5", 'pattern = "hatch"', "style.pattern"),
    "lines with an area": (ROAD, 'measure = "length"\n', "", "statistics.measure"),
    "lines that fill units": (ROAD, '"declared"', '"tiling"', "statistics.coverage"),
    "points drawn as lines": (ROAD, 'geometry = "line"', 'geometry = "point"', "style.draw"),
    "areas drawn as lines": (REDLINE, "opacity = 0.38", 'draw = "line"', "style.draw"),
    "areas with a length": (
        REDLINE,
        "[statistics]\n",
        '[statistics]\nmeasure = "length"\n',
        "statistics.measure",
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_what_a_geometry_cannot_be_is_refused(tmp_path, name):
    text, old, new, reason = MISFITS[name]
    assert text.count(old) == 1
    layer = "road" if text is ROAD else "ecological_redline"
    assert reason in wrong(tmp_path, text.replace(old, new), layer)["reason"]


def test_lines_may_be_counted_only(tmp_path):
    path = tmp_path / "road.toml"
    path.write_text(ROAD.replace('measure = "length"', 'measure = "count"'), encoding="utf-8")
    assert read_definition(path).statistics.measure == "count"


def test_units_are_no_lines(tmp_path):
    text = ROAD.replace('id = "road"', 'id = "village"')
    assert "units are polygons" in wrong(tmp_path, text, "village")["reason"]


REFERENCES = {
    "key": ('key = "bsm"', 'key = "none"'),
    "name field": ('name_field = "mc"', 'name_field = "none"'),
    "class field": ('class_field = "lhlx"', 'class_field = "none"'),
    "class table": ('classes = "lhlx"', 'classes = "none"'),
    "sum": ('coverage = "declared"', 'coverage = "declared"\nsums = ["none"]'),
    "sum of a text": ('coverage = "declared"', 'coverage = "declared"\nsums = ["mc"]'),
    "class field without classes": ('class_field = "lhlx"', 'class_field = "mc"'),
    "field twice": ('name = "gkcs"', 'name = "mc"'),
    "field named like the geometry": ('name = "gkcs"', 'name = "geometry"'),
    "class code twice": ('code = "水土保持"', 'code = "水源涵养"'),
    "picture without classes": ('class_field = "lhlx"', ""),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_to_what_does_not_exist_or_fit_is_named(tmp_path, name):
    old, new = REFERENCES[name]
    assert old in REDLINE
    text = REDLINE.replace(old, new, 1)
    if name.startswith("picture"):
        text = text.replace("[style]", '[style]\ndraw = "picture"')
    wrong(tmp_path, text)


LANDUSE_CASES = {
    "no such file": ("landclass.csv#三调工作分类", "none.csv#三调工作分类"),
    "no such scheme": ("landclass.csv#三调工作分类", "landclass.csv#none"),
    "table is no reference": ('landclass = "landclass.csv#三调工作分类"', "landclass = 3"),
    "fills are no table": ("[class_fills]", "[class_fills.x]"),
    "derived from nothing": (
        'derive_from = "dlbm", derive_by = "parent"',
        'derive_from = "none", derive_by = "parent"',
    ),
    "derived from a field without classes": (
        'derive_from = "dlbm", derive_by = "parent"',
        'derive_from = "bsm", derive_by = "parent"',
    ),
    "derived by nothing": (', derive_by = "parent"', ""),
    "bad fill": ('01 = "#f0cf65"', '01 = "yellow"'),
}


@pytest.mark.parametrize("name", LANDUSE_CASES)
def test_a_wrong_class_table_is_named(tmp_path, name):
    old, new = LANDUSE_CASES[name]
    assert old in LANDUSE
    wrong(tmp_path, LANDUSE.replace(old, new, 1), "landuse")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id = ",
        "[[",
        "id = 3",
        'id = "other"',
        'id = "ecological_redline"\nclasses = 3',
        'id = "ecological_redline"\nclass_fills = 3',
        'id = "ecological_redline"\nclass_tables = "x"',
        "\ufeff" + REDLINE,
    ],
)
def test_a_file_that_is_no_definition_is_named(tmp_path, text):
    wrong(tmp_path, text)


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError):
        read_definition(path)


def test_a_folder_without_definitions_is_refused(tmp_path):
    with pytest.raises(CatalogError) as caught:
        read_library(tmp_path)
    assert caught.value.code == "layers-empty"


def test_one_wrong_file_stops_the_whole_library(tmp_path):
    shutil.copytree(LAYERS, tmp_path / "layers")
    (tmp_path / "layers" / "zzz.toml").write_text("id = 'zzz'")
    with pytest.raises(CatalogError) as caught:
        read_library(tmp_path / "layers")
    assert caught.value.facts["file"] == "zzz.toml"


def test_an_unknown_layer_is_answered_with_those_there_are():
    with pytest.raises(NotFoundError) as caught:
        read_library(LAYERS).require("roads")
    assert "landuse" in str(caught.value.facts["offered"])


# --- city.toml and units.csv ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('code = "439900"', 'code = "4399"', "code"),
        ("zone = 37", "zone = 24", "zone"),
        ("zone = 37", "zone = 36", "-"),
        ('crs = "EPSG:4546"', 'crs = "EPSG:4525"', "-"),
        ("west = 109.6", "west = 139.6", "extent"),
        ("south = 28.0", "south = -28.0", "extent.south"),
        ("sample = false", "sample = false\nmayor = 1", "mayor"),
        ('names = "units.csv"', "", "units.names"),
        ('province = { zh = "某省", en = "Someprovince" }', "", "province"),
    ],
)
def test_a_wrong_city_is_named_with_key_and_reason(tmp_path, old, new, key):
    text = city_toml()
    assert old in text
    path = tmp_path / "city.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        read_city(path)
    assert caught.value.facts["file"] == "city.toml"
    assert caught.value.facts["key"] == key
    assert caught.value.facts["reason"]


def test_a_city_that_is_missing_or_no_text_is_refused(tmp_path):
    with pytest.raises(FileError):
        read_city(tmp_path / "city.toml")
    (tmp_path / "city.toml").write_bytes(b"\xff\xff")
    with pytest.raises(CatalogError):
        read_city(tmp_path / "city.toml")


def units(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "units.csv"
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_unit_names_are_read_also_as_excel_saves_them(tmp_path, encoding):
    names = read_unit_names(units(tmp_path, UNITS_CSV, encoding))
    assert names[0].name == "东区"
    assert len(names) == 6


@pytest.mark.parametrize(
    "content",
    [
        UNITS_CSV.replace("439901,东区", "4399,东区"),
        UNITS_CSV.replace("district", "county", 1),
        UNITS_CSV.replace("439902001,西一镇,township,439902", "439902001,西一镇,township,439903"),
        UNITS_CSV + "439901,又一,district,439900,\n",
        UNITS_CSV + "439903\n",
        UNITS_CSV + "439903,a,district,439900,b,c,d\n",
        UNITS_CSV.replace("code,name", "id,name"),
    ],
)
def test_a_wrong_row_of_units_is_refused(tmp_path, content):
    with pytest.raises(CatalogError) as caught:
        read_unit_names(units(tmp_path, content))
    assert caught.value.code == "units-row-wrong"


def test_unit_names_in_another_encoding_are_refused_not_a_crash(tmp_path):
    with pytest.raises(CatalogError):
        read_unit_names(units(tmp_path, UNITS_CSV, "gb18030"))


def test_the_sample_city_of_the_product_is_described_rightly():
    from tests.building import ROOT

    city = read_city(ROOT / "data" / "geo" / "city.toml")
    assert read_unit_names(ROOT / "data" / "geo" / city.units.names)
    assert write_city  # the made-up one is read in every other test
