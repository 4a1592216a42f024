"""Inspecting stored layers: faults that were planted are found, in the unit where they are."""

import docx
import openpyxl
import pyogrio
import pytest

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import AccessError, NotFoundError
from tests.building import CELL_M2, DAY, LIBRARY, cells_to_plane, frame_of, place, write_city
from tests.integration.test_cli import document
from tests.oracles.grid import rectangle

EAST, WEST = rectangle(0, 0, 12, 20), rectangle(12, 0, 30, 20)
KNOWN = {"439901": "complete", "439902": "complete"}


def publish(workspace, layer, cells, known=KNOWN, **columns):
    definition = LIBRARY.require(layer)
    frame = frame_of(definition, place([cells_to_plane(one) for one in cells]), columns)
    workspace.publish(layer, frame, Provenance(DAY, Source(file="test"), False, known))


@pytest.fixture
def folder(tmp_path):
    workspace = Workspace.init(write_city(tmp_path / "city"), tmp_path / "ws")
    publish(workspace, "district", [EAST, WEST], code=["439901", "439902"], name=["东区", "西区"])
    workspace.close()
    return tmp_path / "ws"


@pytest.fixture
def city(folder):
    workspace = Workspace.open(folder)
    yield workspace
    workspace.close()


def keyed(count):
    return [f"k{number}" for number in range(count)]


def inspect(city, layer="landuse", **options):
    [found] = city.inspect_layers([layer], **options)
    return found, {unit.unit_code: unit for unit in found.units}


def test_a_layer_without_faults_has_none(city):
    publish(city, "landuse", [EAST, WEST], bsm=keyed(2), dlbm=["0101", "0301"])
    found, units = inspect(city)
    assert not any(found.counts.values())
    assert found.findings.empty
    assert units["439901"].gap_m2 == pytest.approx(0, abs=0.01)
    assert [unit.features for unit in found.units] == [1, 1]


def test_an_overlap_is_cut_at_the_border_of_units(city):
    cells = [rectangle(0, 0, 14, 20), rectangle(10, 0, 30, 20)]
    publish(city, "landuse", cells, bsm=keyed(2), dlbm=["0101", "0301"])
    found, units = inspect(city)
    assert units["439901"].overlap_m2 == pytest.approx(2 * 20 * CELL_M2, rel=1e-6)
    assert units["439902"].overlap_m2 == pytest.approx(2 * 20 * CELL_M2, rel=1e-6)
    assert units["439901"].counts == units["439902"].counts == {"overlap": 1}
    assert found.closure_m2 < 0.01


def test_a_feature_that_stands_twice_is_a_duplicate(city):
    cells = [EAST, WEST, rectangle(2, 2, 5, 5), rectangle(2, 2, 5, 5)]
    publish(city, "permanent_farmland", cells[2:], bsm=keyed(2))
    found, _ = inspect(city, "permanent_farmland")
    assert found.counts["duplicate"] == 1
    assert found.counts["overlap"] == 0


def test_ground_that_land_use_leaves_open_is_a_gap_with_its_shape(city):
    cells = [EAST - rectangle(3, 3, 6, 5), WEST]
    publish(city, "landuse", cells, bsm=keyed(2), dlbm=["0101", "0301"])
    found, units = inspect(city)
    assert units["439901"].counts == {"gap": 1}
    assert units["439902"].counts == {}
    assert units["439901"].gap_m2 == pytest.approx(6 * CELL_M2, rel=1e-6)
    [gap] = found.findings.to_crs("EPSG:4524").geometry
    assert gap.area == pytest.approx(6 * CELL_M2, rel=0.01)


def test_attributes_are_checked_as_on_import(city):
    cells = [rectangle(x, 0, x + 3, 20) for x in range(0, 30, 3)]
    publish(
        city,
        "landuse",
        cells,
        bsm=["same", "same", *keyed(8)],
        dlbm=["0101", "9999", "", *["0301"] * 7],
        tbmj=[1.0, *[60 * CELL_M2] * 9],
    )
    found, units = inspect(city)
    assert found.counts["key"] == found.counts["class"] == found.counts["empty"] == 1
    assert found.counts["area"] == 1
    assert sum(unit.total for unit in units.values()) == len(found.findings) == 4


def test_what_lies_in_no_unit_is_told_of_apart(city):
    publish(city, "permanent_farmland", [rectangle(40, 40, 43, 43)], bsm=["same"], bz=["x"])
    _, units = inspect(city, "permanent_farmland")
    assert units[""].features == 1
    assert units["439901"].features == 0


def test_where_nothing_is_known_no_finding_is_claimed(city):
    publish(city, "permanent_farmland", [rectangle(2, 2, 4, 4)], {"439901": "partial"}, bsm=["1"])
    found, units = inspect(city, "permanent_farmland")
    assert units["439902"].coverage == "no_data"
    assert found.to_json()["units"][1]["findings"] is None


def test_one_unit_can_be_looked_into(city):
    cells = [rectangle(0, 0, 14, 20), rectangle(10, 0, 30, 20)]
    publish(city, "landuse", cells, bsm=keyed(2), dlbm=["0101", "0301"])
    found, units = inspect(city, within="439902")
    assert list(units) == ["439902"]
    assert set(found.findings["unit_code"]) == {"439902"}


def test_only_those_who_see_features_may_inspect(city):
    publish(city, "landuse", [EAST, WEST], bsm=keyed(2), dlbm=["0101", "0301"])
    for role, unit in (("public", ""), ("township", "439901001")):
        with pytest.raises(AccessError):
            city.acting_as(Principal("somebody", role, unit)).inspect_layers(["landuse"])


def test_a_city_without_data_has_nothing_to_inspect(city):
    with pytest.raises(NotFoundError) as stopped:
        city.inspect_layers()
    assert stopped.value.code == "inspection-nothing"


def test_the_command_writes_what_it_found(city, folder, tmp_path):
    cells = [rectangle(0, 0, 14, 20), rectangle(10, 0, 30, 20)]
    publish(city, "landuse", cells, bsm=keyed(2), dlbm=["0101", "0301"])
    publish(city, "hamlet", [rectangle(1, 1, 2, 2)], bsm=["1"])
    outputs = [tmp_path / f"found.{form}" for form in ("xlsx", "docx", "gpkg")]
    options = [word for path in outputs for word in ("-o", str(path))]
    found = document(folder, "quality", "landuse", "--by", "district", *options)
    assert found["layers"][0]["units"][0]["findings"] == {"overlap": 1}
    sheets = openpyxl.load_workbook(outputs[0])
    assert len(sheets.sheetnames) >= 2
    assert len(docx.Document(str(outputs[1])).tables) >= 2
    frame = pyogrio.read_dataframe(outputs[2], layer="findings")
    assert set(frame["kind"]) == {"overlap"}
    assert len(frame) == 2
