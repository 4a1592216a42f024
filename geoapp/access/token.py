"""Tokens of accounts for other software: what is known of one, and how its text looks."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from geoapp.access.account import Account
from geoapp.access.policy import Principal
from geoapp.errors import ChoiceError

PREFIX: Final = "xtt_"  # so that people, scanners and the guard know one when they see it
LONGEST_LABEL: Final = 64
MOST_DAYS: Final = 365
USUAL_DAYS: Final = 90
_SHOWN: Final = 64

TokenState = Literal["open", "expired", "revoked", "ended"]


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without its text, which is stored nowhere.

    Attributes:
        account: Name of the account that it stands for.
        label: What it is for, in the owner's words.
        made_by: The account itself, or an administrator at the machine.
        used_at: Last time, to the minute, if ever; ``used_from`` is the address.
        ended: The account was disabled or got another role, unit, password or link since.
    """

    id: int
    account: str
    label: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    used_at: datetime | None
    used_from: str
    revoked_at: datetime | None
    ended: bool

    def state(self, now: datetime) -> TokenState:
        """Tell whether it opens anything, and if not, why."""
        if self.revoked_at is not None:
            return "revoked"
        if self.ended:
            return "ended"
        return "open" if self.made_at <= now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was made; its text is shown once."""

    token: Token
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A token that opens: for whom."""

    token: Token
    account: Account

    @property
    def principal(self) -> Principal:
        """Who acts."""
        return self.account.principal


def require_label(label: str) -> str:
    """Check what a token is called; give it as it is stored.

    Raises:
        ChoiceError: It is empty or too long, or cannot be printed on one line.
    """
    cleaned = unicodedata.normalize("NFKC", label).strip()
    if not 0 < len(cleaned) <= LONGEST_LABEL or not cleaned.isprintable():
        raise ChoiceError("token-label-wrong", label=label[:_SHOWN], most=LONGEST_LABEL)
    return cleaned


def require_days(days: int) -> int:
    """Check how long a token is to be good for.

    Raises:
        ChoiceError: Less than a day or more than a year.
    """
    if not 0 < days <= MOST_DAYS:
        raise ChoiceError("token-days-wrong", days=days, most=MOST_DAYS)
    return days
