"""Who answers for each patch of the ledger, on screen and in the workbook."""

from datetime import UTC, datetime

import openpyxl
import pytest

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.errors import AccessError
from geoapp.i18n import text
from geoapp.reports.content import Wording
from geoapp.reports.farmland_content import farmland_patch_table
from geoapp.values import AreaUnit
from tests.building import write_city
from tests.integration.test_planning import EARLIER, EAST, LATER, WEST, publish
from tests.oracles.grid import rectangle

VILLAGE, TOWNSHIP, DISTRICT = "439901001001", "439901001", "439901"


@pytest.fixture
def city(tmp_path):
    workspace = Workspace.init(write_city(tmp_path / "city"), tmp_path / "ws")
    publish(workspace, "district", [EAST, WEST], code=["439901", "439902"], name=["东区", "西区"])
    publish(workspace, "township", [EAST], code=[TOWNSHIP], name=["东一镇"])
    publish(workspace, "village", [rectangle(0, 0, 6, 20)], code=[VILLAGE], name=["东一村"])
    places = [rectangle(0, 0, 6, 20), rectangle(6, 0, 12, 20), WEST]
    for day, classes in ((EARLIER, ["0301"] * 3), (LATER, ["0101"] * 3)):
        publish(workspace, "landuse", places, day, tbbh=["a", "b", "c"], dlbm=classes)
    yield workspace
    workspace.close()


def enter(city, tmp_path, rows):
    table = tmp_path / "people.csv"
    table.write_text("theme,unit_code,name,phone,section\n" + "\n".join(rows), encoding="utf-8")
    city.contacts.take(table)


def wording(city):
    lang = "zh"
    return Wording(
        lang,
        AreaUnit.M2,
        lambda code, name: city.name_unit(code, lang, fallback=name),
        lambda layer: city.library.require(layer).title[lang],
        datetime.now(UTC),
    )


def told(city, result):
    answers = city.ledger_answers(result)
    return dict(zip(result.patches["feature_after"], answers, strict=True))


def test_a_patch_falls_back_to_the_next_unit_that_has_a_field_chief(city, tmp_path):
    enter(city, tmp_path, [f"field,{VILLAGE},甲,13800000000,", f"field,{DISTRICT},乙,,",
                           f"forest,{TOWNSHIP},丙,,"])  # fmt: skip
    found = told(city, city.farmland_ledger(EARLIER, LATER))  # by district: patches by village
    assert (found["a"].people[0].name, found["a"].level) == ("甲", "village")
    assert (found["b"].people[0].name, found["b"].level) == ("乙", "district")
    assert not found["c"].people  # nobody was entered in the west


def test_the_workbook_has_the_column_of_the_screen(city, tmp_path):
    enter(city, tmp_path, [f"field,{VILLAGE},甲,13800000000,"])
    result = city.farmland_ledger(EARLIER, LATER)
    words = wording(city)
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(city.write_ledger(result, "xlsx", words))
    sheet = openpyxl.load_workbook(path)[text("zh", "farmland.patches")]
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert text("zh", "answers.column") in cells
    assert "甲 13800000000（村级：东一村）" in cells
    assert cells.count(text("zh", "answers.none")) == 2


def test_many_who_answer_are_counted_and_none_is_left_out_in_silence(city, tmp_path):
    enter(city, tmp_path, [f"field,{VILLAGE},{name},,{name}组" for name in "甲乙丙丁戊"])
    result = city.farmland_ledger(EARLIER, LATER)
    definition = city.library.require("landuse")
    answers = city.ledger_answers(result)
    table = farmland_patch_table(result, definition, wording(city), city.farmland, answers)
    said = next(row[-1] for row in table.rows if "甲" in str(row[-1]) or "丁" in str(row[-1]))
    assert "5 人" in said


def test_whoever_may_not_see_people_gets_no_column(city):
    result = city.farmland_ledger(EARLIER, LATER)
    public = city.acting_as(Principal("somebody", "public"))
    assert public.find_ledger_answers(result) is None
    with pytest.raises(AccessError):
        public.ledger_answers(result)
    table = farmland_patch_table(
        result, city.library.require("landuse"), wording(city), city.farmland, None
    )
    assert "answers" not in [column.key for column in table.columns]


def test_people_are_read_once_for_a_whole_list(city, tmp_path, monkeypatch):
    enter(city, tmp_path, [f"field,{VILLAGE},甲,,"])
    table, reads = city.contacts.table, []
    read = type(table).read
    monkeypatch.setattr(type(table), "read", lambda self: reads.append(1) or read(self))
    city.ledger_answers(city.farmland_ledger(EARLIER, LATER))
    assert len(reads) == 1
