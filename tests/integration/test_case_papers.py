"""Documents of cases: numbered, true to the case, and never without their move."""

import io
from datetime import date

import docx
import pytest

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.cases.guard import MoveRequest
from geoapp.errors import ConflictError, FileError
from geoapp.reports.case_paper import paper_kinds
from geoapp.reports.case_template import TEMPLATES, build_paper_template, template_name
from tests.building import write_city
from tests.registering import EAST, REASON, new, publish

DAY = date(2026, 3, 3)


@pytest.fixture
def city(tmp_path):
    with_city = Workspace.init(write_city(tmp_path / "city"), tmp_path / "ws")
    publish(with_city, "district", [EAST], code=["439901"], name=["东区"])
    yield with_city
    with_city.close()


def words_of(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def request(move: str = "order_stop") -> MoveRequest:
    return MoveRequest(move, DAY, REASON)


def test_a_move_writes_numbers_and_keeps_its_document(city):
    case = city.cases.register.open(new())
    case = city.move_case(case.id, case.version, request(), write=True)
    case = city.move_case(case.id, case.version, request(), write=True)
    first, second = city.cases.mover.documents(case.id)
    assert [first.number, second.number] == ["东区责停〔2026〕1号", "东区责停〔2026〕2号"]
    words = words_of(city.cases.mover.read_document(first))
    for expected in (
        "责令停止违法行为通知书",
        first.number,
        "东区未批先建",
        "建筑面积600.00平方米",
        f"占地面积{case.registered.land_area_m2:.2f}平方米",
        "《中华人民共和国城乡规划法》第六十四条",
        REASON,
        "2026年3月3日",
    ):
        assert expected in words
    assert "{{" not in words
    assert "________________（印章）" in words  # no authority is guessed from the place


def test_the_office_of_the_case_signs(city):
    case = city.cases.register.open(new(office="东区自然资源局"))
    case = city.move_case(case.id, case.version, request(), write=True)
    [paper] = city.cases.mover.documents(case.id)
    assert "东区自然资源局（印章）" in words_of(city.cases.mover.read_document(paper))


def test_a_form_lists_what_is_known_and_leaves_the_rest_to_be_written(city):
    case = city.cases.register.open(new(households=None, household_keys=()))
    case = city.move_case(case.id, case.version, request("verify"), write=True)
    [paper] = city.cases.mover.documents(case.id)
    words = words_of(city.cases.mover.read_document(paper))
    assert case.stage == "verified"
    assert "现场核查（勘测）表" in words
    assert case.case_no in words
    assert "未核定" in words


def test_a_template_that_cannot_be_filled_moves_nothing(city):
    case = city.cases.register.open(new())
    own = city.folder / "templates"
    own.mkdir()
    (own / template_name("stop_order")).write_bytes(b"no word file")
    with pytest.raises(FileError) as caught:
        city.move_case(case.id, case.version, request(), write=True)
    assert caught.value.code == "template-wrong"
    assert city.cases.register.show(case.id).version == case.version
    assert city.cases.mover.documents(case.id) == []


def test_the_second_of_two_editors_is_told_and_no_number_is_used_up(city):
    case = city.cases.register.open(new())
    city.move_case(case.id, case.version, request(), write=True)
    with pytest.raises(ConflictError) as caught:
        city.move_case(case.id, case.version, request(), write=True)
    assert caught.value.code == "case-changed"
    assert len(city.cases.mover.documents(case.id)) == 1


@pytest.mark.parametrize("kind", paper_kinds())
def test_the_template_that_ships_is_the_one_the_script_builds(kind):
    shipped = (TEMPLATES / template_name(kind)).read_bytes()
    assert words_of(shipped) == words_of(build_paper_template(kind))


def test_somebody_who_may_not_move_cases_writes_no_document(city):
    case = city.cases.register.open(new())
    other = Workspace.open(city.folder, principal=Principal("somebody", "public"))
    with pytest.raises(Exception, match="access-refused"):
        other.move_case(case.id, case.version, request(), write=True)
    other.close()
