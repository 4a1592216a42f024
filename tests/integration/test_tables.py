"""Tables of the workspace: coverage, overlapping units, tampered data, workbooks, definitions."""

import csv
import io
import shutil
from datetime import UTC, datetime
from decimal import Decimal

import geopandas as gpd
import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest

from geoapp.access.policy import Principal, decide
from geoapp.bootstrap import Workspace
from geoapp.catalog.library import read_library
from geoapp.errors import (
    AccessError,
    ChoiceError,
    ConflictError,
    FileError,
    InvariantError,
    NotFoundError,
)
from geoapp.i18n import LANGS, text
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.result import StatsRequest
from geoapp.overlay.tabulate import Tabulator
from geoapp.reports.content import Wording, stats_table
from geoapp.reports.spreadsheet import to_csv, to_parquet, to_xlsx, write_table
from geoapp.settings import Settings
from geoapp.values import AreaUnit, convert_area
from tests.building import (
    CELL_M2,
    LAYERS,
    LIBRARY,
    make_city,
    make_store,
    on_ground,
    publish,
    write_city,
)
from tests.oracles.grid import rectangle

RED = "ecological_redline"
EVIL = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "－1",
    "＋1",
    "＠x",
    "{=1}",
    "http://x",
]


def build(tmp_path, *, overlap=False, names=("东", "西")):
    store = make_store(tmp_path)
    west = 2 if overlap else 3
    units = [on_ground(rectangle(0, 0, 3, 4)), on_ground(rectangle(west, 0, 6, 4))]
    publish(store, "district", units, code=["439901", "439902"], name=list(names))
    return store


def ask(store, layer=RED, **request):
    return Tabulator(make_city(), LIBRARY, store).tabulate(StatsRequest(layer, **request))


def wording(lang, unit=AreaUnit.HA):
    now = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    return Wording(lang, unit, lambda code, name: name or code, lambda name: name, now)


# --- coverage ------------------------------------------------------------------------------


def test_where_nothing_is_known_the_area_is_none_never_zero(tmp_path):
    store = build(tmp_path)
    publish(store, RED, [on_ground(rectangle(0, 0, 1, 1))], coverage={"439901": "complete"})
    east, west = ask(store).rows
    assert (east.coverage, east.area_m2) == ("complete", pytest.approx(CELL_M2))
    assert (west.coverage, west.area_m2, west.gross_m2, west.share_of_unit) == (
        "no_data",
        None,
        None,
        None,
    )
    assert ask(store).totals[0].coverage == "partial"


@pytest.mark.parametrize(
    ("declared", "area"), [("complete", 0.0), ("partial", 0.0), ("no_data", None)]
)
def test_absence_is_zero_only_where_something_was_declared(tmp_path, declared, area):
    store = build(tmp_path)
    publish(
        store,
        RED,
        [on_ground(rectangle(0, 0, 1, 1))],
        coverage={"439901": "complete", "439902": declared},
    )
    assert ask(store).rows[1].area_m2 == area


def test_a_layer_that_should_fill_its_units_is_judged_by_its_gaps(tmp_path):
    store = build(tmp_path)
    whole, half = on_ground(rectangle(0, 0, 3, 4)), on_ground(rectangle(3, 0, 5, 4))
    publish(store, "landuse", [whole, half], dlbm=["0101", "0101"], coverage={})
    rows = ask(store, "landuse").rows
    assert [row.coverage for row in rows] == ["complete", "partial"]
    publish(store, "landuse", [whole], dlbm=["0101"], coverage={})
    last = ask(store, "landuse").rows[-1]
    assert (last.coverage, last.area_m2) == ("no_data", None)


def test_the_layer_inside_which_one_looks_must_be_known_as_well(tmp_path):
    store = build(tmp_path)
    publish(store, RED, [on_ground(rectangle(0, 0, 6, 4))])
    publish(
        store,
        "permanent_farmland",
        [on_ground(rectangle(0, 0, 2, 2))],
        coverage={"439901": "complete"},
    )
    east, west = ask(store, inside="permanent_farmland").rows
    assert (east.coverage, east.area_m2) == ("complete", pytest.approx(4 * CELL_M2))
    assert (west.coverage, west.area_m2) == ("no_data", None)


def test_an_empty_layer_that_was_declared_complete_is_zero_everywhere(tmp_path):
    store = build(tmp_path)
    publish(store, RED, [])
    result = ask(store)
    assert [row.area_m2 for row in result.rows] == [0.0, 0.0]
    assert result.closure_m2 == 0
    for lang in LANGS:
        assert to_xlsx(stats_table(result, LIBRARY.require(RED), wording(lang)), lang)


# --- closing -------------------------------------------------------------------------------


def test_units_that_overlap_explain_a_closure_and_stop_nothing(tmp_path):
    store = build(tmp_path, overlap=True)
    publish(store, RED, [on_ground(rectangle(0, 0, 6, 4))])
    result = ask(store)
    assert result.units_overlap
    assert result.closure_m2 == pytest.approx(-4 * CELL_M2, abs=1e-3)
    notes = dict(stats_table(result, LIBRARY.require(RED), wording("en")).notes)
    assert notes["Note"] == text("en", "notes.units_overlap")


def test_tampered_tables_that_do_not_close_stop_the_answer(tmp_path):
    store = build(tmp_path)
    snapshot = publish(store, RED, [on_ground(rectangle(0, 0, 6, 4))])
    ask(store)
    paths = [p for p in (snapshot.folder / "measure").iterdir() if "-tally-" in p.name]
    assert paths
    for path in paths:
        table = pq.read_table(path)
        areas = table.column("area_m2").to_numpy() + 0.02
        pq.write_table(table.set_column(2, "area_m2", [areas]), path)
    with pytest.raises(InvariantError) as caught:
        ask(store)
    assert caught.value.exit_status == 1


def test_areas_of_the_measure_plane_are_loaded_once_for_threads(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    from geoapp.overlay.derived import DerivedTables
    from geoapp.overlay.shelf import ZoneShelf

    store = build(tmp_path)
    snapshot = publish(store, RED, [on_ground(rectangle(0, 0, 6, 4))])
    layer = MeasuredLayer(snapshot, "EPSG:4546", DerivedTables(), ZoneShelf(), points=False)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: layer.geometries, range(8)))
    assert all(geometries is found[0] for geometries in found)


def test_what_is_not_offered_is_refused(tmp_path):
    store = build(tmp_path)
    publish(store, RED, [on_ground(rectangle(0, 0, 6, 4))])
    publish(store, "hamlet", [on_ground(rectangle(0, 0, 1, 1)).centroid], mc=["a"])
    for error, request in [
        (ChoiceError, {"by": "county"}),
        (ChoiceError, {"class_field": "mc"}),
        (ChoiceError, {"inside": "hamlet"}),
        (NotFoundError, {"inside": "landuse"}),
        (NotFoundError, {"layer": "roads"}),
        (NotFoundError, {"by": "village"}),
        (ChoiceError, {"within": "439901"}),
        (ChoiceError, {"within": "43"}),
        (ChoiceError, {"within": "x" * 6}),
        (NotFoundError, {"as_of": "1999-01-01"}),
    ]:
        with pytest.raises(error):
            ask(store, **request)


def test_an_unknown_unit_to_look_into_is_refused(tmp_path):
    store = build(tmp_path)
    publish(store, "township", [on_ground(rectangle(0, 0, 3, 4))], code=["439901001"], name=["a"])
    publish(store, RED, [on_ground(rectangle(0, 0, 6, 4))])
    with pytest.raises(NotFoundError):
        ask(store, by="township", within="439999")


# --- workbooks -----------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path):
    store = build(tmp_path, names=(EVIL[0], "西区"))
    shapes = [on_ground(rectangle(n % 5, 0, n % 5 + 2, 3)) for n in range(len(EVIL))]
    publish(store, RED, shapes, lhlx=EVIL, coverage={"439901": "complete"})

    def make(lang, unit=AreaUnit.HA, **request):
        return stats_table(ask(store, **request), LIBRARY.require(RED), wording(lang, unit))

    return make


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("unit", list(AreaUnit))
def test_the_workbook_holds_the_table_cell_by_cell(table, lang, unit):
    content = table(lang, unit, class_field="lhlx")
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(content, lang)))
    sheet, notes = book.worksheets
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == content.title
    assert list(rows[3][: len(content.columns)]) == [c.title for c in content.columns]
    for given, row in zip(content.rows, list(sheet.iter_rows(min_row=5)), strict=False):
        for cell, shown, column in zip(given, row, content.columns, strict=False):
            if cell is None:
                assert shown.value == text(lang, "coverage.no_data")
            elif isinstance(cell, str):
                assert (
                    shown.data_type in {"s", "inlineStr", "n"}
                    if not cell
                    else shown.data_type == "s"
                )
                assert (shown.value or "").replace("_x000D_", "\r") == cell
            else:
                assert shown.data_type == "n"
                assert Decimal(repr(shown.value)) == Decimal(cell)
                assert column.kind != "text"
    labels = {row[1]: row[2] for row in rows if row[1] in {label for label, _ in content.closing}}
    for label, cell in content.closing:
        assert labels[label] == pytest.approx(float(cell))
    assert [tuple(r) for r in notes.iter_rows(values_only=True)] == list(content.notes)
    assert sheet.title == text(lang, "workbook.data")


@pytest.mark.parametrize("lang", LANGS)
def test_no_text_becomes_a_formula_or_a_link(table, lang):
    content = table(lang, class_field="lhlx")
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(content, lang)))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
    lines = list(csv.reader(io.StringIO(to_csv(content, lang).decode("utf-8-sig"), newline="")))
    for line in lines:
        for cell in line:
            if cell and cell[0] in "=+-@\t\r＝＋－＠":
                assert Decimal(cell) is not None  # a bare number


@pytest.mark.parametrize("lang", LANGS)
def test_the_text_file_holds_the_same_table(table, lang):
    content = table(lang, class_field="lhlx")
    raw = to_csv(content, lang)
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    start = 1 if content.banner else 0
    assert lines[start] == [column.title for column in content.columns]
    for line, row in zip(lines[start + 1 :], content.rows, strict=False):
        for shown, cell in zip(line, row, strict=True):
            if isinstance(cell, Decimal):
                assert Decimal(shown) == cell
            elif isinstance(cell, int):
                assert int(shown) == cell
            elif cell is None:
                assert shown == text(lang, "coverage.no_data")
            else:
                assert shown in {cell, f"'{cell}"}


def test_the_columns_for_other_software_have_the_same_names_in_every_language(table, tmp_path):
    frames = {}
    for lang in LANGS:
        path = tmp_path / f"{lang}.parquet"
        path.write_bytes(to_parquet(table(lang, class_field="lhlx"), lang))
        frames[lang] = pq.read_table(path)
    assert frames["zh"].column_names == frames["en"].column_names
    assert {"unit_code", "unit_name", "class", "area", "count", "coverage"} <= set(
        frames["zh"].column_names
    )
    assert frames["zh"].column("area").to_pylist() == frames["en"].column("area").to_pylist()


def test_figures_are_rounded_once_from_square_metres(table):
    content = table("en", AreaUnit.MU)
    index = [c.key for c in content.columns].index("area")
    assert content.rows[0][index] == convert_area(9 * CELL_M2, AreaUnit.MU)


def test_a_table_is_written_whole_or_not_at_all(table, tmp_path):
    content = table("en")
    for name in ("a.docx", "a", "a.xls"):
        with pytest.raises(ChoiceError):
            write_table(content, tmp_path / name, "en")
    with pytest.raises(FileError):
        write_table(content, tmp_path / "none" / "a.xlsx", "en")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileError):
        write_table(content, tmp_path / "folder.csv", "en")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


# --- adding a layer is adding a file -------------------------------------------------------


def test_adding_a_layer_is_adding_a_file(tmp_path):
    shutil.copytree(LAYERS, tmp_path / "layers")
    model = (LAYERS / "ecological_redline.toml").read_text(encoding="utf-8")
    added = model.replace('id = "ecological_redline"', 'id = "flood_zone"').replace(
        "order = 30", "order = 99"
    )
    (tmp_path / "layers" / "flood_zone.toml").write_text(added, encoding="utf-8")
    settings = Settings(layers=tmp_path / "layers")
    workspace = Workspace.init(write_city(tmp_path / "source"), tmp_path / "ws", settings=settings)
    files = {
        "district": gpd.GeoDataFrame(
            {"code": ["439901", "439902"], "name": ["东", "西"]},
            geometry=[on_ground(rectangle(0, 0, 3, 4)), on_ground(rectangle(3, 0, 6, 4))],
            crs=4490,
        ),
        "flood_zone": gpd.GeoDataFrame(
            {"MC": ["a"], "LHLX": ["水源涵养"]},
            geometry=[on_ground(rectangle(2, 0, 5, 2))],
            crs=4490,
        ),
    }
    for layer, frame in files.items():
        pyogrio.write_dataframe(frame, tmp_path / f"{layer}.gpkg")
        workspace.import_file(layer, tmp_path / f"{layer}.gpkg", covers=("all",))
    result = workspace.stats("flood_zone", class_field="lhlx")
    assert [row.area_m2 for row in result.rows] == pytest.approx(
        [2 * CELL_M2, 4 * CELL_M2], abs=1e-3
    )
    assert "flood_zone" in [state.definition.id for state in workspace.layers()]
    workspace.close()


# --- founding ------------------------------------------------------------------------------


def test_a_workspace_is_never_founded_over_something(tmp_path):
    city = write_city(tmp_path / "source")
    folder = tmp_path / "ws"
    folder.mkdir()
    Workspace.init(city, folder).close()
    with pytest.raises(ConflictError):
        Workspace.init(city, folder)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    with pytest.raises(ConflictError):
        Workspace.init(city, tmp_path / "other")
    assert (tmp_path / "other" / "letter.txt").read_text() == "mine"
    with pytest.raises(NotFoundError):
        Workspace.open(tmp_path / "other")


@pytest.mark.parametrize("outline", ["missing.geojson", "broken.geojson"])
def test_a_city_whose_outline_cannot_be_read_leaves_nothing_behind(tmp_path, outline):
    city = write_city(tmp_path / "source", outline=outline)
    (tmp_path / "source" / "broken.geojson").write_text("{")
    with pytest.raises(FileError):
        Workspace.init(city, tmp_path / "ws")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source"]


# --- access --------------------------------------------------------------------------------


def test_who_may_not_see_a_layer_gets_neither_features_nor_figures(tmp_path):
    city = write_city(tmp_path / "source")
    workspace = Workspace.init(city, tmp_path / "ws")
    publish(
        workspace.store, "district", [on_ground(rectangle(0, 0, 3, 4))], code=["439901"], name=["a"]
    )
    publish(workspace.store, RED, [on_ground(rectangle(0, 0, 3, 4))])
    workspace.principal = Principal("nobody", "public")
    assert RED not in [state.definition.id for state in workspace.layers()]
    for call in (
        lambda: workspace.layer(RED),
        lambda: workspace.snapshot(RED),
        lambda: workspace.stats(RED),
        lambda: workspace.stats("district", inside=RED),
    ):
        with pytest.raises(AccessError):
            call()
    assert len(workspace.layer("district")) == 1
    workspace.close()


def test_what_is_not_listed_is_refused():
    library = read_library(LAYERS)
    somebody = Principal("a", "township")
    assert not decide(somebody, "publish").allowed
    assert not decide(somebody, "administer").allowed
    assert not decide(somebody, "view").allowed
    assert decide(somebody, "view", library.require("landuse")).allowed
    assert not decide(Principal("a", "public"), "view", library.require("landuse")).allowed
    assert decide(Principal("a", "administrator"), "administer").allowed


def test_shares_of_a_layer_and_of_a_unit_add_up(tmp_path):
    store = build(tmp_path)
    publish(store, RED, [on_ground(rectangle(1, 1, 5, 3)), on_ground(rectangle(7, 0, 9, 1))])
    rows = ask(store).rows
    assert np.sum([row.share_of_layer for row in rows]) == pytest.approx(8 / 10)
    assert [row.share_of_unit for row in rows] == pytest.approx([4 / 12, 4 / 12])


def test_a_field_that_came_after_the_snapshot_is_unknown_and_never_zero(tmp_path):
    store = build(tmp_path)
    snapshot = publish(
        store, "demolition", [on_ground(rectangle(0, 0, 1, 1))], households=[3], status=["closed"]
    )
    file = snapshot.folder / "features.parquet"
    table = pq.read_table(file)
    metadata = table.schema.metadata
    later = "demolished_households"
    pq.write_table(table.drop_columns([later]).replace_schema_metadata(metadata), file)
    row = ask(store, "demolition").rows[0]
    assert row.sums["households"] == 3
    assert later not in row.sums
    again = type(snapshot)(snapshot.layer, snapshot.name, snapshot.folder)
    assert again.read([later, "households"])[later].isna().all()
    assert again.read_attributes(["households", later])[later].isna().all()
