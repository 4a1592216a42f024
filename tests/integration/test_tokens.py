"""Tokens for other software on both databases: what they open, for how long, and who has to wait."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from geoapp.access.accounts import Accounts
from geoapp.access.passwords import Hasher
from geoapp.access.policy import Principal
from geoapp.access.signin import Desk
from geoapp.access.storage_accounts import AccountStore
from geoapp.access.storage_tokens import TOKEN, TokenStore
from geoapp.access.throttle import FREE_ADDRESS, FREE_PAIR
from geoapp.access.token import PREFIX
from geoapp.access.tokens import MOST_OPEN, Tokens
from geoapp.database.engine import open_engine
from geoapp.database.migration import upgrade
from geoapp.errors import AccessError, ChoiceError, ConflictError, GeoAppError, NotFoundError

PASSWORD, OTHER = "three goats on a slope", "seven lamps over water"
HOME, AWAY = "10.0.0.1", "10.0.0.2"
QUICK = Hasher(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
ADMINISTRATOR = Principal("chief", "administrator")
PLANNER = Principal("li.wei", "planner")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class City:
    """Accounts and tokens of a register, and what was written of them."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine, self.clock = engine, Clock()
        self.trail: list[tuple[str, str, str, dict[str, object]]] = []
        self.desk = Desk(
            store=AccountStore(engine),
            hasher=QUICK,
            principal=ADMINISTRATOR,
            idle=timedelta(minutes=30),
            absolute=timedelta(hours=12),
            sample=False,
            units=lambda: {"439901001": "东一镇", "439901002": "东二镇"},
            record=lambda *entry: self.trail.append(entry),
            now=self.clock,
        )
        self.accounts = Accounts(self.desk)
        self.accounts.create("li.wei", "planner", password=PASSWORD)
        self.own("li.wei")

    def own(self, name: str) -> None:
        """Let the person choose the password that was set for them."""
        entered = self.accounts.sign_in(name, PASSWORD, address=HOME)
        self.accounts.change_password(entered.token, PASSWORD, OTHER)

    def as_(self, principal: Principal) -> Tokens:
        return Tokens(replace(self.desk, principal=principal), TokenStore(self.engine))

    def make(self, label: str = "QGIS", days: int = 30) -> str:
        return self.as_(PLANNER).make("li.wei", label, days=days).secret

    def use(self, secret: str, name: str | None = None, address: str = HOME) -> str:
        """Give whom a token stands for, or why it opens nothing."""
        try:
            used = self.as_(Principal("-", "public")).use(secret, name=name, address=address)
        except AccessError as error:
            return error.code
        return f"{used.principal.name} {used.principal.role}"

    def written(self, action: str) -> list[dict[str, object]]:
        return [facts for _, done, _, facts in self.trail if done == action]


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path) -> Iterator[City]:
    url = f"sqlite:///{tmp_path / 'register.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    engine = open_engine(url)
    upgrade(engine)
    yield City(engine)
    engine.dispose()


def test_a_token_stands_for_its_account_by_itself_and_with_the_name(city):
    secret = city.make()
    assert secret.startswith(PREFIX)
    assert len(secret) > 40
    assert city.use(secret) == "li.wei planner"
    assert city.use(secret, "ＬＩ.wei") == "li.wei planner"
    assert city.use(secret, "chief") == "token-wrong"
    assert city.use(OTHER, "li.wei") == "token-wrong"  # the password


def test_the_register_keeps_no_token_and_the_trail_neither(city):
    secret = city.make()
    city.use(secret)
    with city.engine.connect() as connection:
        rows = connection.execute(sa.select(TOKEN)).all()
    assert secret not in str(rows)
    assert secret.removeprefix(PREFIX) not in str(city.trail)
    assert city.written("token_made")[0]["label"] == "QGIS"


def test_a_token_ends_on_its_day(city):
    secret = city.make(days=1)
    city.clock.pass_by(hours=23, minutes=59)
    assert city.use(secret) == "li.wei planner"
    city.clock.pass_by(minutes=1)
    assert city.use(secret) == "token-expired"


def test_a_revoked_token_opens_nothing_from_the_next_request_on(city):
    secret = city.make()
    assert city.use(secret) == "li.wei planner"
    tokens = city.as_(PLANNER)
    assert tokens.revoke(tokens.list("li.wei")[0].id).revoked_at == city.clock.now
    assert city.use(secret) == "token-revoked"
    assert [facts["reason"] for facts in city.written("token_refused")] == ["token-revoked"]
    assert len(city.written("token_revoked")) == 1


CHANGES = {
    "role": lambda a: a.change_role("li.wei", "inspector"),
    "unit": lambda a: a.change_role("li.wei", "township", unit="439901001"),
    "link": lambda a: a.link("li.wei", "https://id.example", "7"),
    "reset": lambda a: a.reset_password("li.wei"),
    "disabled": lambda a: a.disable("li.wei"),
    "enabled again": lambda a: (a.disable("li.wei"), a.enable("li.wei")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_token_ends_for_good_with_what_changes_its_account(city, change):
    secret = city.make()
    change(city.accounts)
    assert city.use(secret) == "token-ended"


def test_a_token_ends_with_the_password_that_its_owner_changes(city):
    secret = city.make()
    entered = city.accounts.sign_in("li.wei", OTHER, address=HOME)
    city.accounts.change_password(entered.token, OTHER, "nine boats under reeds")
    assert city.use(secret) == "token-ended"


def test_signing_out_everywhere_leaves_programs_at_work(city):
    secret = city.make()
    city.accounts.sign_out_everywhere("li.wei")
    assert city.use(secret) == "li.wei planner"


def test_guessing_waits_longer_each_time_and_a_lucky_guess_is_not_told(city):
    secret = city.make()
    for number in range(FREE_ADDRESS):
        assert city.use(f"{PREFIX}guess-{number}", address=AWAY) == "token-wrong"
    assert city.use(f"{PREFIX}guess", address=AWAY) == "token-wait"
    assert city.use(secret, address=AWAY) == "token-wait"
    assert city.use(secret, address=HOME) == "li.wei planner"
    assert len(city.written("token_refused")) == FREE_ADDRESS
    city.clock.pass_by(seconds=6)
    assert city.use(secret, address=AWAY) == "li.wei planner"


def test_a_program_known_at_an_address_is_not_held_up_by_guesses_from_there(city):
    secret = city.make()
    assert city.use(secret) == "li.wei planner"
    for number in range(FREE_ADDRESS + 1):
        city.use(f"{PREFIX}guess-{number}")
    assert city.use(f"{PREFIX}guess") == "token-wait"
    assert city.use(secret) == "li.wei planner"


def test_a_forgotten_program_holds_up_itself_alone_and_does_not_fill_the_trail(city):
    old, new = city.make("old", days=1), city.make("new", days=30)
    city.clock.pass_by(days=2)
    answers = [city.use(old) for _ in range(FREE_ADDRESS)]
    assert answers[:FREE_PAIR] == ["token-expired"] * FREE_PAIR
    assert set(answers[FREE_PAIR:]) == {"token-wait"}
    assert len(city.written("token_refused")) == FREE_PAIR
    assert city.use(new) == "li.wei planner"


def test_last_use_is_kept_to_the_minute_with_the_address(city):
    secret = city.make()
    start = city.clock.now
    city.use(secret)
    city.clock.pass_by(seconds=40)
    city.use(secret)
    token = city.as_(PLANNER).list("li.wei")[0]
    assert (token.used_at, token.used_from) == (start, HOME)
    city.use(secret, address=AWAY)
    token = city.as_(PLANNER).list("li.wei")[0]
    assert (token.used_at, token.used_from) == (city.clock.now, AWAY)


def test_everybody_rules_over_own_tokens_and_the_administrator_over_all(city):
    city.make()
    city.accounts.create("wang", "inspector", password=PASSWORD)
    city.own("wang")
    wang, public = Principal("wang", "inspector"), Principal("public", "public")
    number = city.as_(PLANNER).list("li.wei")[0].id
    refused = (
        lambda: city.as_(wang).list("li.wei"),
        lambda: city.as_(wang).list_all(),
        lambda: city.as_(wang).make("li.wei", "mine"),
        lambda: city.as_(wang).revoke(number),
        lambda: city.as_(public).make("public", "mine"),
        lambda: city.as_(public).revoke(number),
    )
    for act in refused:
        with pytest.raises((AccessError, NotFoundError)):
            act()
    assert [one.account for one in city.as_(ADMINISTRATOR).list_all()] == ["li.wei"]
    assert city.as_(ADMINISTRATOR).revoke(number).state(city.clock.now) == "revoked"


@pytest.mark.parametrize(
    ("label", "days", "code"),
    [
        ("  ", 30, "token-label-wrong"),
        ("x" * 65, 30, "token-label-wrong"),
        ("two\nlines", 30, "token-label-wrong"),
        ("QGIS", 0, "token-days-wrong"),
        ("QGIS", 366, "token-days-wrong"),
    ],
)
def test_label_and_days_have_bounds(city, label, days, code):
    with pytest.raises(ChoiceError) as caught:
        city.as_(PLANNER).make("li.wei", label, days=days)
    assert caught.value.code == code


def test_open_tokens_have_labels_of_their_own_and_are_not_without_number(city):
    city.make("QGIS")
    with pytest.raises(ConflictError, match="token-label-taken"):
        city.make("QGIS")
    for number in range(MOST_OPEN - 1):
        city.make(f"number {number}")
    with pytest.raises(ConflictError, match="token-too-many"):
        city.make("one more")
    city.clock.pass_by(days=31)
    assert city.make("QGIS")


def test_an_account_that_cannot_be_used_gets_no_token(city):
    city.accounts.create("new", "planner", password=PASSWORD)  # not yet its own
    with pytest.raises(GeoAppError, match="token-account"):
        city.as_(ADMINISTRATOR).make("new", "QGIS")
