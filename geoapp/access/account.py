"""Accounts, sessions and what signing in gives."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from geoapp.access.policy import PUBLIC, Principal
from geoapp.catalog.definition import Role
from geoapp.errors import ChoiceError

State = Literal["open", "must_change", "disabled", "sample"]
SAMPLE_PREFIX: Final = "sample-"
_NAME: Final = re.compile(r"[\w.@-]{2,64}")  # letters of every script, digits; nothing that is bare
_RESERVED: Final = frozenset({"public", "local", "system", "verification"})
_SHOWN: Final = 64


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Attributes:
        name: As it stands in the audit trail; never given to anybody else later.
        unit: Code of the unit that a township's account is bound to.
        sample: Made with the sample city, with a password that everybody knows.
        must_change: The password was set by somebody else.
        has_password: Whether it has one; without, it signs in elsewhere only.
        issuer: Whose single sign-on it is linked to, ``""`` for none.
        subject: Its id there.
        version: Counts what ends its sessions: new role, unit, password, being disabled.
        signed_in_at: Last time, if ever.
    """

    id: int
    name: str
    role: Role
    unit: str
    sample: bool
    disabled: bool
    must_change: bool
    has_password: bool
    issuer: str
    subject: str
    version: int
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None

    @property
    def state(self) -> State:
        """What it is good for."""
        if self.disabled:
            return "disabled"
        if self.sample:
            return "sample"
        return "must_change" if self.must_change else "open"

    @property
    def principal(self) -> Principal:
        """Who acts; nobody in particular until the password is the person's own."""
        if self.must_change:
            return Principal(name=self.name, role=PUBLIC.role)
        return Principal(name=self.name, role=self.role, unit=self.unit)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        principal: May do nothing but what the public may while ``must_change``.
        must_change: The password must be changed before anything else.
        token_hash: SHA-256 of the token, which is stored nowhere.
        signed_in: When it began.
        seen: When it was used, to the minute.
        address: From where it began.
    """

    account: Account
    principal: Principal
    must_change: bool
    token_hash: str
    signed_in: datetime
    seen: datetime
    address: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What signing in gives: a token for the browser to keep, and who it stands for."""

    token: str = field(repr=False)
    account: Account
    principal: Principal
    must_change: bool


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that was made or reset.

    Attributes:
        password: Shown once and stored nowhere; ``""`` where the person knows it already.
    """

    account: Account
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SampleAccount:
    """A sample account and its password, which stands on the sign-in page."""

    name: str
    role: Role
    unit: str
    password: str


def name_key(name: str) -> str:
    """Give the form in which names are compared: width and case do not matter.

    >>> name_key(" Ｌｉ.Wei ")
    'li.wei'
    """
    return unicodedata.normalize("NFKC", name).strip().casefold()


def require_name(name: str) -> str:
    """Check the name of a new account; give it as it is stored.

    Raises:
        ChoiceError: It is too short or long, holds other characters, or is reserved.
    """
    cleaned = unicodedata.normalize("NFKC", name).strip()
    if not _NAME.fullmatch(cleaned) or name_key(cleaned) in _RESERVED:
        raise ChoiceError("account-name-wrong", name=cleaned[:_SHOWN])
    return cleaned
