"""How long somebody must wait after failing to sign in: longer each time, never for good.

Failures are counted three ways: for an account from one address, for an account from
wherever, and for an address whatever the account. Whoever signed in from an address lately is
held up by the first count alone, so that nobody can lock a person out by failing in their name.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from geoapp.access.account import name_key

FREE_PAIR: Final = 5
FREE_ACCOUNT: Final = 20
FREE_ADDRESS: Final = 30
_FIRST_WAIT_S: Final = 5.0
LONGEST_WAIT_S: Final = 900.0
FORGOTTEN_AFTER: Final = timedelta(hours=24)
KNOWN_FOR: Final = timedelta(days=30)
_SKEW: Final = timedelta(minutes=5)
_MOST_DOUBLINGS: Final = 16


@dataclass(frozen=True, slots=True)
class Tries:
    """What is remembered of failures under one key.

    Attributes:
        failures: Since the last success, or since they were forgotten.
        last_at: When the last one was.
        succeeded_at: When somebody last signed in.
    """

    failures: int
    last_at: datetime
    succeeded_at: datetime | None = None

    def count(self, now: datetime) -> int:
        """Count the failures that still matter; a clock that went back forgets them."""
        fresh = now - FORGOTTEN_AFTER < self.last_at <= now + _SKEW
        return self.failures if fresh else 0

    def wait_s(self, now: datetime, free: int) -> float:
        """Tell how many seconds are left to wait; 0: none."""
        over = self.count(now) - free
        if over < 0:
            return 0.0
        wait = min(_FIRST_WAIT_S * 2.0 ** min(over, _MOST_DOUBLINGS), LONGEST_WAIT_S)
        passed = max((now - self.last_at).total_seconds(), 0.0)
        return max(wait - passed, 0.0)

    def is_known(self, now: datetime) -> bool:
        """Tell whether somebody signed in under this key lately."""
        return self.succeeded_at is not None and now - self.succeeded_at < KNOWN_FOR


@dataclass(frozen=True, slots=True)
class Keys:
    """Under which keys one attempt counts; names and addresses are not readable in them."""

    pair: str
    account: str
    address: str

    @classmethod
    def of(cls, name: str, address: str) -> "Keys":
        """Make the keys of an attempt."""
        key = name_key(name)
        return cls(
            _hashed("pair", key, address), _hashed("account", key), _hashed("address", address)
        )

    @property
    def free(self) -> dict[str, int]:
        """How many failures are free, by key."""
        return {self.pair: FREE_PAIR, self.account: FREE_ACCOUNT, self.address: FREE_ADDRESS}


def token_key(token_hash: str, address: str) -> str:
    """Make the key of failures with a token from an address, ``""``: with any that is unknown."""
    return _hashed("token", token_hash, address)


def wait_s(keys: Keys, tries: dict[str, Tries], now: datetime) -> float:
    """Tell how many seconds an attempt has to wait."""
    pair = tries.get(keys.pair)
    known = pair is not None and pair.is_known(now)
    return max(
        (
            tries[key].wait_s(now, free)
            for key, free in keys.free.items()
            if key in tries and (key == keys.pair or not known)
        ),
        default=0.0,
    )


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
