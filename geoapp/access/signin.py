"""Signing in and out, and what a browser's token stands for."""

import hashlib
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from geoapp.access.account import Account, Session, SignedIn, require_name
from geoapp.access.passwords import Hasher, require_password
from geoapp.access.policy import Principal
from geoapp.access.storage_accounts import AccountRows, AccountStore, utc
from geoapp.access.throttle import FORGOTTEN_AFTER, KNOWN_FOR, Keys, Tries, wait_s
from geoapp.errors import AccessError, ChoiceError, ConflictError

Record = Callable[[str, str, str, dict[str, Any]], None]
SETUP_VALID_FOR: Final = timedelta(hours=24)
_RENEWED_AFTER: Final = timedelta(minutes=1)  # so that not every request writes
_SKEW: Final = timedelta(minutes=5)
_TOKEN_BYTES: Final = 32
_LONGEST_ADDRESS: Final = 64
_LONGEST_TOKEN: Final = 200


@dataclass(frozen=True)
class Desk:
    """What accounts work with.

    Attributes:
        principal: Who administers; signing in needs nobody.
        idle: How long a session lives unused.
        absolute: How long it lives at most.
        sample: Whether the city is the sample city; elsewhere sample accounts do not work.
        units: Names of the units that an account may be bound to, by code.
        record: Writes the audit trail: actor, action, subject, facts.
        now: The present moment, UTC.
    """

    store: AccountStore
    hasher: Hasher
    principal: Principal
    idle: timedelta
    absolute: timedelta
    sample: bool
    units: Callable[[], dict[str, str]]
    record: Record
    now: Callable[[], datetime]


class SignIn:
    """Sessions of people; safe from several threads and processes."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def sign_in(self, name: str, password: str, *, address: str) -> SignedIn:
        """Begin a session.

        Args:
            name: Of the account, whatever its case and width.
            password: As typed.
            address: From where, for the throttle and the audit trail.

        Raises:
            AccessError: Name or password is wrong (``signin-wrong``), somebody failed too often
                (``signin-wait``), too many sign in just now (``signin-busy``), or the account
                may not be used (``signin-disabled``, ``signin-sample``).
        """
        address = address[:_LONGEST_ADDRESS]
        account = self._prove(name, password, address)
        self._require_usable(account, address)
        return self._open(account, address, "signin")

    def sign_in_external(self, issuer: str, subject: str, name: str, *, address: str) -> SignedIn:
        """Begin a session for somebody whom a trusted single sign-on has vouched for.

        Args:
            issuer: The single sign-on.
            subject: The person's id there.
            name: The person's name there, for the audit trail only.
            address: From where.

        Raises:
            AccessError: No administrator has linked an account to this person
                (``signin-unknown``), or it may not be used.
        """
        address = address[:_LONGEST_ADDRESS]
        with self.desk.store.reading() as rows:
            account = rows.find_external(issuer, subject)
        if account is None:
            facts = {"address": address, "issuer": issuer, "id": subject, "name": name[:200]}
            self.desk.record("-", "signin_unknown", subject[:200], facts)
            raise AccessError("signin-unknown", name=name[:_LONGEST_ADDRESS])
        self._require_usable(account, address)
        return self._open(account, address, "signin_external")

    def find_session(self, token: str) -> Session | None:
        """Give what a token stands for; its idle time begins anew.

        Returns:
            ``None`` when it is over: signed out, unused or open for too long, or the account was
            disabled or given another role, unit or password since.
        """
        if not 0 < len(token) <= _LONGEST_TOKEN:
            return None
        now, hashed = self.desk.now(), hash_token(token)
        with self.desk.store.reading() as rows:
            found = rows.find_session(hashed)
        if found is None:
            return None
        account, row = found
        session = Session(
            account=account,
            principal=account.principal,
            must_change=account.must_change,
            token_hash=hashed,
            signed_in=utc(row.signed_in),
            seen=utc(row.seen),
            address=row.address,
        )
        if not self._is_open(session, now):
            return None
        if now - session.seen < _RENEWED_AFTER:
            return session
        with self.desk.store.writing() as rows:
            rows.renew(hashed, now)
        return replace(session, seen=now)

    def sign_out(self, token: str) -> None:
        """End a session; one that is over already stays so."""
        with self.desk.store.writing() as rows:
            found = rows.find_session(hash_token(token))
            rows.end_session(hash_token(token))
        if found:
            self.desk.record(found[0].name, "signout", found[0].name, {})

    def change_password(self, token: str, old: str, new: str) -> SignedIn:
        """Change one's own password; all sessions end, and a new one begins.

        Raises:
            AccessError: The session is over (``session-over``), the old password is wrong
                (``password-old-wrong``), or somebody failed too often (``signin-wait``).
            ChoiceError: The new one may not be chosen.
        """
        session = self.find_session(token)
        if session is None:
            raise AccessError("session-over")
        account = session.account
        if account.sample:  # it stands on the sign-in page
            raise AccessError("account-sample-password")
        require_password(new, account.name)
        try:
            self._prove(account.name, old, session.address)
        except AccessError as error:
            if error.code == "signin-wrong":
                raise AccessError("password-old-wrong") from error
            raise
        if old == new:
            raise ChoiceError("password-same")
        with self.desk.hasher.turn():
            stored = self.desk.hasher.hash(new)
        with self.desk.store.writing() as rows:
            if rows.find_session(session.token_hash) is None:  # ended meanwhile
                raise AccessError("session-over")
            changed = rows.change(account, password_hash=stored, must_change=False)
        self.desk.record(account.name, "password_changed", account.name, {})
        return self._open(changed, session.address, "signin")

    def setup_token(self) -> str | None:
        """Make the one-time token of the first administrator; an earlier one is void.

        Returns:
            ``None`` when there is an account.
        """
        with self.desk.store.reading() as rows:
            if rows.any():
                return None
        token = _make_token()
        with self.desk.store.writing() as rows:
            if rows.any():
                return None
            rows.put_setup(hash_token(token), self.desk.now())
        return token

    def needs_setup(self) -> bool:
        """Tell whether there is no account yet."""
        with self.desk.store.reading() as rows:
            return not rows.any()

    def found_administrator(self, setup_token: str, name: str, password: str) -> SignedIn:
        """Make the first account with the token that ``serve`` printed, and sign in.

        Raises:
            AccessError: The token is wrong or too old.
            ConflictError: There is an account already.
            ChoiceError: The name or password may not be chosen.
        """
        cleaned = require_name(name)
        require_password(password, cleaned)
        hashed, now = hash_token(setup_token.strip()[:_LONGEST_TOKEN]), self.desk.now()
        with self.desk.store.reading() as rows:
            self._require_setup(rows, hashed, now)
        with self.desk.hasher.turn():
            stored = self.desk.hasher.hash(password)
        values = {
            "role": "administrator",
            "unit": "",
            "password_hash": stored,
            "must_change": False,
            "sample": False,
            "created_at": now,
            "created_by": cleaned,
        }
        with self.desk.store.writing() as rows:
            self._require_setup(rows, hashed, now)
            account = rows.add(cleaned, values)
            rows.drop_setup()
        self.desk.record(cleaned, "account_created", cleaned, {"role": "administrator"})
        return self._open(account, "", "signin")

    def _require_setup(self, rows: AccountRows, hashed: str, now: datetime) -> None:
        if rows.any():
            raise ConflictError("setup-done")
        made = rows.find_setup(hashed)
        if made is None or not -_SKEW <= now - made < SETUP_VALID_FOR:
            raise AccessError("setup-token-wrong")

    def _prove(self, name: str, password: str, address: str) -> Account:
        """Check a password; every try counts as a failure until it is proved none."""
        desk, keys = self.desk, Keys.of(name, address)
        with desk.hasher.turn():
            with desk.store.writing() as rows:
                self._admit(rows, keys)
                account = rows.find(name)
                stored = rows.password_hash(account.id) if account else ""
            if not desk.hasher.verify(stored, password) or account is None:
                actor = account.name if account else "-"  # else it may be a password, misplaced
                desk.record(actor, "signin_refused", actor, {"address": address})
                raise AccessError("signin-wrong")
            again = desk.hasher.hash(password) if desk.hasher.is_outdated(stored) else ""
        now = desk.now()
        with desk.store.writing() as rows:
            rows.put_tries(keys.pair, Tries(0, now, now))
            rows.put_tries(keys.account, Tries(0, now))
            before = rows.tries([keys.address]).get(keys.address, Tries(0, now))
            rows.put_tries(keys.address, replace(before, failures=max(before.failures - 1, 0)))
            if again:
                rows.touch(account, password_hash=again)
        return account

    def _admit(self, rows: AccountRows, keys: Keys) -> None:
        """Count a try before it is made, so that many at once are counted too."""
        now = self.desk.now()
        known = rows.tries(list(keys.free))
        seconds = wait_s(keys, known, now)
        if seconds > 0:
            raise AccessError("signin-wait", seconds=math.ceil(seconds))
        for key in keys.free:
            before = known.get(key, Tries(0, now))
            rows.put_tries(key, Tries(before.count(now) + 1, now, before.succeeded_at))
        rows.sweep_tries(last_before=now - FORGOTTEN_AFTER, succeeded_before=now - KNOWN_FOR)

    def _require_usable(self, account: Account, address: str) -> None:
        code = ""
        if account.disabled:
            code = "signin-disabled"
        elif account.sample and not self.desk.sample:
            code = "signin-sample"
        if code:
            facts = {"address": address, "reason": code}
            self.desk.record(account.name, "signin_refused", account.name, facts)
            raise AccessError(code)

    def _open(self, account: Account, address: str, action: str) -> SignedIn:
        token, now, desk = _make_token(), self.desk.now(), self.desk
        with desk.store.writing() as rows:
            rows.sweep_sessions(signed_in_before=now - desk.absolute, seen_before=now - desk.idle)
            rows.open_session(account, hash_token(token), now, address)
            rows.touch(account, signed_in_at=now)
        desk.record(account.name, action, account.name, {"address": address})
        return SignedIn(token, account, account.principal, account.must_change)

    def _is_open(self, session: Session, now: datetime) -> bool:
        """Tell whether a session may be used; one from the future may not."""
        account = session.account
        if account.disabled or (account.sample and not self.desk.sample):
            return False
        unused, age = now - session.seen, now - session.signed_in
        return -_SKEW <= unused < self.desk.idle and -_SKEW <= age < self.desk.absolute


def hash_token(token: str) -> str:
    """Give what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _make_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)
