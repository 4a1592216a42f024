"""Tips of the public, on both databases."""

import hashlib
from dataclasses import replace

import pytest

from geoapp.cases.tip import MOST_AN_HOUR, NewTip
from geoapp.cases.tip_desk import TipDesk
from geoapp.errors import AccessError, ConflictError, InputError, NotFoundError
from geoapp.keeping.storage_facts import read_attached
from tests.photos import photo
from tests.registering import *  # noqa: F403
from tests.registering import HOUSE, move

TIP = NewTip(111.1001, 29.4001, "田里正在建房")


@pytest.fixture
def tips(acting):
    def act(role: str, *, unit: str = "") -> TipDesk:
        desk = acting(role, unit=unit)
        return TipDesk(desk.office, desk.register)

    return act


def test_anybody_may_send_a_tip_and_learns_its_state_alone(tips):
    public = tips("public")
    receipt = public.send(TIP, "10.0.0.1")
    assert public.follow(receipt.lower().replace("-", " ")) == "received"
    with pytest.raises(NotFoundError):
        public.follow("ABCD-EFGH-JKMN")
    for ask in (public.select, lambda: public.show(1), lambda: public.photo(1)):
        with pytest.raises(AccessError):
            ask()


def test_a_tip_becomes_a_case_whose_source_is_the_tip(tips, acting):
    public, inspector = tips("public"), tips("inspector")
    receipt = public.send(TIP, "10.0.0.1")
    [tip] = inspector.select()
    case = inspector.accept(tip.id, HOUSE)
    assert (case.source, case.stage) == ("tip", "lead")
    assert receipt in case.note
    assert public.follow(receipt) == "checking"
    assert inspector.select() == []
    with pytest.raises(ConflictError):
        inspector.reject(tip.id, "重复")
    desk = acting("administrator")
    move(desk, case, "verify", case.found_on)
    assert public.follow(receipt) == "checking"


def test_a_tip_is_closed_when_it_is_set_aside_with_a_reason(tips):
    public, inspector = tips("public"), tips("inspector")
    receipt = public.send(TIP, "10.0.0.1")
    [tip] = inspector.select()
    with pytest.raises(InputError) as caught:
        inspector.reject(tip.id, "  ")
    assert caught.value.code == "tip-reason-missing"
    inspector.reject(tip.id, "经核实为合法建房")
    assert public.follow(receipt) == "closed"


def test_an_official_of_a_unit_sees_the_tips_in_it_alone(tips):
    tips("public").send(TIP, "10.0.0.1")
    assert len(tips("township", unit="439901").select()) == 1
    other = tips("township", unit="439902")
    assert other.select() == []
    with pytest.raises(NotFoundError):
        other.show(1)


def test_one_sender_and_one_machine_are_held_back(tips):
    public = tips("public")
    for _ in range(MOST_AN_HOUR):
        public.send(TIP, "10.0.0.1")
    with pytest.raises(ConflictError) as caught:
        public.send(TIP, "10.0.0.1")
    assert caught.value.code == "tip-too-many"
    public.send(TIP, "10.0.0.2")
    with pytest.raises(InputError) as refused:
        public.send(replace(TIP, trap="http://spam"), "10.0.0.3")
    assert refused.value.code == "tip-refused"


def test_the_address_of_a_sender_is_kept_nowhere(tips, workspace):
    tips("public").send(TIP, "203.0.113.77")
    database = workspace.folder / "register.db"
    if database.is_file():
        assert b"203.0.113.77" not in database.read_bytes()


def test_a_photo_keeps_its_place_for_the_office_and_is_shown_without(tips):
    content = photo(at=(111.1001, 29.4001))
    tips("public").send(replace(TIP, photo=content, photo_name="a.jpg"), "10.0.0.1")
    inspector = tips("inspector")
    assert inspector.photo(1) == content
    shown = inspector.picture(1)
    assert b"Exif" in content
    assert b"Exif" not in shown


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"longitude": 90.0}, "tip-outside-city"),
        ({"longitude": float("nan")}, "tip-outside-city"),
        ({"text": " 房 "}, "tip-text-short"),
        ({"text": "房" * 1001}, "tip-text-long"),
        ({"text": "房子在建\x00了吗"}, "tip-text-unprintable"),
        ({"photo": b"<svg onload=alert(1)>"}, "file-not-what-it-says"),
    ],
)
def test_what_cannot_be_taken_changes_nothing(tips, change, code):
    public = tips("public")
    with pytest.raises(InputError) as caught:
        public.send(replace(TIP, **change), "10.0.0.1")
    assert caught.value.code == code
    assert tips("inspector").select() == []


def test_a_tip_whose_case_left_the_track_is_closed(tips, acting):
    public, inspector = tips("public"), tips("inspector")
    receipt = public.send(TIP, "10.0.0.1")
    case = inspector.accept(1, HOUSE)
    desk = acting("administrator")
    exits = [one.move.id for one in desk.mover.offered(case.id) if one.move.to == "false_alarm"]
    move(desk, case, exits[0], case.found_on)
    assert public.follow(receipt) == "closed"


def test_the_photo_of_a_tip_is_known_to_whoever_keeps_the_register(tips, workspace):
    content = photo(at=(111.1001, 29.4001))
    tips("public").send(replace(TIP, photo=content, photo_name="a.jpg"), "10.0.0.1")
    digest = hashlib.sha256(content).hexdigest()
    assert read_attached(workspace._engine)[digest] == "tip/1"
