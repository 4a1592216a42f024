"""Who may sign in to a city."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from geoapp.access.accounts import Accounts
from geoapp.access.passwords import shared_hasher
from geoapp.access.signin import Desk
from geoapp.access.storage_accounts import AccountStore
from geoapp.access.storage_tokens import TokenStore
from geoapp.access.tokens import Tokens
from geoapp.access.whence import acting_address
from geoapp.bootstrap.core import Core
from geoapp.catalog.audit import Author, Result

_REFUSALS: Final = frozenset({"signin_refused", "signin_unknown", "token_refused"})


class AccountAccess(Core):
    """Accounts and sessions."""

    @cached_property
    def accounts(self) -> Accounts:
        """Accounts and sessions; see ``access.accounts`` and ``access.signin``."""
        return Accounts(self._desk)

    @cached_property
    def tokens(self) -> Tokens:
        """Tokens for other software; see ``access.tokens``."""
        return Tokens(self._desk, TokenStore(self._engine))

    @cached_property
    def _desk(self) -> Desk:
        settings = self.settings
        return Desk(
            store=AccountStore(self._engine),
            hasher=shared_hasher(),
            principal=self.principal,
            idle=timedelta(minutes=settings.session_idle_minutes),
            absolute=timedelta(hours=settings.session_hours),
            sample=self.city.sample,
            units=lambda: {unit.code: unit.name for unit in self.unit_names},
            record=self._record_account,
            now=lambda: datetime.now(UTC),
        )

    def _record_account(self, actor: str, action: str, subject: str, facts: dict[str, Any]) -> None:
        """Write into the audit trail who came or was turned away, and from where."""
        mine = actor == self.principal.name
        author = self.principal.author if mine else Author(actor)
        rest = {name: value for name, value in facts.items() if name != "address"}
        address = str(facts.get("address") or author.address or acting_address())
        result: Result = "refused" if action in _REFUSALS else "done"
        self.audit.write(replace(author, address=address), action, subject, rest, result=result)
