"""Which land fire engines reach in time, on the sample city."""

import io
from datetime import datetime

import docx
import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.errors import AccessError, ChoiceError, NotFoundError
from geoapp.geometry.crs import GEOGRAPHIC, transform
from geoapp.reports.content import Wording
from geoapp.values import AreaUnit
from tests.integration.test_cli import document, refused


@pytest.fixture(scope="module")
def workspace(sample_workspace):
    opened = Workspace.open(sample_workspace)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def result(workspace):
    return workspace.fire_cover(30)


def words(workspace, lang="zh"):
    return Wording(
        lang, AreaUnit.HA, lambda code, name: workspace.name_unit(code, lang, fallback=name),
        lambda layer: workspace.library.require(layer).title[lang], datetime.now().astimezone(),
    )  # fmt: skip


def test_reached_and_not_reached_are_what_statistics_measure(workspace, result):
    assert result.closure_m2 < 0.01
    stats = workspace.stats("landuse", by="district", class_field="dlbm")
    for unit in result.units:
        forest = sum(
            row.area_m2 for row in stats.rows
            if row.unit_code == unit.unit_code and row.class_code.startswith("03")
        )  # fmt: skip
        assert unit.area_m2 == pytest.approx(forest, abs=0.01)
        assert unit.reached_m2 > 0
    assert result.sample


def test_rows_of_every_level_add_up_to_the_same(workspace, result):
    for level in ("township", "village"):
        other = workspace.fire_cover(30, by=level)
        assert other.whole.reached_m2 == pytest.approx(result.whole.reached_m2, abs=0.01)
        assert other.whole.rest_m2 == pytest.approx(result.whole.rest_m2, abs=0.01)
    district = result.units[1]
    inside = workspace.fire_cover(30, by="township", within=district.unit_code)
    assert inside.whole.reached_m2 == pytest.approx(district.reached_m2, abs=0.01)


def test_all_reached_ground_is_measured_once(workspace):
    """Of all land what is reached is the ground itself, cut off at the city's border."""
    found = workspace.fire_cover(15, classes=())
    districts = shapely.union_all(workspace.layer("district").geometry.to_numpy())
    inside = [shapely.intersection(shape, districts) for shape in found.ground.geometry]
    planar = sum(shapely.area(transform(np.array(inside), GEOGRAPHIC, workspace.city.crs)))
    assert found.whole.reached_m2 == pytest.approx(planar, rel=3e-4)


def test_the_same_question_is_computed_once_for_whoever_asks(workspace, result):
    planner = workspace.acting_as(Principal("x", "planner"))
    assert planner.fire_cover(30) is result
    assert planner.fire_cover(30, by="township") is not result


def test_more_minutes_reach_more(workspace, result):
    sooner = workspace.fire_cover(10)
    assert 0 < sooner.whole.reached_m2 < result.whole.reached_m2
    for early, late in zip(sooner.units, result.units, strict=True):
        assert early.reached_m2 <= late.reached_m2 + 0.01


def test_where_roads_are_not_known_nothing_is_called_not_reached(workspace, monkeypatch):
    known = workspace._tabulator.layer_coverage

    def coverage(layer):
        states = known(layer)
        return states | ({"430802": "no_data"} if layer == "road" else {})

    monkeypatch.setattr(workspace._tabulator, "layer_coverage", coverage)
    found = workspace.fire_cover(29)  # a question that was not answered before
    [unit] = [one for one in found.units if one.unit_code == "430802"]
    assert unit.to_json()["not_reached_m2"] is None
    assert found.whole.coverage == "partial"
    assert found.whole.area_m2 == pytest.approx(sum(o.area_m2 for o in found.units if o.known))


def test_the_document_is_as_its_schema_says(sample_workspace):
    found = document(sample_workspace, "cover", "--minutes", "20", "--by", "township")
    assert found["minutes"] == 20
    assert len(found["rows"]) > 4
    assert found["stations"] == 16


def test_what_cannot_be_asked_is_refused(workspace, sample_workspace):
    for minutes in (0, 241):
        with pytest.raises(ChoiceError, match="cover-minutes"):
            workspace.fire_cover(minutes)
    with pytest.raises(ChoiceError, match="cover-class"):
        workspace.fire_cover(30, classes=("99",))
    with pytest.raises(NotFoundError, match="unit-unknown"):
        workspace.fire_cover(30, within="999999")
    refused(sample_workspace, "cover", "--by", "city")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_written_in_every_form(workspace, result, lang, tmp_path):
    wording = words(workspace, lang)
    book = openpyxl.load_workbook(io.BytesIO(workspace.write_cover(result, "xlsx", wording)))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(isinstance(cell, float) for cell in cells)
    page = docx.Document(io.BytesIO(workspace.write_cover(result, "docx", wording)))
    said = "\n".join(p.text for p in page.paragraphs)
    assert wording.say("sample.banner") in said
    file = tmp_path / "ground.gpkg"
    file.write_bytes(workspace.write_cover(result, "gpkg", wording))
    ground = gpd.read_file(file, layer="reached_ground")
    assert ground["area_m2"].sum() == pytest.approx(result.ground["area_m2"].sum())


def test_exact_ground_does_not_leave_with_who_may_not_take_it(workspace, result):
    inspector = workspace.acting_as(Principal("x", "inspector"))
    with pytest.raises(AccessError):
        inspector.write_cover(result, "gpkg", words(workspace))
