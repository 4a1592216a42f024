"""Tiles in memory: bounded, made once, never lost to a failure."""

import threading
import time

import pytest

from geoapp.tiles.shelf import TileShelf


def test_a_tile_is_made_once_and_then_kept():
    shelf, made = TileShelf(), []
    for _ in range(3):
        assert shelf.get("a", lambda: made.append(1) or b"tile").result() == b"tile"
    assert made == [1]


def test_what_many_ask_for_at_once_is_made_once():
    shelf, made, go = TileShelf(at_once=4), [], threading.Event()

    def make():
        made.append(1)
        assert go.wait(10)
        return b"tile"

    futures = [shelf.get("a", make) for _ in range(50)]
    other = shelf.get("b", lambda: b"other")  # nobody else waits meanwhile
    assert other.result(5) == b"other"
    go.set()
    assert {future.result(5) for future in futures} == {b"tile"}
    assert made == [1]


def test_memory_is_bounded_and_the_oldest_goes_first():
    shelf, made = TileShelf(room=10_000), []

    def ask(key, size=1000):
        def make():
            made.append(key)
            return bytes(size)

        return shelf.get(key, make).result()

    for key in range(100):
        ask(key)
        ask(0)  # in use all the time
        assert shelf.used <= 10_000
    assert made.count(0) == 1
    assert made.count(99) == 1
    ask(1)
    assert made.count(1) == 2
    assert len(ask("huge", 50_000)) == 50_000
    assert shelf.used <= 10_000


def test_a_failure_is_told_to_all_who_wait_and_not_kept():
    shelf, go = TileShelf(), threading.Event()

    def fail():
        go.wait(5)
        message = "no"
        raise ValueError(message)

    futures = [shelf.get("a", fail) for _ in range(3)]
    go.set()
    for future in futures:
        with pytest.raises(ValueError, match="no"):
            future.result(5)
    assert shelf.get("a", lambda: b"tile").result(5) == b"tile"


def test_no_more_are_made_at_once_than_allowed():
    shelf, under_way, most, lock = TileShelf(at_once=2), [0], [0], threading.Lock()

    def make():
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.01)
        with lock:
            under_way[0] -= 1
        return b""

    for future in [shelf.get(key, make) for key in range(20)]:
        future.result(10)
    assert most[0] <= 2
