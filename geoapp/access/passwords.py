"""Passwords: which may be chosen, and how they are kept."""

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from geoapp.access.account import name_key
from geoapp.errors import AccessError, ChoiceError

FEWEST_CHARACTERS: Final = 10
MOST_CHARACTERS: Final = 128
_COMMON: Final = Path(__file__).with_name("common_passwords.txt")
_FEWEST_DIFFERENT: Final = 5
_FEWEST_BESIDE: Final = 6  # characters that a common word needs beside it
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm")
_LOOKALIKES: Final = str.maketrans("@4310$5!7", "aaeiossit")
_AT_ONCE: Final = 2
_PATIENCE_S: Final = 0.5
# Without letters and digits that are taken for each other.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4
_GROUP: Final = 4


class Hasher:
    """Turns passwords into argon2id hashes, few at a time: each takes 64 MiB and some 0.2 s."""

    def __init__(self, argon: PasswordHasher | None = None) -> None:
        self._argon = argon or PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Take one of the few places; whoever hashes has one.

        Raises:
            AccessError: Too many people are signing in just now.
        """
        if not self._room.acquire(timeout=_PATIENCE_S):
            raise AccessError("signin-busy")
        try:
            yield
        finally:
            self._room.release()

    def hash(self, password: str) -> str:
        """Give what is stored of a password."""
        return self._argon.hash(normalise(password))

    def verify(self, stored: str, password: str) -> bool:
        """Tell whether a password is the stored one; without one it takes as long to say no."""
        try:
            self._argon.verify(stored or self._nobodys, normalise(password)[: MOST_CHARACTERS + 1])
        except (Argon2Error, InvalidHashError):
            return False
        return bool(stored)

    def is_outdated(self, stored: str) -> bool:
        """Tell whether a hash was made with less work than is asked for now."""
        return self._argon.check_needs_rehash(stored)

    @cached_property
    def _nobodys(self) -> str:
        return self._argon.hash(secrets.token_urlsafe())


@cache
def shared_hasher() -> Hasher:
    """Give the one hasher of this process, whose few places all share."""
    return Hasher()


def normalise(password: str) -> str:
    """Give a password in the form that is hashed: full-width signs are the plain ones."""
    return unicodedata.normalize("NFKC", password)


def make_password() -> str:
    """Make a one-time password that can be read out: some 79 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def require_password(password: str, name: str) -> None:
    """Stop unless a password may be chosen.

    Raises:
        ChoiceError: It is too short or long, holds the name, or is easily guessed.
    """
    written = normalise(password)
    if len(written) < FEWEST_CHARACTERS:
        raise ChoiceError("password-too-short", fewest=FEWEST_CHARACTERS)
    if len(written) > MOST_CHARACTERS:
        raise ChoiceError("password-too-long", most=MOST_CHARACTERS)
    plain = written.casefold()
    if name_key(name) in plain:
        raise ChoiceError("password-has-name")
    if is_easily_guessed(plain):
        raise ChoiceError("password-common")


def is_easily_guessed(plain: str) -> bool:
    """Tell whether a password in lower case is common, or hardly more than a common word.

    >>> is_easily_guessed("football2026"), is_easily_guessed("abcdefghij1")
    (True, True)
    >>> is_easily_guessed("three goats on a slope")
    False
    """
    if len(set(plain)) < _FEWEST_DIFFERENT or _is_run(plain) or plain in _common():
        return True
    word = plain.strip("0123456789!@#$%^&*()_+-=.,?~ ")
    forms = {word, plain.translate(_LOOKALIKES), word.translate(_LOOKALIKES)}
    return any(form in _common() and len(plain) - len(form) < _FEWEST_BESIDE for form in forms)


def _is_run(plain: str) -> bool:
    """Tell whether at most two characters do not follow the one before them on a keyboard."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    pairs = list(pairwise(plain))
    follows = sum(any(a + b in row for row in rows) for a, b in pairs)
    return len(pairs) - follows <= 2


@cache
def _common() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
