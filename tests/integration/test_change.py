"""Comparing two dates: named cases, what is refused, what is kept, what must not pass."""

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import AccessError, ChoiceError, InvariantError, NotFoundError
from geoapp.i18n import LANGS, word_error
from geoapp.overlay import flowtable, meeting, transition
from geoapp.overlay.change import Comparer
from geoapp.overlay.tabulate import Tabulator
from tests.building import CELL_M2, LIBRARY, make_city, place, publish
from tests.comparing import EARLIER, LATER, LAYER, TwoDates, compare
from tests.integration.test_cli import document, refused, run
from tests.oracles.grid import rectangle

WATER, SOIL = "水源涵养", "水土保持"
UNITS = [
    ("439901001001", rectangle(0, 0, 3, 6)),
    ("439901001002", rectangle(3, 0, 5, 6)),
    ("439902001001", rectangle(5, 0, 9, 6)),
]
LEFT, RIGHT = (rectangle(0, 0, 4, 6), WATER), (rectangle(4, 0, 9, 6), SOIL)
RING = (rectangle(0, 0, 6, 6) - rectangle(2, 2, 4, 4), WATER)
SCHEMA = Path(__file__).parents[1] / "data" / "schemas" / "change-1.json"


def flows(result):
    return {
        (row.unit_code, row.class_before, row.class_after): round(row.area_m2 / CELL_M2, 6)
        for row in result.rows
    }


@pytest.mark.parametrize("level", ["city", "district", "township", "village"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([LEFT, RIGHT], [RIGHT, LEFT, (rectangle(9, 0, 10, 1), "")], id="grown"),
        pytest.param([LEFT, RIGHT], [LEFT], id="shrunk"),
        pytest.param([LEFT], [RIGHT], id="disjoint"),
        pytest.param([LEFT, RIGHT], [], id="emptied"),
        pytest.param([], [LEFT, RIGHT], id="filled"),
        pytest.param([LEFT], [(LEFT[0], SOIL)], id="reclassed"),
        pytest.param([RING], [(rectangle(0, 0, 6, 6), WATER)], id="hole filled"),
        pytest.param([RING, (rectangle(2, 2, 4, 4), SOIL)], [RING], id="hole emptied"),
        pytest.param([LEFT, LEFT, RIGHT], [LEFT, RIGHT], id="one of two duplicates gone"),
        pytest.param(
            [LEFT, (LEFT[0], SOIL)], [(LEFT[0], SOIL), (LEFT[0], "")], id="duplicates of classes"
        ),
        pytest.param([LEFT, (rectangle(2, 1, 7, 4), SOIL)], [LEFT, RIGHT], id="overlap gone"),
        pytest.param(
            [(rectangle(0, 0, 9, 6), WATER)],
            [(rectangle(0, 0, 9, 3), WATER), (rectangle(0, 3, 9, 6), SOIL)],
            id="split along all units",
        ),
        pytest.param(
            [(rectangle(x, 0, x + 1, 6), WATER) for x in range(9)],
            [(rectangle(0, y, 9, y + 1), (WATER, SOIL)[y % 2]) for y in range(6)],
            id="crosswise",
        ),
    ],
)
def test_a_matrix_of_named_cases(before, after, level):
    compare(UNITS, before, after, level)


def test_two_dates_with_the_same_features_are_the_same(tmp_path):
    ground = TwoDates(tmp_path, UNITS)
    ground.publish([LEFT, RIGHT], EARLIER)
    ground.publish([LEFT, RIGHT], LATER)
    result = ground.ask()
    assert all(row.class_before == row.class_after for row in result.rows)
    assert (result.features.unchanged, result.features.after_only) == (2, 0)
    assert result.closure_m2 == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_polygons_with_thousands_of_corners_across_units(seed):
    rng = random.Random(seed)
    units = [
        ("439901001001", rectangle(0, 0, 20, 20)),
        ("439901001002", rectangle(20, 0, 40, 20)),
        ("439902001001", rectangle(0, 20, 40, 40)),
    ]
    dates = []
    for _ in range(2):
        owner = {(x, y): rng.randrange(3) for x in range(-1, 41) for y in range(-1, 41)}
        names = (WATER, SOIL, "")
        dates.append(
            [(frozenset(c for c, o in owner.items() if o == k), names[k]) for k in range(3)]
        )
    compare(units, *dates)


def test_fingerprints_that_collide_change_no_area(monkeypatch):
    alike = [(rectangle(0, 0, 2, 2) | rectangle(6, 4, 8, 6), WATER)]
    turned = [(rectangle(0, 4, 2, 6) | rectangle(6, 0, 8, 2), WATER)]

    def same(ground):
        return np.zeros(len(ground.hashes), dtype=np.uint64)

    monkeypatch.setattr("geoapp.overlay.matching._digest", same)
    real = flowtable.lay_out

    def colliding(layer, kinds, *, net):
        ground = real(layer, kinds, net=net)
        return replace(ground, hashes=np.zeros_like(ground.hashes))

    with monkeypatch.context() as patched:
        # Only the box and the area tell these apart; where all agree, nothing but vertices can.
        patched.setattr(flowtable, "lay_out", colliding)
        compare(UNITS, [LEFT, RIGHT], [(rectangle(0, 0, 4, 5), WATER), RIGHT])
    compare(UNITS, alike, turned)


def test_a_ring_that_begins_elsewhere_is_the_same_feature(tmp_path):
    ground = TwoDates(tmp_path, UNITS)
    ground.publish([LEFT], EARLIER)
    [shape] = ground.store.require_current(LAYER).read().geometry
    ring = shapely.get_coordinates(shape)[:-1]
    turned = shapely.polygons(np.concatenate([ring[5:], ring[:6]]))
    publish(ground.store, LAYER, [turned], as_of=LATER, lhlx=[WATER])
    assert ground.ask().features.unchanged == 1


def test_within_a_unit_only_its_units_are_listed_and_it_is_the_whole(tmp_path):
    ground = TwoDates(tmp_path, UNITS)
    ground.publish([LEFT, RIGHT], EARLIER)
    ground.publish([(rectangle(0, 0, 9, 6), SOIL)], LATER)
    result = ground.ask("village", within="439901")
    assert flows(result) == {
        ("439901001001", WATER, SOIL): 18,
        ("439901001002", WATER, SOIL): 6,
        ("439901001002", SOIL, SOIL): 6,
    }
    whole = {(r.class_before, r.class_after): r.area_m2 / CELL_M2 for r in result.whole}
    assert whole == pytest.approx({(WATER, SOIL): 24, (SOIL, SOIL): 6})
    assert {unit.unit_code for unit in result.units} == {"439901001001", "439901001002"}


def test_what_a_date_does_not_know_is_said(tmp_path):
    ground = TwoDates(tmp_path, UNITS)
    shapes = place([shapely.box(0, 0, 1, 1)])
    known = {"439901": "complete"}
    publish(ground.store, LAYER, shapes, as_of=EARLIER, coverage=known, lhlx=[WATER])
    ground.publish([LEFT], LATER)
    states = {u.unit_code: (u.before, u.after) for u in ground.ask("district").units}
    assert states == {"439901": ("complete", "complete"), "439902": ("no_data", "complete")}


def test_units_that_overlap_each_count():
    units = [("439901001001", rectangle(0, 0, 5, 6)), ("439902001001", rectangle(3, 0, 9, 6))]
    result = compare(units, [LEFT, RIGHT], [(rectangle(0, 0, 6, 6), SOIL), RING], "village")
    assert result.units_overlap


def test_the_second_time_nothing_is_measured(tmp_path, monkeypatch):
    ground = TwoDates(tmp_path, UNITS)
    ground.publish([LEFT], EARLIER)
    ground.publish([RIGHT], LATER)
    first = ground.ask()

    def never(*_arguments):
        raise AssertionError

    monkeypatch.setattr(flowtable, "match", never)
    assert ground.ask() == first
    tabulator = Tabulator(make_city(), LIBRARY, ground.store)
    assert Comparer(make_city(), LIBRARY, ground.store, tabulator).compare(first.request) == first


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("module", "name"), [(transition, "meet"), (transition, "subtract_ground")]
)
def test_a_matrix_that_does_not_close_is_refused(tmp_path, monkeypatch, lang, module, name):
    ground = TwoDates(tmp_path, UNITS)
    ground.publish([LEFT, RIGHT], EARLIER)
    ground.publish([(rectangle(0, 0, 5, 6), SOIL)], LATER)
    real = getattr(module, name)

    def meet_less(*arguments):
        pairs = real(*arguments)
        return pairs._replace(area=pairs.area * 0.999)

    def nothing(*_arguments):
        return iter(())

    with monkeypatch.context() as wrong:
        wrong.setattr(module, name, meet_less if name == "meet" else nothing)
        with pytest.raises(InvariantError) as raised:
            ground.ask()
    assert raised.value.code == "change-not-closed"
    assert raised.value.facts["unit"] in {"-", *(code for code, _ in UNITS)}
    assert "m²" in word_error(raised.value, lang) or "平方米" in word_error(raised.value, lang)
    assert abs(ground.ask().closure_m2) < 1e-3  # what was wrong was not kept


def test_slivers_between_two_surveys_are_measured_and_close(tmp_path):
    ground = TwoDates(tmp_path, UNITS)
    mosaic = [(rectangle(x, 0, x + 1, 6), (WATER, SOIL)[x % 2]) for x in range(9)]
    ground.publish(mosaic, EARLIER)
    frame = ground.store.require_current(LAYER).read()
    moved = [
        shapely.transform(shape, lambda xy, n=n: xy + 1e-7 * np.sin(1e6 * xy[:, ::-1] + n))
        for n, shape in enumerate(frame.geometry)
    ]
    publish(ground.store, LAYER, moved, as_of=LATER, lhlx=list(frame["lhlx"]))
    result = ground.ask()
    assert result.overlap_m2[1] > 0
    assert sum(r.area_m2 for r in result.whole if r.class_after is None) > 0
    assert abs(result.closure_m2) < 1e-3


def test_a_pair_that_is_missed_does_not_pass_as_lost_and_gained(tmp_path, monkeypatch):
    ground = TwoDates(tmp_path, UNITS)
    ground.publish([LEFT, RIGHT], EARLIER)
    ground.publish([(rectangle(0, 0, 5, 6), SOIL), (rectangle(5, 0, 9, 6), SOIL)], LATER)

    def first_only(*arguments):
        pairs = meeting.meet(*arguments)
        return type(pairs)(*(column[:1] for column in pairs))

    monkeypatch.setattr(transition, "meet", first_only)
    with pytest.raises(InvariantError):
        ground.ask()


def test_snapshots_are_found_by_day_or_name_and_their_order_matters(tmp_path):
    ground = TwoDates(tmp_path, UNITS)
    ground.publish([LEFT], EARLIER)
    ground.publish([RIGHT], LATER)
    later, earlier = ground.store.names(LAYER)
    expected = flows(ground.ask())
    assert flows(ground.ask(before=earlier, after=later)) == expected
    assert flows(ground.ask(before="2021-06-30", after=None)) == expected
    for options, code, kind in [
        ({"after": date(2021, 1, 1)}, "change-one-snapshot", ChoiceError),
        ({"before": later, "after": earlier}, "change-backwards", ChoiceError),
        ({"before": "2021-13-01"}, "snapshot-unknown", NotFoundError),
        ({"before": "../" + earlier}, "snapshot-unknown", NotFoundError),
        ({"before": date(1999, 1, 1)}, "snapshot-none", NotFoundError),
        ({"class_field": "mc"}, "choice-unknown", ChoiceError),
        ({"within": "439901001001"}, "stats-within-not-above", ChoiceError),
        ({"within": "439909"}, "unit-unknown", NotFoundError),
        ({"level": "county"}, "choice-unknown", ChoiceError),
    ]:
        with pytest.raises(kind) as raised:
            ground.ask(**options)
        assert raised.value.code == code
        assert len({word_error(raised.value, lang) for lang in LANGS}) == 2


@pytest.fixture
def two_dates(sample_workspace, tmp_path):
    """A copy of the sample city with an earlier land use, and its name."""
    import shutil

    folder = tmp_path / "city"
    shutil.copytree(sample_workspace, folder)
    workspace = Workspace.open(folder)
    current = workspace.snapshot("landuse")
    frame = current.read()
    frame.loc[::20, "dlbm"] = "0101"
    provenance = Provenance(
        date(2022, 12, 31), Source(file="test"), sample=True, coverage=current.manifest.coverage
    )
    earlier = workspace.publish("landuse", frame.drop(index=[3, 4]), provenance).name
    workspace.close()
    return folder, earlier, current.name


def test_the_command_compares_writes_and_refuses(two_dates, tmp_path):
    folder, earlier, later = two_dates
    asked = ("change", "landuse", "--from", earlier, "--to", later, "--class", "dlbm")
    files = [tmp_path / f"out.{suffix}" for suffix in ("xlsx", "csv", "parquet")]
    found = document(folder, *asked, *(part for file in files for part in ("-o", file)))
    jsonschema.validate(found, json.loads(SCHEMA.read_text()))
    assert found["snapshots"]["before"] == earlier
    assert found["features"]["after_only"] == 2
    assert found["features"]["reclassified"] > 0
    assert abs(found["closure_m2"]) < 0.01
    assert any(row["class_before"] is None for row in found["rows"])
    book = openpyxl.load_workbook(files[0])
    matrix, listed = book.worksheets[:2]
    assert matrix.max_row - 5 == len({row["class_before"] for row in found["city"]})
    assert listed.max_row > len(found["rows"])
    assert pq.read_table(files[2]).num_rows == len(found["rows"])
    total = sum(row["area_m2"] for row in found["rows"]) / 10_000
    assert sum(pq.read_table(files[2])["area"].to_pylist()) == pytest.approx(total, abs=0.01)
    assert "2023" in run(folder, *asked, lang="zh").stdout
    assert "snapshot" in refused(folder, "change", "landuse", "--from", "nothing")
    assert "swap" in refused(folder, "change", "landuse", "--from", later)
    assert "no areas" in refused(folder, "change", "hamlet", "--from", "2020-01-01")


def test_who_may_not_see_a_layer_may_not_compare_it(two_dates):
    folder, earlier, later = two_dates
    workspace = Workspace.open(folder, principal=Principal("somebody", "public"))
    hidden = [d.id for d in workspace.library if d.access.public != "full"]
    assert "landuse" in hidden
    with pytest.raises(AccessError):
        workspace.change("landuse", before=earlier, after=later)


def test_balances_add_up(two_dates):
    folder, earlier, later = two_dates
    result = Workspace.open(folder).change("landuse", before=earlier, after=later)
    assert result.class_field == "dlyj"
    sums: Counter[str] = Counter()
    for entry in result.balance:
        sums[entry.unit_code] += entry.net_m2
    gained: Counter[str] = Counter()
    for row in [*result.rows, *result.whole]:
        gained[row.unit_code] += row.area_m2 * (
            (row.class_before is None) - (row.class_after is None)
        )
    assert sums == pytest.approx(gained, abs=1e-3)
