"""Who guesses names or floods the sign-in learns nothing and takes no more than two turns."""

import threading
import time
from collections import Counter
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from geoapp.access.passwords import Hasher
from geoapp.errors import AccessError
from tests.integration.test_accounts import *  # noqa: F403
from tests.integration.test_accounts import PASSWORD, WRONG

TRIES = 50


class Counting(PasswordHasher):
    """Counts the work, and how much of it goes on at once."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.checked: list[int] = []
        self.hashed = self.running = self.most = 0
        self.seconds = seconds
        self.lock = threading.Lock()

    def hash(self, password, **more):
        self.hashed += 1
        return super().hash(password, **more)

    def verify(self, stored, password):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.checked.append(len(stored))
        try:
            time.sleep(self.seconds)
            return super().verify(stored, password)
        finally:
            with self.lock:
                self.running -= 1


def counted(accounts, clock, counting):
    from geoapp.access.accounts import Accounts

    del clock
    return Accounts(replace(accounts.desk, hasher=Hasher(counting)))


def refused(accounts, name, password, address):
    with pytest.raises(AccessError) as caught:
        accounts.sign_in(name, password, address=address)
    return caught.value.code, sorted(caught.value.facts)


def test_a_wrong_name_is_as_much_work_as_a_wrong_password(accounts, clock, monkeypatch):
    """Counted, not timed: the same calls on the same parameters take the same time."""
    counting = Counting()
    people = counted(accounts, clock, counting)
    refused(people, "warm.up", WRONG, "10.1.0.1")  # makes the hash that is nobody's
    work = {}
    for name in ("li.wei", "nobody.here"):
        counting.checked.clear()
        hashed, told = counting.hashed, Counter()
        for number in range(TRIES):
            told[repr(refused(people, name, WRONG, f"10.2.{number}.1"))] += 1
            clock.pass_by(hours=25)
        work[name] = (counting.checked.copy(), counting.hashed - hashed, told)
    assert work["li.wei"] == work["nobody.here"]
    assert len(work["li.wei"][0]) == TRIES
    del monkeypatch


def test_few_passwords_are_tried_at_a_time_and_the_others_are_told_so(accounts, clock):
    counting = Counting(seconds=0.1)
    people = counted(accounts, clock, counting)
    codes: Counter[str] = Counter()

    def guess(number):
        codes[refused(people, f"name{number}", WRONG, f"10.3.{number}.1")[0]] += 1

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counting.most == 2
    assert set(codes) == {"signin-wrong", "signin-busy"}
    assert sum(codes.values()) == 40
    assert people.sign_in("li.wei", PASSWORD, address="10.4.0.1").token
