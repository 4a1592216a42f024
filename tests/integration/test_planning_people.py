"""Who answers for fields, forests and rivers; and boundaries under consideration."""

import json
from datetime import date
from itertools import count

import geopandas as gpd
import jsonschema
import openpyxl
import pytest
import shapely
from typer.testing import CliRunner

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.cli import planning, scenarios  # noqa: F401  they add their commands
from geoapp.cli.app import app
from geoapp.errors import AccessError, CatalogError, ChoiceError, FileError, NotFoundError
from geoapp.overlay.what_if_result import Existing
from geoapp.settings import Settings
from tests.building import CELL_M2, LIBRARY, cells_to_plane, frame_of, place, write_city
from tests.integration.test_cli import SCHEMAS, refused
from tests.oracles.grid import rectangle

HEADING = ("类别", "单位代码", "单位", "姓名", "职务", "电话", "片区")
GOOD = [
    ("田长", "439900", "", "甲", "市长", "", ""),
    ("田长", "439901", "", "乙", "区长", "0744-1234567", ""),
    ("林长", "", "东乡", "丙", "乡长", "13800000000", "一组"),
    ("田长", "439901002", "", "丁", "镇长", "", ""),
    ("field", "439902", "", "戊", "", "", ""),
]
NUMBER = count()


BOTH = pytest.mark.parametrize(
    "city", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def city(request, tmp_path):
    settings = Settings()
    if getattr(request, "param", "sqlite") == "postgres":
        settings = Settings(database_url=request.getfixturevalue("postgres_url"))
    toml = write_city(tmp_path / "city")
    (tmp_path / "city" / "units.csv").write_text(
        "code,name,level,parent\n439901,东区,district,439900\n439902,西区,district,439900\n"
        "439901001,东乡,township,439901\n439901002,南镇,township,439901\n"
        "439902001,南镇,township,439902\n",
        encoding="utf-8",
    )
    workspace = Workspace.init(toml, tmp_path / "ws", settings=settings)
    yield workspace
    workspace.close()


def sheet(folder, rows, heading=HEADING):
    book = openpyxl.Workbook()
    for row in [("责任人名单",), heading, *rows]:
        book.active.append(row)
    path = folder / f"people{next(NUMBER)}.xlsx"
    book.save(path)
    return path


def publish(workspace, layer, cells, as_of=date(2020, 12, 31), **columns):
    frame = frame_of(LIBRARY.require(layer), place([cells_to_plane(one) for one in cells]), columns)
    known = {"439901": "complete", "439902": "complete"}
    workspace.publish(layer, frame, Provenance(as_of, Source(file="test"), False, known))


def names(contacts):
    return [one.name for one in contacts]


def test_a_table_is_taken_and_a_unit_shows_who_is_above_and_below(city, tmp_path):
    reading, replaced = city.contacts.take(sheet(tmp_path, GOOD))
    assert (len(reading.contacts), replaced) == (5, 0)
    assert names(city.contacts.find(unit="439901002")) == ["甲", "乙", "丁"]
    assert names(city.contacts.find(unit="439901")) == ["甲", "乙", "丁", "丙"]
    assert names(city.contacts.find(theme="forest")) == ["丙"]
    assert names(city.contacts.answering(["439901", "439901002"])) == ["丁", "乙", "甲"]
    field, forest, river = city.contacts.coverage("district")
    assert (field.named, forest.named, river.missing) == (2, 0, ("439901", "439902"))


@BOTH
def test_a_new_table_replaces_its_units_and_leaves_the_others(city, tmp_path):
    city.contacts.take(sheet(tmp_path, GOOD))
    _, replaced = city.contacts.take(sheet(tmp_path, [("田长", "439901", "", "新", "", "", "")]))
    assert replaced == 1
    assert names(city.contacts.find(theme="field")) == ["甲", "新", "戊", "丁"]
    [event] = [one for one in city.audit.entries() if (one.detail or {}).get("replaced") == 1]
    assert event.role == city.principal.role  # who, and in what capacity
    assert "新" not in str(event.detail)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("狗长", "439901", "", "甲", "", "", ""), "contact-theme-unknown"),
        (("田长", "439909", "", "甲", "", "", ""), "contact-unit-unknown"),
        (("田长", "", "南镇", "甲", "", "", ""), "contact-unit-ambiguous"),
        (("田长", "439901", "", "", "", "", ""), "contact-name-missing"),
        (("田长", "439901", "", "甲", "", "没有", ""), "contact-phone-wrong"),
        (("田长", "439901", "", "甲" * 101, "", "", ""), "contact-text-too-long"),
        (GOOD[1], "contact-twice"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_changed(city, tmp_path, row, code):
    path = sheet(tmp_path, [*GOOD, row])
    [problem] = city.contacts.read(path).problems
    assert (problem.code, problem.facts["row"]) == (code, len(GOOD) + 3)
    with pytest.raises(CatalogError, match=code):
        city.contacts.take(path)
    assert city.contacts.find() == []


def test_a_table_without_its_heading_is_refused(city, tmp_path):
    with pytest.raises(FileError, match="contacts-heading-missing"):
        city.contacts.read(sheet(tmp_path, GOOD, heading=("a", "b", "c", "d", "e", "f", "g")))


def test_phones_are_never_for_the_public_and_a_township_sees_its_own_line(city, tmp_path):
    city.contacts.take(sheet(tmp_path, GOOD))
    public = city.acting_as(Principal("x", "public")).contacts
    for ask in (public.find, public.coverage, lambda: public.answering(["439901"])):
        with pytest.raises(AccessError):
            ask()
    township = city.acting_as(Principal("x", "township", "439901002"))
    assert names(township.contacts.find()) == ["甲", "乙", "丁"]
    with pytest.raises(AccessError):
        township.contacts.take(sheet(tmp_path, GOOD))
    assert names(city.acting_as(Principal("y", "township")).contacts.find()) == ["甲"]


@pytest.fixture
def lines(city):
    publish(
        city,
        "district",
        [rectangle(0, 0, 12, 20), rectangle(12, 0, 30, 20)],
        code=["439901", "439902"],
        name=["东区", "西区"],
    )
    publish(city, "urban_boundary", [rectangle(0, 0, 6, 6)], bsm=["A"])
    publish(city, "permanent_farmland", [rectangle(5, 0, 10, 10)], bsm=["F"], dlbm=["0101"])
    return city


def ground(cells):
    return place([cells_to_plane(cells)])[0]


def squares(area):
    return round(area / CELL_M2, 6)


@BOTH
def test_a_scenario_keeps_its_versions_and_shows_what_the_move_costs(lines):
    existing = Existing("urban_boundary", "A")
    first = lines.scenarios.save(" 东扩 ", ground(rectangle(0, 0, 8, 6)), replaces=existing)
    second = lines.scenarios.save("东扩", ground(rectangle(0, 0, 5, 6)), replaces=existing)
    assert [one.label for one in lines.scenarios.all()] == ["东扩 v2", "东扩 v1"]
    assert shapely.equals_exact(lines.scenarios.require("东扩", 1).geometry, first.geometry)
    wide, narrow = lines.scenarios.compare([first, second])

    def farmland(one):
        return next(a for a in one.result.layers if a.layer == "permanent_farmland")

    assert squares(farmland(wide).figures.area_m2) == 18
    assert squares(farmland(narrow).figures.area_m2) == 0
    assert [squares(row.area_m2) for row in farmland(wide).change.difference] == [12]
    assert (squares(wide.result.area_m2), squares(second.area_m2)) == (48, 30)
    assert lines.scenarios.remove("东扩") == 2
    with pytest.raises(NotFoundError):
        lines.scenarios.require("东扩")


def test_a_scenario_says_when_its_data_was_replaced(lines):
    made = lines.scenarios.save("甲", ground(rectangle(0, 0, 8, 6)))
    assert lines.scenarios.compare([made])[0].changed == ()
    later = {"as_of": date(2021, 12, 31), "bsm": ["F"], "dlbm": ["0101"]}
    publish(lines, "permanent_farmland", [rectangle(7, 0, 10, 10)], **later)
    [alternative] = lines.scenarios.compare([made])
    assert alternative.changed == ("permanent_farmland",)
    assert made.figures["area_m2"] == alternative.result.area_m2


def test_what_cannot_be_kept_is_refused(lines):
    shape = ground(rectangle(0, 0, 8, 6))
    for name, note, existing in (
        (" ", "", None),
        ("甲" * 101, "", None),
        ("甲", "注" * 2001, None),
        ("甲", "", Existing("urban_boundary", 0)),
    ):
        with pytest.raises(ChoiceError):
            lines.scenarios.save(name, shape, note=note, replaces=existing)
    for role in ("township", "public"):
        with pytest.raises(AccessError):
            lines.acting_as(Principal("x", role, "439901001")).scenarios.all()
    with pytest.raises(AccessError):
        lines.acting_as(Principal("x", "inspector")).scenarios.save("甲", shape)
    assert lines.scenarios.all() == []


def ask(folder, *arguments, status=0):
    """Run a command in this process; a process of its own costs seconds."""
    options = ["--workspace", str(folder), "--json"]
    done = CliRunner().invoke(app, [*options, *map(str, arguments)])
    assert done.exit_code == status, done.output
    found = json.loads(done.stdout)
    name = found["schema"].removeprefix("geoapp.").replace("/", "-")
    jsonschema.validate(found, json.loads((SCHEMAS / f"{name}.json").read_text()))
    return found


def test_the_commands_answer_with_documents(city, tmp_path):
    publish(
        city,
        "district",
        [rectangle(0, 0, 12, 20), rectangle(12, 0, 30, 20)],
        code=["439901", "439902"],
        name=["东区", "西区"],
    )
    cells = [rectangle(0, 0, 4, 4), rectangle(4, 0, 8, 4)]
    publish(city, "landuse", cells, dlbm=["0101", "0301"], tbbh=["1", "2"])
    publish(city, "landuse", cells, date(2021, 12, 31), dlbm=["0702", "0103"], tbbh=["1", "2"])
    folder, people = tmp_path / "ws", sheet(tmp_path, GOOD)
    wrong = sheet(tmp_path, [*GOOD, ("狗长", "439909", "", "", "", "", "")])
    shape = tmp_path / "b.gpkg"
    boundary = gpd.GeoSeries([ground(rectangle(0, 0, 8, 6))], crs="EPSG:4490")
    boundary.to_file(shape, driver="GPKG")
    ledger = ask(folder, "ledger", "--from", "2020-12-31")
    assert {patch["direction"] for patch in ledger["patches"]} == {"in", "out"}
    assert ask(folder, "contacts", "import", "--dry-run", people)["count"] == 5
    listed = ask(folder, "contacts", "import", "--dry-run", wrong, status=2)["problems"]
    assert [problem["code"] for problem in listed] == [
        "contact-theme-unknown", "contact-unit-unknown", "contact-name-missing",
    ]  # fmt: skip
    refused(folder, "contacts", "import", wrong)
    assert ask(folder, "contacts", "import", people)["replaced"] == 0
    assert len(ask(folder, "contacts", "list", "--unit", "439901002")["contacts"]) == 3
    assert ask(folder, "scenario", "save", "甲", shape)["version"] == 1
    assert len(ask(folder, "scenario", "list")["scenarios"]) == 1
    compared = ask(folder, "scenario", "compare", "甲@1", "-o", tmp_path / "s.xlsx")
    assert compared["scenarios"][0]["changed_since"] == []
    assert ask(folder, "scenario", "remove", "甲")["versions"] == 1
