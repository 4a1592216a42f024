"""Pages of many people one after another: few scripts at a time, each of them fast.

All scripts share one interpreter. When many run at once each takes as long as all of them, and
tiles wait too; a few at a time finish one by one, and the first are done early.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

AT_ONCE: Final = 4
PATIENCE_S: Final = 10.0  # a script that works for minutes must not hold up everybody
_turns: Final = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def taking_turns() -> Iterator[None]:
    """Wait for a turn, but not for ever."""
    own = _turns.acquire(timeout=PATIENCE_S)
    try:
        yield
    finally:
        if own:
            _turns.release()
