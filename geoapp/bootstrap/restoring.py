"""Bringing a city back from a backup, and proving that it is the one that was backed up."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoapp.bootstrap.workspace import Workspace
from geoapp.errors import ConflictError
from geoapp.keeping.doctor import Examination
from geoapp.keeping.record import BackupRecord
from geoapp.keeping.restoring import restore_backup
from geoapp.settings import Settings
from geoapp.values import Progress, no_progress, part_of

_COPIED, _INDEXED = 0.4, 0.85


@dataclass(frozen=True, slots=True)
class Restored:
    """A city that was brought back.

    Attributes:
        examination: What the doctor says of it.
    """

    workspace: Workspace
    record: BackupRecord
    examination: Examination

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.restore/1``."""
        return {
            "schema": "geoapp.restore/1",
            "folder": str(self.workspace.folder),
            "backup": self.record.to_json(),
            "doctor": self.examination.to_json(),
        }


def restore_workspace(
    backup: Path,
    folder: Path,
    *,
    settings: Settings | None = None,
    progress: Progress = no_progress,
) -> Restored:
    """Restore a backup, make again what it leaves out, and compare it with what it was.

    Args:
        backup: The backup.
        folder: The workspace; absent or empty.
        settings: By default from the environment; a database it names must be empty.
        progress: Told how far it is.

    Raises:
        NotFoundError: The folder is no backup.
        ConflictError: The backup is damaged, of a newer version, or the place is not empty.
        FileError: The place cannot be written.
    """
    settings = settings or Settings()
    part = part_of(progress, 0.0, _COPIED)
    record = restore_backup(backup, folder, settings.database_url, part)
    workspace = Workspace.open(folder, settings=settings)
    _require_equal(workspace, record)
    workspace.index(progress=part_of(progress, _COPIED, _INDEXED))
    workspace.record(
        "restore", record.name, audit_head=record.audit_head, made_at=record.made_at.isoformat()
    )
    examination = workspace.examine(repair=True, progress=part_of(progress, _INDEXED, 1.0))
    return Restored(workspace, record, examination)


def _require_equal(workspace: Workspace, record: BackupRecord) -> None:
    """Stop when the city is not the one that was backed up."""
    state = workspace.verify_audit()
    found = {
        layer: (snapshot.name, snapshot.manifest.feature_count, snapshot.manifest.area_m2)
        for layer, snapshot in workspace.store.current().items()
        if layer in record.layers
    }
    kept = {
        layer: (one.snapshot, one.feature_count, one.area_m2)
        for layer, one in record.layers.items()
    }
    if state.head != record.audit_head or found != kept:
        raise ConflictError("restore-unequal", backup=record.name)
