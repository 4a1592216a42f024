"""One moment of a register: what is current stays so while a page is drawn or a table made.

Otherwise a page asks the register a hundred times which snapshot is current, and a publication in
between lets its map and its table speak of different data.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar, cast

Answer = TypeVar("Answer")
_Held = dict[tuple[object, Hashable], Any]
_moment: Final[ContextVar[_Held | None]] = ContextVar("moment", default=None)


@contextmanager
def one_moment() -> Iterator[None]:
    """Let everything in this block, in this thread, see the snapshots of one moment.

    A block within a block is the same moment. What is published or switched inside of it, in
    this thread, is seen at once.
    """
    if _moment.get() is not None:
        yield
        return
    token = _moment.set({})
    try:
        yield
    finally:
        _moment.reset(token)


def at_this_moment(register: object, question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """Ask a register once a moment; outside of one, every time.

    Args:
        register: Who is asked.
        question: What distinguishes its questions.
        ask: Asks it.
    """
    held = _moment.get()
    if held is None:
        return ask()
    key = (register, question)
    if key not in held:
        held[key] = ask()
    return cast("Answer", held[key])


def end_moment(register: object) -> None:
    """Look at a register anew, because something was written into it."""
    held = _moment.get()
    if held is not None:
        for key in [key for key in held if key[0] is register]:
            del held[key]
