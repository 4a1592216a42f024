from collections.abc import Callable
from threading import Thread

from geoapp.catalog.moment import at_this_moment, end_moment, one_moment

_REGISTER, _OTHER = object(), object()


def counter() -> Callable[[], int]:
    asked = iter(range(100))
    return lambda: next(asked)


def test_outside_of_a_moment_every_question_is_asked() -> None:
    ask = counter()
    assert [at_this_moment(_REGISTER, "q", ask) for _ in range(3)] == [0, 1, 2]


def test_a_moment_answers_a_question_once_and_ends_with_its_block() -> None:
    ask = counter()
    with one_moment():
        assert [at_this_moment(_REGISTER, "q", ask) for _ in range(3)] == [0, 0, 0]
        assert at_this_moment(_REGISTER, "another", ask) == 1
        assert at_this_moment(_OTHER, "q", ask) == 2
    assert at_this_moment(_REGISTER, "q", ask) == 3


def test_a_block_within_a_block_is_the_same_moment() -> None:
    ask = counter()
    with one_moment():
        at_this_moment(_REGISTER, "q", ask)
        with one_moment():
            assert at_this_moment(_REGISTER, "q", ask) == 0
        assert at_this_moment(_REGISTER, "q", ask) == 0


def test_what_was_written_is_seen_at_once_and_nothing_else_is_asked_anew() -> None:
    ask, other = counter(), counter()
    with one_moment():
        at_this_moment(_REGISTER, "q", ask)
        at_this_moment(_OTHER, "q", other)
        end_moment(_REGISTER)
        assert at_this_moment(_REGISTER, "q", ask) == 1
        assert at_this_moment(_OTHER, "q", other) == 0


def test_a_moment_belongs_to_one_thread() -> None:
    ask, seen = counter(), []
    with one_moment():
        at_this_moment(_REGISTER, "q", ask)
        thread = Thread(target=lambda: seen.append(at_this_moment(_REGISTER, "q", ask)))
        thread.start()
        thread.join()
        assert at_this_moment(_REGISTER, "q", ask) == 0
    assert seen == [1]
