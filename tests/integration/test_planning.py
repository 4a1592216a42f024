"""Conflicts of control lines and the ledger of cultivated land, against ground counted by squares."""

import random
from datetime import date
from itertools import combinations

import docx
import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import AccessError, ChoiceError, NotFoundError
from tests.building import CELL_M2, LIBRARY, cells_to_plane, frame_of, place, write_city
from tests.integration.test_cli import document, refused
from tests.oracles.grid import rectangle

LINES = ("ecological_redline", "permanent_farmland", "urban_boundary")
EAST, WEST = rectangle(0, 0, 12, 20), rectangle(12, 0, 30, 20)
EARLIER, LATER = date(2020, 12, 31), date(2021, 12, 31)


def publish(workspace, layer, cells, as_of=EARLIER, **columns):
    definition = LIBRARY.require(layer)
    frame = frame_of(definition, place([cells_to_plane(one) for one in cells]), columns)
    known = {"439901": "complete", "439902": "complete"}
    workspace.publish(layer, frame, Provenance(as_of, Source(file="test"), False, known))


@pytest.fixture
def city(tmp_path):
    workspace = Workspace.init(write_city(tmp_path / "city"), tmp_path / "ws")
    publish(workspace, "district", [EAST, WEST], code=["439901", "439902"], name=["东区", "西区"])
    yield workspace
    workspace.close()


def blocks(seed):
    """Squares of three layers, overlapping each other as chance has it."""
    rng = random.Random(seed)
    return {
        layer: [
            rectangle(x, y, x + rng.randint(2, 9), y + rng.randint(2, 9))
            for x, y in ((rng.randint(0, 20), rng.randint(0, 10)) for _ in range(4))
        ]
        for layer in LINES
    }


@pytest.mark.parametrize("seed", range(6))
def test_what_layers_share_is_what_counting_squares_gives_and_it_closes(city, seed):
    ground = blocks(seed)
    for layer, cells in ground.items():
        publish(city, layer, cells)
    result = city.conflicts()
    covered = {layer: frozenset().union(*cells) for layer, cells in ground.items()}
    for district, unit in (("439901", EAST), ("439902", WEST)):
        [found] = [one for one in result.places if one.unit_code == district]
        for bits in result.request.sets(least=1):
            named = result.request.named(bits)
            squares = unit.intersection(*(covered[name] for name in named))
            assert found.shared_m2(bits) / CELL_M2 == pytest.approx(len(squares), abs=1e-6)
        squares = unit & frozenset().union(*covered.values())
        assert found.union_m2() / CELL_M2 == pytest.approx(len(squares), abs=1e-6)
        assert found.alternating_m2() == pytest.approx(found.union_m2(), abs=1e-3)
    for bits in result.request.sets():
        rows = result.patches[(result.patches["bits"] & bits) == bits]
        assert rows["area_m2"].sum() == pytest.approx(result.whole.shared_m2(bits), abs=1e-3)
    assert result.closure_m2 <= 0.01


def test_what_is_not_known_is_not_free_of_conflicts(city):
    publish(city, "ecological_redline", [rectangle(0, 0, 5, 5)])
    publish(city, "permanent_farmland", [rectangle(10, 10, 12, 12)])
    with pytest.raises(NotFoundError):
        city.conflicts()
    [east, *_] = city.conflicts(("ecological_redline", "permanent_farmland")).places
    assert east.shared_m2(0b11) == 0


@pytest.mark.parametrize(
    "layers", [("ecological_redline",), ("ecological_redline",) * 2, ("hamlet", "urban_boundary")]
)
def test_layers_that_cannot_be_compared_are_refused(city, layers):
    for layer, cells in blocks(1).items():
        publish(city, layer, cells)
    with pytest.raises(ChoiceError):
        city.conflicts(layers)


@pytest.mark.parametrize(("role", "unit"), [("public", ""), ("township", "439901001")])
def test_lists_over_the_whole_city_are_for_those_who_work_on_it(city, role, unit):
    acting = city.acting_as(Principal("somebody", role, unit))
    with pytest.raises(AccessError):
        acting.conflicts()
    with pytest.raises(AccessError):
        acting.farmland_ledger(EARLIER, LATER)


def test_the_ledger_looks_back_to_the_date_before(city):
    cells = [rectangle(x, 0, x + 3, 4) for x in range(0, 9, 3)]
    publish(city, "landuse", cells, LATER, dlbm=["0101", "0702", "0101"])
    with pytest.raises(NotFoundError) as stopped:
        city.farmland_ledger()
    assert stopped.value.code == "ledger-one-date"
    publish(city, "landuse", cells, EARLIER, dlbm=["0101", "0101", "0301"])
    publish(city, "landuse", cells, LATER, dlbm=["0101", "0702", "0102"])
    result = city.farmland_ledger()
    assert result.to_json() == city.farmland_ledger(EARLIER, LATER).to_json()
    assert result.snapshots == city.farmland_ledger(after=LATER.isoformat()).snapshots
    assert result.snapshots == city.farmland_ledger(after=result.snapshots["after"]).snapshots


def test_the_ledger_says_what_went_in_and_out_and_why(city):
    cells = [rectangle(x, 0, x + 3, 4) for x in range(0, 24, 3)]
    before = ["0101", "0102", "0103", "0101", "0301", "0201", "0702", "0101"]
    after = ["0101", "0702", "0201", "0307", "0101", "0103", "0702", "1104"]
    publish(city, "landuse", cells, dlbm=before, tbbh=[str(n) for n in range(8)])
    publish(city, "landuse", cells, LATER, dlbm=after, tbbh=[str(n) for n in range(8)])
    result = city.farmland_ledger(EARLIER, LATER)
    whole, square = result.whole, 12 * CELL_M2

    def squares(area):
        return round(area / square, 6)

    assert squares(whole.before_m2) == before.count("0101") + 2
    assert squares(whole.total_m2("out")) == 4
    assert squares(whole.total_m2("in")) == 2
    assert squares(whole.net_m2()) == -2
    assert not whole.grows
    assert squares(whole.total_m2("out", cause="non_agricultural")) == 1
    assert squares(whole.total_m2("out", cause="non_grain")) >= 2
    assert whole.after_m2 - whole.before_m2 == pytest.approx(whole.net_m2(), abs=1e-3)
    for one in ("in", "out"):
        assert sum(unit.total_m2(one) for unit in result.units) == pytest.approx(
            whole.total_m2(one), abs=1e-3
        )
    assert result.patches["area_m2"].sum() == pytest.approx(6 * square, rel=1e-9)


def test_the_documents_hold_what_the_screen_shows(sample_workspace, tmp_path):
    files = [tmp_path / f"conflicts.{form}" for form in ("xlsx", "docx", "gpkg")]
    outputs = [part for file in files for part in ("-o", file)]
    found = document(sample_workspace, "conflicts", *outputs)
    book, word, pieces = files
    shared = {
        (row["unit_code"], tuple(part["layers"])): part["shared_m2"]
        for row in found["rows"]
        for part in row["parts"]
    }
    values = [row for sheet in openpyxl.load_workbook(book) for row in sheet.values]
    hectares = [round(cell, 4) for row in values for cell in row if isinstance(cell, float)]
    for pair in combinations(LINES, 2):
        for unit in ("430802", "430822"):
            assert round(shared[unit, pair] / 10_000, 4) in hectares
    assert docx.Document(str(word)).paragraphs
    layer = pyogrio.list_layers(pieces)[0][0]
    assert len(gpd.read_file(pieces, layer=layer)) == len(found["patches"])
    refused(sample_workspace, "conflicts", "-o", tmp_path / "conflicts.doc")
