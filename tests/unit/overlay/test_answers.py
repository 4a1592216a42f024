import threading
import time
from types import SimpleNamespace
from typing import cast

import pytest

from geoapp.errors import NotFoundError
from geoapp.overlay.answers import Answers
from geoapp.overlay.result import StatsResult


def table(rows: int) -> StatsResult:
    return cast("StatsResult", SimpleNamespace(rows=[0] * rows, units=[], totals=[]))


def test_a_question_is_computed_once_and_gives_the_same_answer() -> None:
    answers, asked = Answers(), []
    first = answers.find("a", lambda: asked.append(1) or table(3))  # type: ignore[func-returns-value]
    again = answers.find("a", lambda: asked.append(2) or table(4))  # type: ignore[func-returns-value]
    assert again is first
    assert asked == [1]


def test_what_fails_is_not_kept() -> None:
    answers = Answers()

    def fail() -> StatsResult:
        raise NotFoundError("snapshot-none", layer="x", as_of="-")

    with pytest.raises(NotFoundError):
        answers.find("a", fail)
    assert len(answers.find("a", lambda: table(2)).rows) == 2


def test_the_longest_unused_goes_first_when_the_rows_are_too_many() -> None:
    answers = Answers(most_rows=25)
    old, used = answers.find("old", lambda: table(9)), answers.find("used", lambda: table(9))
    assert answers.find("old", lambda: table(0)) is old  # now "used" is the longest unused
    answers.find("new", lambda: table(9))
    assert answers.find("old", lambda: table(0)) is old
    assert answers.find("used", lambda: table(1)) is not used


def test_an_answer_larger_than_all_room_is_given_and_not_kept() -> None:
    answers = Answers(most_rows=5)
    assert len(answers.find("a", lambda: table(50)).rows) == 50
    assert len(answers.find("a", lambda: table(1)).rows) == 1


def test_those_who_ask_the_same_at_once_wait_for_one_of_them() -> None:
    answers, computed, given = Answers(), [], []

    def slowly() -> StatsResult:
        computed.append(1)
        time.sleep(0.05)
        return table(1)

    threads = [
        threading.Thread(target=lambda: given.append(answers.find("a", slowly))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert computed == [1]
    assert len({id(answer) for answer in given}) == 1
