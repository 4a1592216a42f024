"""Who may sign in to a city."""

from datetime import UTC, datetime, timedelta
from functools import cached_property

from geoapp.access.accounts import Accounts
from geoapp.access.passwords import shared_hasher
from geoapp.access.signin import Desk
from geoapp.access.storage_accounts import AccountStore
from geoapp.bootstrap.core import Core


class AccountAccess(Core):
    """Accounts and sessions."""

    @cached_property
    def accounts(self) -> Accounts:
        """Accounts and sessions; see ``access.accounts`` and ``access.signin``."""
        settings = self.settings
        return Accounts(
            Desk(
                store=AccountStore(self._engine),
                hasher=shared_hasher(),
                principal=self.principal,
                idle=timedelta(minutes=settings.session_idle_minutes),
                absolute=timedelta(hours=settings.session_hours),
                sample=self.city.sample,
                units=lambda: {unit.code: unit.name for unit in self.unit_names},
                record=self.audit.write,
                now=lambda: datetime.now(UTC),
            )
        )
