"""Tokens for other software, such as QGIS: made, listed, revoked and used.

A token opens what its account's role may read, at the interface for programs and the tiles, and
nothing else. It ends with whatever ends the account's sessions for good: another role, unit,
password or link, being disabled.
"""

import math
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NoReturn

from geoapp.access.account import Account, name_key
from geoapp.access.policy import require
from geoapp.access.signin import Desk, hash_token
from geoapp.access.storage_tokens import TokenRows, TokenStore
from geoapp.access.throttle import FREE_ADDRESS, FREE_PAIR, Tries, token_key
from geoapp.access.token import (
    PREFIX,
    USUAL_DAYS,
    NewToken,
    Token,
    TokenState,
    TokenUse,
    require_days,
    require_label,
)
from geoapp.errors import AccessError, ConflictError, NotFoundError

MOST_OPEN: Final = 20
_BYTES: Final = 32
_LONGEST: Final = 200
_LONGEST_ADDRESS: Final = 64
_RENEWED_AFTER: Final = timedelta(minutes=1)  # so that not every request writes
_SHOWN: Final = 64
_FAULTS: Final[dict[TokenState, str]] = {
    "open": "",
    "expired": "token-expired",
    "revoked": "token-revoked",
    "ended": "token-ended",
}


@dataclass(frozen=True)
class Tokens:
    """The tokens of a workspace, for one acting principal; safe from several threads."""

    desk: Desk
    store: TokenStore

    def make(self, name: str, label: str, *, days: int = USUAL_DAYS) -> NewToken:
        """Make a token; its text is given once and stored nowhere.

        Args:
            name: Of the account; everybody may make own ones.
            label: What it is for.
            days: How long it is good for.

        Raises:
            ChoiceError: Label or days cannot be taken.
            ConflictError: There are too many open ones, or one with this label.
            NotFoundError: There is no such account.
            AccessError: The principal may not, or the account cannot be used.
        """
        self._require_own(name)
        values = {"label": require_label(label), "made_by": self.desk.principal.name}
        span, now = timedelta(days=require_days(days)), self.desk.now()
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        with self.store.writing() as rows:
            account = _require_account(rows, name)
            if account.disabled or account.must_change or not self._works(account):
                raise AccessError("token-account", name=account.name)
            still = [one for one in rows.tokens(account.id) if one.state(now) == "open"]
            if len(still) >= MOST_OPEN:
                raise ConflictError("token-too-many", most=MOST_OPEN)
            if values["label"] in {one.label for one in still}:
                raise ConflictError("token-label-taken", label=values["label"])
            moments = {"made_at": now, "expires_at": now + span}
            made = rows.add_token(account, hash_token(secret), values | moments)
        self._note("token_made", made, expires_at=made.expires_at.date().isoformat())
        return NewToken(made, secret)

    def list(self, name: str) -> tuple[Token, ...]:
        """List the tokens of an account, the newest first; everybody may list own ones.

        Raises:
            NotFoundError: There is no such account.
            AccessError: It is somebody else's, and the principal may not administer.
        """
        self._require_own(name)
        with self.store.reading() as rows:
            return tuple(rows.tokens(_require_account(rows, name).id))

    def list_all(self) -> tuple[Token, ...]:
        """List the tokens of all accounts, the newest first.

        Raises:
            AccessError: The principal may not administer.
        """
        require(self.desk.principal, "administer")
        with self.store.reading() as rows:
            return tuple(rows.tokens())

    def revoke(self, token: int) -> Token:
        """Revoke a token at once; one that is revoked already stays so.

        Raises:
            NotFoundError: There is no such token, or it is somebody else's and the principal
                may not administer.
        """
        require(self.desk.principal, "make_tokens")
        administers = self.desk.principal.role == "administrator"
        with self.store.writing() as rows:
            found = rows.find_token_by_id(token)
            if found is None or not (administers or self._is_own(found[0].name)):
                raise NotFoundError("token-unknown", number=token)
            if found[1].revoked_at is not None:
                return found[1]
            rows.revoke_token(token, self.desk.now())
            changed = rows.find_token_by_id(token)
        revoked = (changed or found)[1]
        self._note("token_revoked", revoked)
        return revoked

    def use(self, secret: str, *, name: str | None = None, address: str) -> TokenUse:
        """Give whom a token stands for.

        Args:
            secret: Its text.
            name: Of the account, where a program sent one with it.
            address: From where, for the throttle and the audit trail.

        Raises:
            AccessError: It opens nothing: unknown or not the account's (``token-wrong``),
                expired, revoked or ended; or somebody failed too often (``token-wait``).
        """
        address, now = address[:_LONGEST_ADDRESS], self.desk.now()
        hashed = hash_token(secret[:_LONGEST])
        with self.store.reading() as rows:
            found = rows.find_token(hashed)
            fault = self._fault(found, name)
            known = found is not None and found[1].used_from == address
            if not fault and not known:
                self._require_patience(rows, token_key("", address), FREE_ADDRESS)
        if found is None or fault:
            self._refuse(found, fault, hashed, address)
        account, token = found
        if token.used_at is None or not known or now - token.used_at >= _RENEWED_AFTER:
            with self.store.writing() as rows:
                rows.note_use(token.id, now, address)
        return TokenUse(token, account)

    def _fault(self, found: tuple[Account, Token] | None, name: str | None) -> str:
        if found is None:
            return "token-wrong"
        account, token = found
        if name is not None and name_key(name) != name_key(account.name):
            return "token-wrong"
        if not self._works(account):
            return "signin-sample"
        return _FAULTS[token.state(self.desk.now())]

    def _refuse(
        self, found: tuple[Account, Token] | None, fault: str, hashed: str, address: str
    ) -> NoReturn:
        """Count a failure, write it down and stop.

        One that was good once counts for itself alone, so that a forgotten program does not
        hold up everybody else at its address.
        """
        key = token_key(hashed if found else "", address)
        now = self.desk.now()
        with self.store.writing() as rows:
            self._require_patience(rows, key, FREE_PAIR if found else FREE_ADDRESS)
            before = rows.tries([key]).get(key, Tries(0, now))
            rows.put_tries(key, Tries(before.count(now) + 1, now))
        facts: dict[str, object] = {"address": address, "reason": fault}
        actor = found[1].account if found else "-"
        if found:
            facts |= {"number": found[1].id, "label": found[1].label}
        self.desk.record(actor, "token_refused", actor, facts)
        raise AccessError(fault)

    def _require_patience(self, rows: TokenRows, key: str, free: int) -> None:
        now = self.desk.now()
        tries = rows.tries([key]).get(key)
        seconds = tries.wait_s(now, free) if tries else 0.0
        if seconds > 0:
            raise AccessError("token-wait", seconds=math.ceil(seconds))

    def _works(self, account: Account) -> bool:
        return self.desk.sample or not account.sample

    def _is_own(self, name: str) -> bool:
        return name_key(name) == name_key(self.desk.principal.name)

    def _require_own(self, name: str) -> None:
        require(self.desk.principal, "make_tokens" if self._is_own(name) else "administer")

    def _note(self, action: str, token: Token, **facts: object) -> None:
        facts |= {"number": token.id, "label": token.label}
        self.desk.record(self.desk.principal.name, action, token.account, facts)


def _require_account(rows: TokenRows, name: str) -> Account:
    found = rows.find(name)
    if found is None:
        raise NotFoundError("account-unknown", name=name[:_SHOWN])
    return found
