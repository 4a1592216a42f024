"""What keeps a city from being lost: its audit trail, backups, and the doctor."""

import time
from pathlib import Path

from geoapp.access.policy import Principal, require
from geoapp.bootstrap.acting import common_property
from geoapp.bootstrap.publication import Publication
from geoapp.catalog.audit import AuditEntry, AuditState
from geoapp.catalog.storage_audit import AuditFilter
from geoapp.errors import AccessError, GeoAppError, NotFoundError
from geoapp.i18n import Lang, Text
from geoapp.keeping.backup import Origin, make_backup
from geoapp.keeping.doctor import Examination, examine, remove_leftovers
from geoapp.keeping.record import BackupRecord
from geoapp.keeping.verifying import BackupState, list_backups, verify_backup
from geoapp.reports.audit_content import audit_content
from geoapp.reports.content import Table
from geoapp.values import Progress, no_progress, part_of

MOST_EXPORTED = 1_000_000
_EXAMINED = 0.5
_REPEATED_AFTER_S = 60.0


class Keeping(Publication):
    """Audit, backup and health of a city; for administrators."""

    def audit_entries(
        self,
        wanted: AuditFilter = AuditFilter(),  # noqa: B008  frozen
        *,
        most: int = 100,
        offset: int = 0,
    ) -> list[AuditEntry]:
        """List entries of the audit trail, newest first.

        Raises:
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        return self.audit.entries(wanted, most=most, offset=offset)

    def count_audit(self, wanted: AuditFilter = AuditFilter()) -> int:  # noqa: B008  frozen
        """Count entries of the audit trail.

        Raises:
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        return self.audit.count(wanted)

    def audit_actions(self) -> list[str]:
        """List the actions that occur in the audit trail.

        Raises:
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        return self.audit.actions()

    def audit_table(
        self,
        wanted: AuditFilter = AuditFilter(),  # noqa: B008  frozen
        *,
        lang: Lang = "zh",
        most: int = MOST_EXPORTED,
    ) -> Table:
        """Give entries of the audit trail as a table, for a page or a file.

        Raises:
            AccessError: The principal may not administer.
        """
        entries = self.audit_entries(wanted, most=most)
        return audit_content(entries, lang, self.name_unit, sample=self.city.sample)

    def verify_audit(self) -> AuditState:
        """Check the chain of the audit trail; the first entry that does not fit is named.

        Raises:
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        return self.audit.verify()

    def record_refusal(self, error: GeoAppError) -> None:
        """Write into the audit trail that the principal was refused something.

        The same refusal of the same person is written once a minute: a page that is drawn
        again and again must not fill the trail. Nobody knows who the public is.
        """
        if not isinstance(error, AccessError) or self.principal.role == "public":
            return
        facts = {
            name: value.zh if isinstance(value, Text) else str(value)
            for name, value in error.facts.items()
        }
        subject = facts.get("action", error.code).removeprefix("@access.action_")
        key = (self.principal, error.code, subject)
        now = time.monotonic()
        if now - self._refusals.get(key, -_REPEATED_AFTER_S) < _REPEATED_AFTER_S:
            return
        self._refusals[key] = now
        detail = {name: value for name, value in facts.items() if not value.startswith("@")}
        self.record("refused", subject, result="refused", code=error.code, facts=detail)

    @common_property
    def _refusals(self) -> dict[tuple[Principal, str, str], float]:
        return {}

    @property
    def backups_folder(self) -> Path:
        """Where backups lie unless another place is named."""
        folder = self.folder.resolve()
        return self.settings.backups or folder.with_name(f"{folder.name}-backups")

    def backup(self, into: Path | None = None, progress: Progress = no_progress) -> BackupRecord:
        """Make a backup while the city is in use; see ``keeping.backup``.

        Raises:
            InputError: The backup would lie within the workspace.
            FileError: There is no room, or the folder cannot be written.
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        origin = Origin(self.folder, self.city, self._engine, self.principal.name)
        made = make_backup(origin, into or self.backups_folder, progress)
        self.record(
            "backup",
            made.name,
            files=made.files,
            size_bytes=made.size_bytes,
            doubts=len(made.doubts),
        )
        return made

    def backups(self) -> list[BackupRecord]:
        """List the backups in their usual place, newest first.

        Raises:
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        return list_backups(self.backups_folder)

    def verify_backup(self, name: str, progress: Progress = no_progress) -> BackupState:
        """Compare every file of a backup in the usual place with its checksum.

        Raises:
            NotFoundError: There is no such backup.
            ConflictError: What it says of itself cannot be read.
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        if name not in {record.name for record in self.backups()}:
            raise NotFoundError("backup-none", folder=name[:80])
        return verify_backup(self.backups_folder / name, progress)

    def examine(self, *, repair: bool = False, progress: Progress = no_progress) -> Examination:
        """Look for damage; with ``repair`` make again what can be, and look once more.

        Raises:
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        url = self.settings.database_url
        found = examine(self.folder, self.library, url, part_of(progress, 0.0, _EXAMINED))
        mendable = [symptom for symptom in found.symptoms if symptom.remedy]
        if not repair or not mendable:
            return found
        removed = remove_leftovers(self.folder)
        layers = {s.subject.split("/")[1:3][0] for s in mendable if s.remedy == "index"}
        names = sorted({tuple(s.subject.split("/")[1:3]) for s in mendable if s.remedy == "index"})
        for layer, name in names:
            self._make_again(layer, name)
        self.record("repair", "doctor", removed=removed, layers=sorted(layers))
        return examine(self.folder, self.library, url, part_of(progress, _EXAMINED, 1.0))

    def _make_again(self, layer: str, name: str) -> None:
        """Throw away what is derived of a snapshot and derive it anew."""
        snapshot = self.store.require_named(layer, name)
        self._discard_derived(snapshot)
        self._prepare(snapshot, no_progress)
