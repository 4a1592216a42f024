"""Slope of cultivated land and rasters by unit, on the sample city."""

import math

import docx
import geopandas as gpd
import openpyxl
import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.errors import AccessError, ChoiceError, NotFoundError
from geoapp.geometry.measure import official_areas
from tests.integration.test_cli import document, refused, run


@pytest.fixture(scope="module")
def workspace(sample_workspace):
    opened = Workspace.open(sample_workspace)
    yield opened
    opened.close()


def test_grades_of_all_units_are_those_of_the_city(workspace):
    result = workspace.slope(by="township")
    for grade in range(5):
        total = sum(unit.grade_m2[grade] for unit in result.units)
        assert total == pytest.approx(result.whole.grade_m2[grade], rel=1e-4)
    assert abs(result.outside_m2) < 0.01
    assert result.closure_m2 < 0.01
    assert result.sample
    assert result.whole.grade_m2[4] > 0


def test_a_district_is_the_same_as_a_row_and_as_the_whole(workspace):
    row = workspace.slope(by="district").units[0]
    whole = workspace.slope(by="township", within=row.unit_code).whole
    assert whole.grade_m2 == pytest.approx(row.grade_m2)
    assert whole.unknown_m2 == pytest.approx(row.unknown_m2)


def test_documents_are_as_their_schemas_say(sample_workspace):
    slope = document(sample_workspace, "slope", "--by", "district")
    assert slope["sample"]
    zonal = document(sample_workspace, "zonal", "imagery-2023", "--from", "imagery-2021")
    assert any(row["change"] for row in zonal["rows"])


def test_what_cannot_be_asked_is_refused(workspace, sample_workspace):
    with pytest.raises(ChoiceError, match="raster-no-height-model"):
        workspace.slope(raster="imagery-2021")
    with pytest.raises(ChoiceError, match="zonal-not-alike"):
        workspace.zonal("dem", before="imagery-2021")
    with pytest.raises(NotFoundError):
        workspace.slope(within="999999")
    refused(sample_workspace, "slope", "--by", "city")


@pytest.mark.parametrize("role", ["public", "township"])
def test_who_may_not_plan_is_told_nothing(workspace, role):
    other = workspace.acting_as(Principal("someone", role))
    with pytest.raises(AccessError):
        other.slope()
    with pytest.raises(AccessError):
        other.zonal("dem")
    with pytest.raises(AccessError):
        other.zonal_parcels("imagery-2023", "imagery-2021")


@pytest.mark.parametrize("level", ["district", "township", "village"])
def test_parcels_above_25_degrees_add_up_to_grade_5_of_every_unit(workspace, level):
    result = workspace.slope(by=level)
    listed = result.steep.groupby("unit_code")["steep_m2"].sum().to_dict()
    assert listed
    for unit in result.units:
        assert listed.get(unit.unit_code, 0.0) == pytest.approx(unit.grade_m2[4], abs=0.01)
    areas = official_areas(result.steep.geometry.to_numpy(), workspace.city.crs)
    assert result.steep["area_m2"].to_numpy() == pytest.approx(areas, rel=1e-9)
    assert (result.steep["steep_m2"] <= result.steep["area_m2"] * (1 + 1e-9)).all()


def test_every_listed_parcel_is_cultivated_land_of_its_unit(workspace):
    result = workspace.slope(by="district")
    land = workspace.layer("landuse").set_index("bsm")
    shapes = workspace.layer("district").dissolve("code").geometry
    for row in result.steep.itertuples():
        assert land.loc[row.feature, "dlbm"] == row.class_code
        assert row.class_code.startswith("01")
        part = land.geometry[row.feature].intersection(shapes[row.unit_code])
        assert shapely.equals(part, row.geometry) or part.symmetric_difference(
            row.geometry
        ).area == pytest.approx(0.0, abs=1e-10)


def test_an_answer_is_kept_for_whoever_asks_again_and_may_know(workspace):
    assert workspace.slope() is workspace.acting_as(Principal("p", "planner")).slope()
    with pytest.raises(AccessError):
        workspace.acting_as(Principal("t", "township", "430802001")).slope()


def test_changes_are_those_of_each_parcel_alone_largest_first(workspace):
    found = workspace.zonal_parcels("imagery-2023", "imagery-2021", most=7)
    assert len(found.rows) == 7
    assert 0 < found.known <= found.parcels == len(workspace.layer("landuse"))
    sizes = found.rows["change"].abs().tolist()
    assert sizes == sorted(sizes, reverse=True)
    change = found.rows["mean"] - found.rows["mean_before"]
    assert found.rows["change"].tolist() == pytest.approx(change.tolist())
    everything = workspace.zonal_parcels("imagery-2023", "imagery-2021", most=10_000)
    assert everything.rows["feature"].tolist()[:7] == found.rows["feature"].tolist()
    assert len(everything.rows) <= everything.known
    inside = workspace.zonal_parcels("imagery-2023", "imagery-2021", within="430802")
    assert set(inside.rows["unit_code"].str[:6]) == {"430802"}


def test_units_as_parcels_have_the_change_that_units_have(workspace):
    units = workspace.zonal("imagery-2023", before="imagery-2021", by="township")
    told = {zone.code: zone.change for zone in units.zones if zone.change}
    parcels = workspace.zonal_parcels("imagery-2023", "imagery-2021", layer="township").rows
    assert dict(zip(parcels["feature"], parcels["change"], strict=True)) == pytest.approx(told)


def test_parcels_are_compared_only_where_that_means_something(workspace, sample_workspace):
    with pytest.raises(ChoiceError, match="zonal-no-earlier"):
        workspace.zonal_parcels("imagery-2023", "")
    with pytest.raises(ChoiceError, match="zonal-not-alike"):
        workspace.zonal_parcels("imagery-2023", "dem")
    with pytest.raises(ChoiceError, match="change-not-polygon"):
        workspace.zonal_parcels("imagery-2023", "imagery-2021", layer="road")
    for most in (0, 10_001):
        with pytest.raises(ChoiceError, match="zonal-most"):
            workspace.zonal_parcels("imagery-2023", "imagery-2021", most=most)
    said = refused(sample_workspace, "zonal", "imagery-2023", "--parcels", "landuse")
    assert "--from" in said
    refused(sample_workspace, "zonal", "imagery-2023", "-o", "shapes.gpkg")


def rows_of(sheet):
    """Rows of a sheet under the first that looks like a heading of units."""
    return [row for row in sheet.values if row and str(row[0]).isdigit() and len(str(row[0])) >= 6]


def tables_of(path):
    return [
        [[cell.text for cell in row.cells] for row in table.rows]
        for table in docx.Document(path).tables
    ]


def test_slope_is_written_as_it_is_told(sample_workspace, tmp_path):
    files = [tmp_path / f"slope.{form}" for form in ("xlsx", "docx", "gpkg")]
    options = [part for file in files for part in ("-o", file)]
    told = document(sample_workspace, "slope", "--by", "district", *options)
    steep = document(sample_workspace, "slope", "--by", "district", "--steep")
    book = openpyxl.load_workbook(files[0])
    parcels, units, notes = (rows_of(sheet) for sheet in book)
    assert not notes
    for row, unit in zip(units, told["rows"], strict=True):
        assert row[0] == unit["unit_code"]
        figures = [unit["area_m2"], *unit["grades_m2"], unit["unknown_m2"]]
        assert row[2:9] == pytest.approx([figure / 1e4 for figure in figures], abs=1e-4)
    assert [row[2] for row in parcels] == [parcel["feature"] for parcel in steep["parcels"]]
    for row, parcel in zip(parcels, steep["parcels"], strict=True):
        assert row[7] == pytest.approx(parcel["steep_m2"] / 1e4, abs=1e-4)
    words = "\n".join(paragraph.text for paragraph in docx.Document(files[1]).paragraphs)
    assert "Sample data" in words
    first, second = tables_of(files[1])[:2]
    assert second[1][0] == parcels[0][1]
    assert len(first) == 1 + len(told["rows"])
    assert len(second) == 1 + min(len(steep["parcels"]), 200)
    ground = gpd.read_file(files[2], layer="steep_parcels")
    assert ground["steep_m2"].sum() == pytest.approx(steep["steep_m2"], abs=0.01)
    assert steep["steep_m2"] == pytest.approx(sum(u["grades_m2"][4] for u in told["rows"]))


def test_rasters_by_unit_are_written_as_they_are_told(sample_workspace, tmp_path):
    files = [tmp_path / f"zonal.{form}" for form in ("xlsx", "docx")]
    asked = ("zonal", "imagery-2023", "--from", "imagery-2021", "--by", "district")
    told = document(sample_workspace, *asked, "-o", files[0], "-o", files[1])
    rows = rows_of(openpyxl.load_workbook(files[0]).worksheets[0])
    for row, unit in zip(rows, told["rows"], strict=True):
        figures = [unit[name] for name in ("least", "mean", "largest", "change")]
        assert row[0] == unit["unit_code"]
        for cell, figure in zip(row[3:7], figures, strict=True):
            if figure is None:
                assert not isinstance(cell, float)
            else:
                assert math.isclose(cell, figure, abs_tol=0.0051)
    assert len(tables_of(files[1])[0]) == 1 + len(told["rows"])


def test_parcels_that_changed_are_written_as_they_are_told(sample_workspace, tmp_path):
    files = [tmp_path / f"parcels.{form}" for form in ("xlsx", "docx", "gpkg")]
    asked = ("zonal", "imagery-2023", "--from", "imagery-2021", "--parcels", "landuse")
    options = [part for file in files for part in ("-o", file)]
    told = document(sample_workspace, *asked, "--most", "9", *options)
    rows = rows_of(openpyxl.load_workbook(files[0]).worksheets[0])
    assert [row[2] for row in rows] == [parcel["feature"] for parcel in told["rows"]]
    assert [row[9] for row in rows] == pytest.approx(
        [parcel["change"] for parcel in told["rows"]], abs=0.0051
    )
    assert len(tables_of(files[1])[0]) == 10
    ground = gpd.read_file(files[2], layer="changed_parcels")
    assert ground["change"].tolist() == pytest.approx([one["change"] for one in told["rows"]])
    words = run(sample_workspace, *asked, "--most", "9").stdout
    assert "hint where to look" in words


def test_greenness_is_told_of_units_and_parcels(sample_workspace, workspace):
    bright = workspace.zonal("imagery-2023", before="imagery-2021", by="district")
    green = workspace.zonal("imagery-2023", before="imagery-2021", by="district", of="greenness")
    assert green.of == "greenness"
    for one, other in zip(bright.zones, green.zones, strict=True):
        assert other.known_share == pytest.approx(one.known_share)
        assert -1 <= other.least <= other.mean <= other.largest <= 2
        assert other.change is not None
    changed = workspace.zonal_parcels("imagery-2023", "imagery-2021", most=5, of="greenness")
    assert len(changed.rows) == 5
    found = document(sample_workspace, "zonal", "imagery-2023", "--of", "greenness")
    assert found["of"] == "greenness"
    assert "ndvi" in refused(sample_workspace, "zonal", "imagery-2023", "--of", "ndvi")
    refused(sample_workspace, "zonal", "imagery-2023", "--of", "redness")
