"""The register's tables of accounts, sessions and failures to sign in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from geoapp.access.account import Account, name_key
from geoapp.access.throttle import Tries
from geoapp.database.engine import METADATA, reading, writing

ACCOUNT: Final = sa.Table(
    "account",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("unit", sa.String(12), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.Column("issuer", sa.String(300), nullable=True),
    sa.Column("subject", sa.String(300), nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.String(128), nullable=False),
    sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
    sa.UniqueConstraint("issuer", "subject"),
)
SESSION: Final = sa.Table(
    "account_session",
    METADATA,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("account", sa.Integer, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("account_version", sa.Integer, nullable=False),
    sa.Column("signed_in", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
)
TRIES: Final = sa.Table(
    "signin_tries",
    METADATA,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
)
SETUP: Final = sa.Table(
    "account_setup",
    METADATA,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
)

Row = sa.Row[Any]


class AccountStore:
    """Opens transactions on the tables of accounts."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator["AccountRows"]:
        """Open a transaction that only reads."""
        with reading(self._engine) as connection:
            yield AccountRows(connection)

    @contextmanager
    def writing(self) -> Iterator["AccountRows"]:
        """Open a transaction that writes; all of it happens, or nothing."""
        with writing(self._engine) as connection:
            yield AccountRows(connection)


class AccountRows:
    """The rows, within one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def listed(self) -> list[Account]:
        """List the accounts by name."""
        rows = self._connection.execute(sa.select(ACCOUNT).order_by(ACCOUNT.c.key))
        return [to_account(row) for row in rows]

    def any(self) -> bool:
        """Tell whether there is an account."""
        return self._connection.execute(sa.select(ACCOUNT.c.id).limit(1)).first() is not None

    def find(self, name: str) -> Account | None:
        """Find an account by name, whatever its case and width."""
        return self._find(ACCOUNT.c.key == name_key(name))

    def find_external(self, issuer: str, subject: str) -> Account | None:
        """Find the account that is linked to a person elsewhere."""
        return self._find((ACCOUNT.c.issuer == issuer) & (ACCOUNT.c.subject == subject))

    def password_hash(self, account: int) -> str:
        """Give what is stored of a password; ``""``: nothing."""
        query = sa.select(ACCOUNT.c.password_hash).where(ACCOUNT.c.id == account)
        return str(self._connection.execute(query).scalar_one())

    def add(self, name: str, values: Mapping[str, object]) -> Account:
        """Add an account."""
        row = {"key": name_key(name), "name": name, "version": 1, "disabled": False} | dict(values)
        self._connection.execute(sa.insert(ACCOUNT).values(row))
        found = self.find(name)
        assert found is not None  # noqa: S101  just added
        return found

    def change(self, account: Account, **values: object) -> Account:
        """Change an account; its sessions end."""
        self.touch(account, version=ACCOUNT.c.version + 1, **values)
        self.end_sessions(account.id)
        return self._require(account.id)

    def touch(self, account: Account, **values: object) -> None:
        """Change what ends no session."""
        self._connection.execute(
            sa.update(ACCOUNT).where(ACCOUNT.c.id == account.id).values(**values)
        )

    def count_administrators(self, *, samples: bool, but: int) -> int:
        """Count the administrators who can sign in, but for one."""
        query = sa.select(sa.func.count()).where(
            ACCOUNT.c.role == "administrator", ~ACCOUNT.c.disabled, ACCOUNT.c.id != but
        )
        if not samples:
            query = query.where(~ACCOUNT.c.sample)
        return int(self._connection.execute(query).scalar_one())

    def open_session(self, account: Account, token_hash: str, at: datetime, address: str) -> None:
        """Add a session."""
        self._connection.execute(
            sa.insert(SESSION).values(
                token_hash=token_hash,
                account=account.id,
                account_version=account.version,
                signed_in=at,
                seen=at,
                address=address,
            )
        )

    def find_session(self, token_hash: str) -> tuple[Account, Row] | None:
        """Find a session and its account, if that was not changed since."""
        query = sa.select(SESSION).where(SESSION.c.token_hash == token_hash)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        account = self._require(row.account)
        return (account, row) if account.version == row.account_version else None

    def sessions(self, account: int) -> Sequence[Row]:
        """List the sessions of an account, last used first."""
        query = sa.select(SESSION).where(SESSION.c.account == account)
        return self._connection.execute(query.order_by(SESSION.c.seen.desc())).all()

    def renew(self, token_hash: str, at: datetime) -> None:
        """Note that a session was used."""
        self._connection.execute(
            sa.update(SESSION).where(SESSION.c.token_hash == token_hash).values(seen=at)
        )

    def end_session(self, token_hash: str) -> bool:
        """End a session; tell whether there was one."""
        done = self._connection.execute(
            sa.delete(SESSION).where(SESSION.c.token_hash == token_hash)
        )
        return bool(done.rowcount)

    def end_sessions(self, account: int) -> int:
        """End all sessions of an account; tell how many there were."""
        return self._connection.execute(
            sa.delete(SESSION).where(SESSION.c.account == account)
        ).rowcount

    def sweep_sessions(self, *, signed_in_before: datetime, seen_before: datetime) -> None:
        """Forget sessions that are over anyway."""
        over = (SESSION.c.signed_in < signed_in_before) | (SESSION.c.seen < seen_before)
        self._connection.execute(sa.delete(SESSION).where(over))

    def tries(self, keys: Sequence[str]) -> dict[str, Tries]:
        """Give what is remembered of failures, by key."""
        rows = self._connection.execute(sa.select(TRIES).where(TRIES.c.key.in_(keys)))
        return {
            row.key: Tries(
                row.failures, utc(row.last_at), row.succeeded_at and utc(row.succeeded_at)
            )
            for row in rows
        }

    def put_tries(self, key: str, tries: Tries) -> None:
        """Remember failures under a key, instead of what was there."""
        self._connection.execute(sa.delete(TRIES).where(TRIES.c.key == key))
        self._connection.execute(
            sa.insert(TRIES).values(
                key=key,
                failures=tries.failures,
                last_at=tries.last_at,
                succeeded_at=tries.succeeded_at,
            )
        )

    def sweep_tries(self, *, last_before: datetime, succeeded_before: datetime) -> None:
        """Forget failures that do not matter any more."""
        unknown = TRIES.c.succeeded_at.is_(None) | (TRIES.c.succeeded_at < succeeded_before)
        self._connection.execute(sa.delete(TRIES).where(TRIES.c.last_at < last_before, unknown))

    def put_setup(self, token_hash: str, at: datetime) -> None:
        """Remember the token of the first administrator, instead of an earlier one."""
        self.drop_setup()
        self._connection.execute(sa.insert(SETUP).values(token_hash=token_hash, made_at=at))

    def find_setup(self, token_hash: str) -> datetime | None:
        """Tell when a token of the first administrator was made."""
        query = sa.select(SETUP.c.made_at).where(SETUP.c.token_hash == token_hash)
        found = self._connection.execute(query).scalar_one_or_none()
        return found and utc(found)

    def drop_setup(self) -> None:
        """Forget the token of the first administrator."""
        self._connection.execute(sa.delete(SETUP))

    def _find(self, condition: sa.ColumnElement[bool]) -> Account | None:
        row = self._connection.execute(sa.select(ACCOUNT).where(condition)).first()
        return None if row is None else to_account(row)

    def _require(self, account: int) -> Account:
        query = sa.select(ACCOUNT).where(ACCOUNT.c.id == account)
        return to_account(self._connection.execute(query).one())


def to_account(row: Row) -> Account:
    """Give an account from its row."""
    return Account(
        id=row.id,
        name=row.name,
        role=row.role,
        unit=row.unit,
        sample=row.sample,
        disabled=row.disabled,
        must_change=row.must_change,
        has_password=bool(row.password_hash),
        issuer=row.issuer or "",
        subject=row.subject or "",
        version=row.version,
        created_at=utc(row.created_at),
        created_by=row.created_by,
        signed_in_at=row.signed_in_at and utc(row.signed_in_at),
    )


def utc(moment: datetime) -> datetime:
    """Give a moment as UTC; SQLite keeps no zone."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
