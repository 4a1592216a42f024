"""Accounts and sessions on both databases: who comes in, for how long, and who has to wait."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from geoapp.access.accounts import Accounts, sample_password
from geoapp.access.passwords import Hasher, require_password
from geoapp.access.policy import Principal
from geoapp.access.signin import Desk
from geoapp.access.storage_accounts import SESSION, AccountStore
from geoapp.database.engine import open_engine
from geoapp.database.migration import upgrade
from geoapp.errors import AccessError, ChoiceError, ConflictError, GeoAppError

PASSWORD = "three goats on a slope"
WRONG = "not this one"
OTHER = "seven lamps over water"
HOME, AWAY = "10.0.0.1", "10.0.0.2"
UNITS = {"439901001": "东一镇"}
QUICK = Hasher(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path) -> Iterator[sa.Engine]:
    kind = request.param
    url = f"sqlite:///{tmp_path / 'register.db'}" if kind == "sqlite" else None
    engine = open_engine(url or request.getfixturevalue("postgres_url"))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def accounts(engine: sa.Engine, clock: Clock) -> Accounts:
    made = Accounts(
        Desk(
            store=AccountStore(engine),
            hasher=QUICK,
            principal=Principal("local:chief", "administrator"),
            idle=timedelta(minutes=30),
            absolute=timedelta(hours=12),
            sample=False,
            units=lambda: UNITS,
            record=lambda *_: None,
            now=clock,
        )
    )
    made.create("chief", "administrator", password=OTHER)
    made.create("li.wei", "planner", password=PASSWORD)
    return made


def enter(accounts: Accounts, password: str = PASSWORD, address: str = HOME, name: str = "li.wei"):
    return accounts.sign_in(name, password, address=address)


def refusal(accounts: Accounts, **given: str) -> GeoAppError:
    with pytest.raises(AccessError) as caught:
        enter(accounts, **given)
    return caught.value


def test_what_the_table_holds_of_a_session_opens_nothing(accounts, engine):
    token = enter(accounts).token
    with engine.connect() as connection:
        held = [str(value) for row in connection.execute(sa.select(SESSION)) for value in row]
    assert not any(token in value for value in held)
    stored = accounts.find_session(token).token_hash
    assert stored in held
    assert accounts.find_session(stored) is None


def test_a_session_ends_when_it_is_not_used_and_after_a_day_at_work_anyway(accounts, clock):
    token = enter(accounts).token
    clock.pass_by(minutes=29, seconds=59)
    assert accounts.find_session(token) is not None
    clock.pass_by(minutes=30)
    assert accounts.find_session(token) is None
    token, hours = enter(accounts).token, 0
    while accounts.find_session(token):
        clock.pass_by(minutes=20)
        hours += 1 / 3
    assert hours == pytest.approx(12)


def test_a_person_chooses_an_own_password_before_anything_else(accounts):
    first = enter(accounts)
    assert first.must_change
    assert first.principal.role == "public"
    elsewhere = enter(accounts, address=AWAY)
    second = accounts.change_password(first.token, PASSWORD, OTHER)
    assert (second.must_change, second.principal.role) == (False, "planner")
    assert accounts.find_session(first.token) is None
    assert accounts.find_session(elsewhere.token) is None
    assert refusal(accounts).code == "signin-wrong"


@pytest.mark.parametrize(
    "end",
    [
        lambda face: face.disable("li.wei"),
        lambda face: face.change_role("li.wei", "inspector"),
        lambda face: face.reset_password("li.wei"),
        lambda face: face.sign_out_everywhere("li.wei"),
    ],
    ids=["disabled", "role", "reset", "everywhere"],
)
def test_what_an_administrator_changes_ends_every_session_at_once(accounts, end):
    tokens = [enter(accounts, address=place).token for place in (HOME, AWAY)]
    end(accounts)
    assert [accounts.find_session(token) for token in tokens] == [None, None]
    assert accounts.sessions("li.wei") == ()


def test_waiting_doubles_to_a_quarter_of_an_hour_and_no_further(accounts, clock):
    for _ in range(5):
        assert refusal(accounts, password=WRONG).code == "signin-wrong"
    waits = []
    for _ in range(10):
        error = refusal(accounts)  # the right password does not help
        assert error.code == "signin-wait"
        waits.append(error.facts["seconds"])
        clock.pass_by(seconds=waits[-1])
        assert refusal(accounts, password=WRONG).code == "signin-wrong"
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    clock.pass_by(seconds=900)
    assert enter(accounts).account.name == "li.wei"
    assert refusal(accounts, password=WRONG).code == "signin-wrong"  # counted from none again


def test_nobody_is_locked_out_of_an_account_by_failures_from_elsewhere(accounts):
    enter(accounts)
    for number in range(25):
        refusal(accounts, password=WRONG, address=f"10.9.0.{number}")
    assert refusal(accounts, address="10.9.1.1").code == "signin-wait"
    assert enter(accounts).account.name == "li.wei"


def test_one_address_that_tries_many_names_has_to_wait_and_others_do_not(accounts):
    for number in range(30):
        assert refusal(accounts, name=f"name{number}", password=WRONG).code == "signin-wrong"
    assert refusal(accounts, name="another").code == "signin-wait"
    assert enter(accounts, address=AWAY).account.name == "li.wei"


def test_a_name_is_the_same_in_any_case_and_width(accounts):
    assert enter(accounts, name=" ＬＩ.Wei ").account.name == "li.wei"
    with pytest.raises(ConflictError):
        accounts.create("LI.WEI", "planner")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("nine char", "password-too-short"),
        ("x1" * 65, "password-too-long"),
        ("ask LI.wei for it", "password-has-name"),
        ("ｌｉ．ｗｅｉ at home", "password-has-name"),
        ("Password123", "password-common"),
        ("p@ssw0rd2026", "password-common"),
        ("qwertyuiop1", "password-common"),
        ("aaaaaaaabbbb", "password-common"),
    ],
)
def test_easy_passwords_are_refused(password, code):
    with pytest.raises(ChoiceError) as caught:
        require_password(password, "li.wei")
    assert caught.value.code == code


def test_passwords_in_any_script_are_taken():
    require_password("山上三只羊在吃草呢没人管", "li.wei")
    require_password(PASSWORD, "li.wei")


def test_the_last_administrator_stays(accounts):
    for act in (
        lambda: accounts.disable("chief"),
        lambda: accounts.change_role("chief", "planner"),
    ):
        with pytest.raises(ConflictError) as caught:
            act()
        assert caught.value.code == "account-last-administrator"
    accounts.create("second", "administrator")
    assert accounts.disable("chief").disabled


def test_a_township_has_a_unit_of_the_city_and_nobody_else_has(accounts):
    assert accounts.create("town", "township", unit="439901001").account.unit == "439901001"
    for role, unit in (("township", ""), ("planner", "439901001"), ("township", "439901999")):
        with pytest.raises(GeoAppError):
            accounts.create("other", role, unit=unit)
    assert accounts.find("other") is None


def test_sample_accounts_work_in_the_sample_city_only(accounts, engine):
    fresh = replace(accounts.desk, sample=True)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM account"))
    Accounts(fresh).make_sample_accounts("439901001")
    given = {"name": "sample-planner", "password": sample_password("planner")}
    token = enter(Accounts(fresh), **given).token
    assert Accounts(fresh).find_session(token) is not None
    assert refusal(accounts, **given).code == "signin-sample"
    assert accounts.find_session(token) is None
    assert accounts.sample_accounts() == ()


def test_nobody_but_an_administrator_administers(accounts):
    face = Accounts(replace(accounts.desk, principal=Principal("li.wei", "planner")))
    for act in (
        face.list,
        lambda: face.find("chief"),
        lambda: face.create("x1", "planner"),
        lambda: face.change_role("li.wei", "administrator"),
        lambda: face.disable("chief"),
        lambda: face.enable("chief"),
        lambda: face.reset_password("chief"),
        lambda: face.link("li.wei", "a", "b"),
        lambda: face.sessions("chief"),
        lambda: face.sign_out_everywhere("chief"),
        lambda: face.make_sample_accounts("439901001"),
    ):
        with pytest.raises(AccessError) as caught:
            act()
        assert caught.value.code == "access-refused"
    assert face.sessions("li.wei") == ()
    assert face.sign_out_everywhere("li.wei") == 0


def test_a_clock_that_jumps_back_lets_nobody_stay_or_in(accounts: Accounts, clock: Clock):
    token = enter(accounts).token
    for _ in range(9):
        with pytest.raises(AccessError):
            enter(accounts, WRONG, AWAY)
    clock.pass_by(minutes=-4)  # clocks are set right by as much
    assert accounts.find_session(token) is not None
    with pytest.raises(AccessError, match="signin-wait"):
        enter(accounts, WRONG, AWAY)
    clock.pass_by(days=-30)
    assert accounts.find_session(token) is None
