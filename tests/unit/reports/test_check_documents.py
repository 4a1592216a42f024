"""The sheet of a check in every form: the same words and figures, nothing unknown shown as fine."""

import io
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import docx
import openpyxl
import pyogrio
import pytest
import shapely
from pypdf import PdfReader

from geoapp.compliance.stored import Override
from geoapp.errors import FileError
from geoapp.geometry.boundary_points import number_boundary
from geoapp.i18n import LANGS, text
from geoapp.reports.check_batch import batch_tables
from geoapp.reports.check_content import CheckSetting, fingerprint, word_check
from geoapp.reports.check_document import word_rows
from geoapp.reports.check_pdf import set_check_pdf
from geoapp.reports.check_picture import PARCEL, DrawnShape, draw_check_picture
from geoapp.reports.check_pictures import CheckPictures, fits_beside, sketch_size
from geoapp.reports.check_pieces import write_batch_pieces, write_check_pieces
from geoapp.reports.check_sketch import draw_sketch
from geoapp.reports.check_template import TEMPLATES, build_check_template, template_name
from geoapp.reports.check_word import find_template, write_check_word
from geoapp.reports.check_workbook import write_batch_workbook, write_check_workbook
from tests.building import make_city
from tests.check_results import EXAMPLE, finding, many_points, parcel, result

ZONE = 37
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
CITY = make_city(zone=ZONE)


def setting(lang="zh", **facts):
    given = {"verify_url": "", "overrides": (), "maker": "planner", "now": NOW, "used": ()}
    return CheckSetting(city=CITY, lang=lang, name_unit=lambda _code, name: name, **(given | facts))


def sheet(one=None, lang="zh", **facts):
    one = one or parcel()
    rings = number_boundary(one.geometry, ZONE)
    return word_check(result(one), one, rings, 0, setting(lang, **facts))


def pictures(one, document):
    return drawn_pictures(shapely.to_wkb(one.geometry), document.lang, document.mark)


@lru_cache
def drawn_pictures(wkb, lang, mark):
    geometry = shapely.from_wkb(wkb)
    rings = number_boundary(geometry, ZONE)
    sketch = draw_sketch(rings, ZONE, *sketch_size(rings))
    picture = draw_check_picture(
        [DrawnShape(geometry, "parcel", PARCEL)], [], CITY, lang, (178, 76)
    )
    return CheckPictures(picture, sketch, lang, mark), not fits_beside(rings)


def as_pdf(one, document):
    drawn, wide = pictures(one, document)
    return PdfReader(io.BytesIO(set_check_pdf(document, drawn, NOW, wide_sketch=wide)))


def as_word(one, document, template=None):
    drawn, _ = pictures(one, document)
    path = template or TEMPLATES / template_name(document.lang)
    return docx.Document(io.BytesIO(write_check_word(document, drawn, path)))


def word_text(document):
    parts = [paragraph.text for paragraph in document.paragraphs]
    parts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(parts)


def squeezed(words):
    return "".join(words.split())


def essential(document):
    """What every form must say."""
    yield document.title
    yield document.serial
    yield document.verdict_title
    yield document.verdict_note
    for pairs in (document.facts, document.notes):
        yield from (words for _, words in pairs)
    for remark in document.remarks:
        yield remark.heading
        yield from (words for _, words in remark.lines)
    tables = (document.findings, document.composition, document.units, document.boundary)
    for table in tables:
        yield from (cell for row in word_rows(table) for cell in row if cell)
    yield document.banner


@pytest.mark.parametrize(
    ("plane", "lang"),
    [(EXAMPLE, "zh"), (EXAMPLE, "en"), (many_points(), "zh")],
    ids=["hole-zh", "hole-en", "40 points-zh"],
)
def test_pdf_says_all_that_the_sheet_says(lang, plane):
    one = parcel(plane)
    document = sheet(one, lang)
    reader = as_pdf(one, document)
    said = squeezed("".join(page.extract_text() for page in reader.pages))
    for words in essential(document):
        assert squeezed(words) in said, words
    assert len(reader.pages) <= 4
    for page in reader.pages:
        for words in (document.serial, document.mark, *document.use):
            assert squeezed(words) in squeezed(page.extract_text())


@pytest.mark.parametrize(
    ("plane", "lang"),
    [(EXAMPLE, "zh"), (EXAMPLE, "en"), (many_points(), "zh")],
    ids=["hole-zh", "hole-en", "40 points-zh"],
)
def test_word_says_all_that_the_sheet_says(lang, plane):
    one = parcel(plane)
    document = sheet(one, lang)
    word = as_word(one, document)
    said = squeezed(word_text(word))
    for words in essential(document):
        assert squeezed(words) in said, words
    assert "{{" not in said
    assert "{%" not in said
    assert len(word.inline_shapes) == 3  # code, map, sketch
    foot = squeezed(word.sections[0].footer.paragraphs[0].text)
    assert document.serial in foot
    assert squeezed(document.mark) in foot


@pytest.mark.parametrize("lang", LANGS)
def test_workbook_holds_figures_as_numbers(lang):
    document = sheet(lang=lang)
    book = openpyxl.load_workbook(io.BytesIO(write_check_workbook(document)))
    said = "\n".join(str(c.value) for s in book for row in s.iter_rows() for c in row if c.value)
    for words in (document.serial, document.verdict_title, document.verdict_note):
        assert words in said
    rows = list(book[document.findings.title].iter_rows(values_only=True))
    occupied = next(row for row in rows if row[2] == text(lang, "check_sheet.relation_occupies"))
    assert occupied[3:7] == (1234.57, 1.85, 17.49, 0)
    points = list(book[document.boundary.title].iter_rows(values_only=True))
    assert ("J1", 1, 3223850, 37449395, 95.28) in points
    assert all(sheet["A2"].value == document.banner for sheet in book)


def test_texts_of_people_stay_texts():
    nasty = '=HYPERLINK("x") <b> & {{ 7*7 }} #include("x") $x$ *y* 【'
    one = parcel(name=nasty)
    document = sheet(one)
    assert squeezed(nasty) in squeezed(
        "".join(p.extract_text() for p in as_pdf(one, document).pages)
    )
    assert nasty in word_text(as_word(one, document))
    book = openpyxl.load_workbook(io.BytesIO(write_check_workbook(document)))
    cells = [c for s in book for row in s.iter_rows() for c in row if c.value == nasty]
    assert cells
    assert all(cell.data_type == "s" for cell in cells)


@pytest.mark.parametrize("lang", LANGS)
def test_unknown_is_a_dash_with_its_reason_and_never_a_nought(lang):
    document = sheet(lang=lang)
    title = text(lang, "check_sheet.relation_no_data")
    [row] = [row for row in word_rows(document.findings) if row[2].startswith(title)]
    assert row[3:7] == ["—"] * 4
    assert row[2] != title  # the reason stands with it
    assert row[8] == text(lang, "check_sheet.short_to_verify")
    label = text(lang, "check_sheet.no_data_label")
    [words] = [words for name, words in document.notes if name == label]
    assert row[0] in words


def test_what_is_within_the_tolerance_is_shown_with_its_area():
    [row] = [r for r in word_rows(sheet().findings) if r[2] == "边界误差以内"]
    assert row[3] == "0.41"
    assert row[8] == "待核实"


def test_a_share_too_small_for_its_decimals_is_no_nought():
    one = parcel(findings=(finding(share=0.00001),))
    assert word_rows(sheet(one).findings)[0][5] == "<0.01"


def test_a_rule_about_the_ground_outside_says_so():
    rows = word_rows(sheet().findings)
    assert ("城镇开发边界", "位于其外", "7,059.68") in [(r[0], r[2], r[3]) for r in rows]
    partly = parcel(findings=(finding(relation="adjacent", threshold=None),))
    assert word_rows(sheet(partly).findings)[0][2] == "部分位于其外"
    inside = parcel(findings=(finding(relation="occupies", bears=False, overlap_m2=0.0),))
    assert word_rows(sheet(inside).findings)[0][2] == "位于其内，不触及本规则"


def test_every_finding_that_somebody_must_act_on_has_law_and_office():
    document = sheet()
    assert [remark.verdict for remark in document.remarks] == [
        "prohibited", "restricted", "to_verify", "to_verify", "to_verify",
    ]  # fmt: skip
    *known, unknown = document.remarks
    for remark in known:
        labels = dict(remark.lines)
        assert "土地管理法" in labels["依据"]
        assert labels["主管部门"]
    [(layer, words)] = unknown.lines
    assert layer == "生态保护红线"
    assert "土地管理法" in words
    assert "耕地保护科" in words


def test_layers_unknown_for_one_reason_stand_together():
    blank = {"relation": "no_data", "bears": False, "features": (), "overlap_m2": None}
    one, other, third = (
        finding(rule=name, reason=reason, **blank)
        for name, reason in (("a", "no_snapshot"), ("b", "partial"), ("c", "no_snapshot"))
    )
    remarks = sheet(parcel(findings=(one, other, third))).remarks
    assert [len(remark.lines) for remark in remarks] == [2, 1]


def test_a_conclusion_of_a_person_stands_beside_the_computed_one():
    one = Override(parcel="", verdict="restricted", reason="邻地误报", actor="wang", at=NOW)
    document = sheet(overrides=(one,))
    assert document.verdict == "prohibited"
    assert "邻地误报" in dict(document.notes)["人工结论"]


@pytest.mark.parametrize("verdict", ["prohibited", "restricted", "to_verify", "no_conflict_found"])
@pytest.mark.parametrize("lang", LANGS)
def test_no_verdict_calls_anything_legal(verdict, lang):
    document = sheet(parcel(verdict=verdict), lang)
    said = f"{document.verdict_title} {document.verdict_note}"
    assert text(lang, "check_sheet.disclaimer") in said
    allowed = said.replace(text(lang, "check_sheet.disclaimer"), "")
    assert "合法" not in allowed
    assert " legal" not in allowed.lower()


def test_square_code_holds_address_or_serial_with_fingerprint():
    serial = result().serial
    assert (
        sheet(verify_url="http://example.test/verify/").code
        == f"http://example.test/verify/{serial}"
    )
    assert sheet().code == f"{serial} {fingerprint(result())}"
    assert fingerprint(result()) != fingerprint(result(parcel(area_m2=7059.69)))


def test_a_check_that_is_not_stored_has_no_code_and_says_so():
    one = parcel()
    unsaved = replace(result(one), serial="", made_at=None)
    rings = number_boundary(one.geometry, ZONE)
    document = word_check(unsaved, one, rings, 0, setting())
    assert document.code == ""
    said = squeezed("".join(page.extract_text() for page in as_pdf(one, document).pages))
    assert "未存档" in said
    assert len(as_word(one, document).inline_shapes) == 2


@pytest.mark.parametrize("lang", LANGS)
def test_committed_template_is_what_the_script_builds(lang):
    def parts(content):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return {n: file.read(n) for n in file.namelist() if n.startswith("word/")}

    committed = (TEMPLATES / template_name(lang)).read_bytes()
    assert parts(committed) == parts(build_check_template(lang))


def test_a_bureaus_own_template_is_used(tmp_path):
    own = tmp_path / "templates" / "check_zh.docx"
    own.parent.mkdir()
    word = docx.Document()
    word.add_paragraph("本局：{{ verdict_title }} {{ serial }}")
    word.save(str(own))
    assert find_template(tmp_path, "zh") == own
    assert find_template(tmp_path, "en") == TEMPLATES / "check_en.docx"
    one = parcel()
    said = word_text(as_word(one, sheet(one), own))
    assert said == "本局：触及禁止性规定 ZJ-2026-000123-7"


@pytest.mark.parametrize(
    "words", ["{{ nothing.at.all }}", "{% for x in %}", "{{ ''.__class__.__mro__ }}"]
)
def test_a_wrong_or_prying_template_is_named(tmp_path, words):
    own = tmp_path / "check_zh.docx"
    word = docx.Document()
    word.add_paragraph(words)
    word.save(str(own))
    one = parcel()
    with pytest.raises(FileError) as caught:
        as_word(one, sheet(one), own)
    assert caught.value.facts["file"] == "check_zh.docx"


def test_a_template_that_is_no_word_file_is_named(tmp_path):
    own = tmp_path / "check_zh.docx"
    own.write_bytes(b"no zip")
    with pytest.raises(FileError) as caught:
        as_word(parcel(), sheet(), own)
    assert caught.value.code == "template-wrong"


def test_pieces_open_elsewhere_and_carry_the_official_areas(tmp_path):
    one = parcel()
    west, south, east, north = one.geometry.bounds
    half = shapely.box(west - 1, south, (west + east) / 2, north)
    path = tmp_path / "check.gpkg"
    path.write_bytes(write_check_pieces(sheet(one), result(one), one, lambda *_: half))
    layers = {
        name: pyogrio.read_dataframe(path, layer=name) for name, _ in pyogrio.list_layers(path)
    }
    assert set(layers) == {"parcel", "overlaps", "rest", "shifted", "notes"}
    assert layers["parcel"].crs.to_authority() == ("EPSG", "4490")
    assert layers["parcel"].geometry[0].equals(shapely.MultiPolygon([one.geometry]))
    [overlap] = layers["overlaps"].to_dict("records")
    assert overlap["overlap_m2"] == 1234.567
    assert overlap["geometry"].symmetric_difference(one.geometry.intersection(half)).area < 1e-15
    assert layers["rest"]["area_m2"][0] == 5825.113
    assert any("演示数据" in words for words in layers["notes"]["text"])


def batch():
    fine = parcel(
        id="2", name="乙", verdict="no_conflict_found", findings=(), row=2, declared_m2=None
    )
    return result(parcel(id="1"), fine)


@pytest.mark.parametrize("lang", LANGS)
def test_batch_has_one_row_each_and_an_area_for_every_rule_that_bears(lang):
    book = openpyxl.load_workbook(io.BytesIO(write_batch_workbook(batch(), setting(lang))))
    rows = list(book.worksheets[0].iter_rows(min_row=4, values_only=True))
    head, first, second = rows[0], rows[1], rows[2]
    farmland = text(lang, "check_sheet.batch_layer_area", layer=finding().title[lang])
    assert first[head.index(farmland)] == 1234.57
    assert second[head.index(farmland)] == text(lang, "coverage.no_data")
    assert first[1] == "1"
    assert second[3] == text(lang, "check_sheet.short_no_conflict_found")


def test_batch_lists_bad_rows_and_overlaps():
    from geoapp.compliance.result import Overlap, Problem

    bad = Problem(row=3, id="丙", code="polygon-empty")
    whole = replace(batch(), problems=(bad,), overlaps=(Overlap(first=1, second=2, area_m2=5.5),))
    titles = {table.title: table for table in batch_tables(whole, setting())}
    assert titles["未能核查的行"].rows[0][:2] == (3, "丙")
    assert word_rows(titles["相互重叠的地块"]) == [["1", "2", "5.50"]]


def test_batch_pieces_have_every_parcel(tmp_path):
    path = tmp_path / "batch.gpkg"
    path.write_bytes(write_batch_pieces(batch(), setting()))
    frame = pyogrio.read_dataframe(path, layer="parcels")
    assert list(frame["verdict_code"]) == ["prohibited", "no_conflict_found"]
    assert frame["area_m2"].tolist() == [7059.68, 7059.68]


def test_a_balanced_check_shows_both_figures():
    one = parcel()
    balanced = replace(one.composition, balanced=True)
    document = sheet(replace(one, composition=balanced))
    assert document.composition.columns[-1].key == "balanced_m2"


def test_times_are_those_of_the_place(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert "2026-03-02 17:30" in dict(sheet().facts)["存档时间"]
    finally:
        monkeypatch.undo()
        time.tzset()
