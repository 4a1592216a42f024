"""The register's table of tokens for other software."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from geoapp.access.account import Account
from geoapp.access.storage_accounts import ACCOUNT, AccountRows, AccountStore, to_account, utc
from geoapp.access.token import Token
from geoapp.database.engine import METADATA, reading, writing

TOKEN: Final = sa.Table(
    "account_token",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("account", sa.Integer, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("account_version", sa.Integer, nullable=False),
    sa.Column("label", sa.String(64), nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("made_by", sa.String(128), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("used_from", sa.String(64), nullable=False),
    sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
)
_LABELLED: Final = [column.label(f"token_{column.name}") for column in TOKEN.columns]


class TokenStore(AccountStore):
    """Opens transactions on the tables of accounts and their tokens."""

    @contextmanager
    def reading(self) -> Iterator["TokenRows"]:
        """Open a transaction that only reads."""
        with reading(self._engine) as connection:
            yield TokenRows(connection)

    @contextmanager
    def writing(self) -> Iterator["TokenRows"]:
        """Open a transaction that writes; all of it happens, or nothing."""
        with writing(self._engine) as connection:
            yield TokenRows(connection)


class TokenRows(AccountRows):
    """The rows, within one transaction."""

    def add_token(self, account: Account, token_hash: str, values: dict[str, Any]) -> Token:
        """Add a token of an account."""
        own = {
            "token_hash": token_hash,
            "account": account.id,
            "account_version": account.version,
            "used_from": "",
        }
        self._connection.execute(sa.insert(TOKEN).values(own | values))
        found = self.find_token(token_hash)
        assert found is not None  # noqa: S101  just added
        return found[1]

    def find_token(self, token_hash: str) -> tuple[Account, Token] | None:
        """Find a token by the hash of its text, good or not."""
        found = self._select(TOKEN.c.token_hash == token_hash)
        return found[0] if found else None

    def find_token_by_id(self, token: int) -> tuple[Account, Token] | None:
        """Find a token by its number."""
        found = self._select(TOKEN.c.id == token)
        return found[0] if found else None

    def tokens(self, account: int | None = None) -> list[Token]:
        """List the tokens of an account, or all, the newest first."""
        condition = sa.true() if account is None else TOKEN.c.account == account
        return [token for _, token in self._select(condition)]

    def note_use(self, token: int, at: datetime, address: str) -> None:
        """Note that a token was used."""
        self._connection.execute(
            sa.update(TOKEN).where(TOKEN.c.id == token).values(used_at=at, used_from=address)
        )

    def revoke_token(self, token: int, at: datetime) -> None:
        """Revoke a token; an earlier moment stays."""
        self._connection.execute(
            sa.update(TOKEN)
            .where(TOKEN.c.id == token, TOKEN.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )

    def _select(self, condition: sa.ColumnElement[bool]) -> list[tuple[Account, Token]]:
        query = (
            sa.select(ACCOUNT, *_LABELLED)
            .join(TOKEN, TOKEN.c.account == ACCOUNT.c.id)
            .where(condition)
            .order_by(TOKEN.c.id.desc())
        )
        return [(to_account(row), _to_token(row)) for row in self._connection.execute(query)]


def _to_token(row: sa.Row[Any]) -> Token:
    return Token(
        id=row.token_id,
        account=row.name,
        label=row.token_label,
        made_at=utc(row.token_made_at),
        made_by=row.token_made_by,
        expires_at=utc(row.token_expires_at),
        used_at=row.token_used_at and utc(row.token_used_at),
        used_from=row.token_used_from,
        revoked_at=row.token_revoked_at and utc(row.token_revoked_at),
        ended=row.token_account_version != row.version or row.disabled,
    )
