"""Administration of accounts, beside signing in."""

from typing import Final, get_args

from geoapp.access.account import (
    SAMPLE_PREFIX,
    Account,
    NewAccount,
    SampleAccount,
    Session,
    name_key,
    require_name,
)
from geoapp.access.passwords import make_password, require_password
from geoapp.access.policy import PUBLIC, require
from geoapp.access.signin import SignIn
from geoapp.access.storage_accounts import AccountRows, utc
from geoapp.catalog.definition import Role
from geoapp.errors import AccessError, ChoiceError, ConflictError, NotFoundError

ACCOUNT_ROLES: Final[tuple[Role, ...]] = tuple(r for r in get_args(Role) if r != PUBLIC.role)
_SHOWN: Final = 64
_LONGEST_LINK: Final = 300


class Accounts(SignIn):
    """The accounts of a workspace, for one acting principal."""

    def list(self) -> tuple[Account, ...]:
        """List the accounts by name.

        Raises:
            AccessError: The principal may not administer.
        """
        self._require_administrator()
        with self.desk.store.reading() as rows:
            return tuple(rows.listed())

    def find(self, name: str) -> Account | None:
        """Find an account.

        Raises:
            AccessError: The principal may not administer.
        """
        self._require_administrator()
        with self.desk.store.reading() as rows:
            return rows.find(name)

    def create(
        self,
        name: str,
        role: Role,
        *,
        unit: str = "",
        password: str = "",
        issuer: str = "",
        subject: str = "",
    ) -> NewAccount:
        """Make an account.

        Args:
            name: Two to 64 letters, digits and ``. _ - @``.
            role: What the person may do.
            unit: Code of a unit, for the township's role and no other.
            password: Changed at the first sign-in; by default a one-time password is made,
                unless the account is linked.
            issuer: Single sign-on that vouches for the person, with ``subject``.
            subject: The person's id there.

        Raises:
            ChoiceError: Name, role, unit, password or link cannot be taken.
            ConflictError: The name or link is taken.
            AccessError: The principal may not administer.
        """
        self._require_administrator()
        cleaned = require_name(name)
        if name_key(cleaned).startswith(SAMPLE_PREFIX):
            raise ChoiceError("account-name-wrong", name=cleaned)
        unit = self._require_role(role, unit)
        link = _require_link(issuer, subject)
        made = "" if password or link[0] else make_password()
        if password:
            require_password(password, cleaned)
        chosen = password or made
        stored = self._hash(chosen) if chosen else ""
        values = {
            "role": role,
            "unit": unit,
            "password_hash": stored,
            "must_change": bool(stored),
            "sample": False,
            "issuer": link[0],
            "subject": link[1],
            "created_at": self.desk.now(),
            "created_by": self.desk.principal.name,
        }
        with self.desk.store.writing() as rows:
            if rows.find(cleaned):
                raise ConflictError("account-exists", name=cleaned)
            _require_free_link(rows, link, None)
            account = rows.add(cleaned, values)
        self._note("account_created", account, role=role, unit=unit)
        return NewAccount(account, made)

    def change_role(self, name: str, role: Role, *, unit: str = "") -> Account:
        """Give an account another role; its sessions end.

        Raises:
            NotFoundError: There is no such account.
            ChoiceError: The role or unit cannot be taken.
            ConflictError: It is the last administrator.
            AccessError: The principal may not administer.
        """
        self._require_administrator()
        unit = self._require_role(role, unit)
        with self.desk.store.writing() as rows:
            account = self._require_account(rows, name)
            if role != "administrator":
                self._require_another_administrator(rows, account)
            changed = rows.change(account, role=role, unit=unit)
        before = {"role_before": account.role, "unit_before": account.unit}
        self._note("account_role_changed", changed, role=role, unit=unit, **before)
        return changed

    def disable(self, name: str) -> Account:
        """Shut an account; its sessions end, and its name stays taken.

        Raises:
            NotFoundError: There is no such account.
            ConflictError: It is the last administrator.
            AccessError: The principal may not administer.
        """
        self._require_administrator()
        with self.desk.store.writing() as rows:
            account = self._require_account(rows, name)
            self._require_another_administrator(rows, account)
            changed = rows.change(account, disabled=True)
        self._note("account_disabled", changed)
        return changed

    def enable(self, name: str) -> Account:
        """Open an account again.

        Raises:
            NotFoundError: There is no such account.
            AccessError: The principal may not administer.
        """
        self._require_administrator()
        with self.desk.store.writing() as rows:
            changed = rows.change(self._require_account(rows, name), disabled=False)
        self._note("account_enabled", changed)
        return changed

    def reset_password(self, name: str, password: str = "") -> NewAccount:
        """Set a password that must be changed at the next sign-in; all sessions end.

        Args:
            name: Of the account.
            password: By default a one-time password is made.

        Raises:
            NotFoundError: There is no such account.
            ChoiceError: The password may not be chosen.
            AccessError: The principal may not administer, or it is a sample account.
        """
        self._require_administrator()
        with self.desk.store.reading() as rows:
            account = self._require_account(rows, name)
        if account.sample:
            raise AccessError("account-sample-password")
        if password:
            require_password(password, account.name)
        made = "" if password else make_password()
        stored = self._hash(password or made)
        with self.desk.store.writing() as rows:
            changed = rows.change(account, password_hash=stored, must_change=True)
        self._note("account_reset", changed)
        return NewAccount(changed, made)

    def link(self, name: str, issuer: str, subject: str) -> Account:
        """Link an account to a person of a single sign-on, ``""`` and ``""`` to none.

        Raises:
            NotFoundError: There is no such account.
            ChoiceError: Only one of the two is given, or it is too long.
            ConflictError: Another account is linked to this person.
            AccessError: The principal may not administer, or it is a sample account.
        """
        self._require_administrator()
        link = _require_link(issuer, subject)
        with self.desk.store.writing() as rows:
            account = self._require_account(rows, name)
            if account.sample:
                raise AccessError("account-sample-password")
            _require_free_link(rows, link, account)
            changed = rows.change(account, issuer=link[0], subject=link[1])
        self._note("account_linked", changed, issuer=issuer, id=subject)
        return changed

    def sessions(self, name: str) -> tuple[Session, ...]:
        """List the open sessions of an account, last used first; everybody may list own ones.

        Raises:
            NotFoundError: There is no such account.
            AccessError: It is somebody else's, and the principal may not administer.
        """
        self._require_own(name)
        now = self.desk.now()
        with self.desk.store.reading() as rows:
            account = self._require_account(rows, name)
            found = [
                Session(
                    account,
                    account.principal,
                    account.must_change,
                    row.token_hash,
                    utc(row.signed_in),
                    utc(row.seen),
                    row.address,
                )
                for row in rows.sessions(account.id)
                if row.account_version == account.version
            ]
        return tuple(session for session in found if self._is_open(session, now))

    def sign_out_everywhere(self, account: Account | str) -> int:
        """End all sessions of an account; everybody may end own ones.

        Returns:
            How many there were.

        Raises:
            NotFoundError: There is no such account.
            AccessError: It is somebody else's, and the principal may not administer.
        """
        name = account if isinstance(account, str) else account.name
        self._require_own(name)
        with self.desk.store.writing() as rows:
            found = self._require_account(rows, name)
            ended = rows.end_sessions(found.id)
        self._note("signout_everywhere", found, sessions=ended)
        return ended

    def sample_accounts(self) -> tuple[SampleAccount, ...]:
        """List the sample accounts with their passwords; none but in the sample city."""
        if not self.desk.sample:
            return ()
        with self.desk.store.reading() as rows:
            found = [one for one in rows.listed() if one.sample and not one.disabled]
        by_role = sorted(found, key=lambda one: ACCOUNT_ROLES.index(one.role))
        return tuple(
            SampleAccount(one.name, one.role, one.unit, sample_password(one.role))
            for one in by_role
        )

    def make_sample_accounts(self, unit: str) -> None:
        """Make one account for each role, with passwords that everybody knows.

        Args:
            unit: Code of the unit of the township's account.

        Raises:
            AccessError: The principal may not administer, or this is not the sample city.
            ConflictError: There are accounts already.
        """
        self._require_administrator()
        if not self.desk.sample:
            raise AccessError("signin-sample")
        hashes = {role: self._hash(sample_password(role)) for role in ACCOUNT_ROLES}
        with self.desk.store.writing() as rows:
            if rows.any():
                raise ConflictError("setup-done")
            for role in ACCOUNT_ROLES:
                values = {
                    "role": role,
                    "unit": unit if role == "township" else "",
                    "password_hash": hashes[role],
                    "must_change": False,
                    "sample": True,
                    "created_at": self.desk.now(),
                    "created_by": self.desk.principal.name,
                }
                rows.add(f"{SAMPLE_PREFIX}{role}", values)
        self.desk.record(self.desk.principal.name, "account_samples_made", SAMPLE_PREFIX, {})

    def _require_administrator(self) -> None:
        require(self.desk.principal, "administer")

    def _require_own(self, name: str) -> None:
        if name_key(name) != name_key(self.desk.principal.name):
            self._require_administrator()

    def _require_account(self, rows: AccountRows, name: str) -> Account:
        found = rows.find(name)
        if found is None:
            raise NotFoundError("account-unknown", name=name[:_SHOWN])
        return found

    def _require_role(self, role: str, unit: str) -> str:
        """Check that a township has a unit and nobody else; give the unit."""
        if role not in ACCOUNT_ROLES:
            offered = ", ".join(ACCOUNT_ROLES)
            raise ChoiceError("choice-unknown", option="role", value=role[:_SHOWN], offered=offered)
        if (role == "township") != bool(unit):
            raise ChoiceError("account-unit-needed" if not unit else "account-unit-needless")
        if unit and unit not in self.desk.units():
            raise NotFoundError("unit-unknown", unit=unit[:_SHOWN])
        return unit

    def _require_another_administrator(self, rows: AccountRows, account: Account) -> None:
        if account.role != "administrator" or account.disabled:
            return
        if not rows.count_administrators(samples=self.desk.sample, but=account.id):
            raise ConflictError("account-last-administrator", name=account.name)

    def _hash(self, password: str) -> str:
        with self.desk.hasher.turn():
            return self.desk.hasher.hash(password)

    def _note(self, action: str, account: Account, **facts: object) -> None:
        self.desk.record(self.desk.principal.name, action, account.name, facts)


def sample_password(role: Role) -> str:
    """Give the password of a sample account, which is no secret."""
    return f"try-as-{role}"


def _require_link(issuer: str, subject: str) -> tuple[str | None, str | None]:
    given = issuer.strip(), subject.strip()
    if bool(given[0]) != bool(given[1]) or max(map(len, given)) > _LONGEST_LINK:
        raise ChoiceError("account-link-wrong", most=_LONGEST_LINK)
    return given if given[0] else (None, None)


def _require_free_link(
    rows: AccountRows, link: tuple[str | None, str | None], account: Account | None
) -> None:
    if link[0] is None or link[1] is None:
        return
    other = rows.find_external(link[0], link[1])
    if other is not None and (account is None or other.id != account.id):
        raise ConflictError("account-link-taken", name=other.name)
