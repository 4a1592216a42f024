"""How much one may ask for: others keep their turn, and memory keeps its bounds."""

import asyncio

import pytest

from geoapp.web.guard.limits import LIMITS, Limit, Turnstile, kind_of
from tests.web.guard.knocking import Door


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def turnstile(clock):
    few = {kind: Limit(burst=3, rate=2, at_once=2, of_all=3) for kind in LIMITS}
    return Turnstile(clock=clock, limits=few)


def test_after_a_burst_one_goes_on_at_the_rate(turnstile, clock):
    assert [turnstile.find_excess("tiles", "a") for _ in range(3)] == [None] * 3
    excess = turnstile.find_excess("tiles", "a")
    assert (excess.code, excess.seconds) == ("too-many", 1)
    clock.now = 0.5
    assert turnstile.find_excess("tiles", "a") is None
    assert turnstile.find_excess("tiles", "a") is not None


def test_one_that_asks_too_much_takes_nothing_from_others_or_of_another_kind(turnstile):
    for _ in range(9):
        turnstile.find_excess("tiles", "a")
    assert turnstile.find_excess("tiles", "b") is None
    assert turnstile.find_excess("work", "a") is None


def test_a_clock_that_goes_back_gives_nothing(turnstile, clock):
    clock.now = 100.0
    for _ in range(3):
        turnstile.find_excess("tiles", "a")
    clock.now = 0.0
    assert turnstile.find_excess("tiles", "a") is not None


def test_so_many_at_once_of_one_and_of_all(turnstile):
    with turnstile.passing("work", "a"), turnstile.passing("work", "a"):
        assert turnstile.find_excess("work", "a").code == "too-many"
        assert turnstile.find_excess("work", "b") is None
        with turnstile.passing("work", "b"):
            assert turnstile.find_excess("work", "c").code == "busy"
    assert turnstile.find_excess("work", "a") is None


def test_what_ended_badly_counts_no_longer(turnstile):
    for _ in range(5):
        with pytest.raises(OSError, match="gone"), turnstile.passing("work", "a"):
            raise OSError("gone")
    assert turnstile.find_excess("work", "a") is None


def test_very_many_addresses_take_bounded_memory(turnstile):
    for number in range(30_000):
        turnstile.find_excess("page", f"address {number}")
    assert len(turnstile._buckets) <= 20_000


@pytest.mark.parametrize(
    ("path", "changes", "kind"),
    [
        ("/tiles/landuse/9/1/2.mvt", False, "tiles"),
        ("/map/features/district.geojson", False, "tiles"),
        ("/map/sheet", True, "work"),
        ("/api", False, "work"),
        ("/api/stats", False, "work"),
        ("/account/sign-in", True, "account"),
        ("/account/sign-in", False, "page"),
        ("/_stcore/upload_file/a/b", True, "upload"),
        ("/_stcore/health", False, "page"),
        ("/", False, "page"),
    ],
)
def test_every_path_falls_under_a_limit(path, changes, kind):
    assert kind_of(path, changes=changes) == kind


def still_door():
    """A door at which no time passes, however slow the machine."""
    door = Door()
    door.guard._turnstile.clock = Clock()
    return door


def test_a_flood_of_one_address_is_told_to_wait_and_others_are_served():
    door = still_door()
    codes = [door.knock("/tiles/landuse/22/1/1.mvt").status for _ in range(450)]
    assert codes[0] == 200
    assert codes[-1] == 429
    refused = door.knock("/tiles/landuse/22/1/1.mvt")
    assert refused.code == "too-many"
    assert int(refused.headers["retry-after"]) >= 1
    assert door.knock("/account", address="127.0.0.2").status == 200
    assert door.knock("/tiles/landuse/9/1/1.mvt", address="127.0.0.2").status == 200


def test_a_household_with_very_many_addresses_counts_as_one(monkeypatch):
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")
    door = still_door()
    codes = [door.knock("/tiles/x", address=f"2001:db8::{n:x}").status for n in range(450)]
    assert codes[-1] == 429
    assert door.knock("/tiles/x", address="2001:db8:0:1::1").status == 200


def test_web_sockets_of_one_address_are_capped(monkeypatch):
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")

    async def many() -> list[int]:
        door, gate = Door(), asyncio.Event()
        behind = door.guard._app

        async def staying(scope, receive, send):
            await behind(scope, receive, send)
            await gate.wait()

        door.guard._app = staying
        own = {"origin": "http://localhost:8501"}
        asking = [
            asyncio.create_task(door.ask("/_stcore/stream", own, kind="websocket"))
            for _ in range(62)
        ]
        await asyncio.sleep(0.2)
        gate.set()
        return [reply.status for reply in await asyncio.gather(*asking)]

    codes = asyncio.run(many())
    assert codes.count(101) == 60
    assert codes.count(1008) == 2


def test_a_body_too_large_by_its_own_word_is_not_read():
    door = Door()
    for path, most in (("/api/check", 10_000_000), ("/account/sign-in", 16_000)):
        refused = door.knock(path, {"content-length": str(most + 1)}, method="POST")
        assert (refused.status, refused.code) == (413, "body-too-large")
    assert not door.behind.seen


def test_a_body_that_says_nothing_of_its_length_is_stopped_on_the_way():
    door = Door()
    door.behind.read = True
    parts = tuple(b"x" * 4000 for _ in range(5))
    refused = door.knock("/account/sign-in", method="POST", chunks=parts)
    assert (refused.status, refused.code) == (413, "body-too-large")
    assert door.knock("/account/sign-in", method="POST", chunks=parts[:4]).status == 200
