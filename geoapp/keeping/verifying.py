"""Whether a backup is still what was written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from geoapp.catalog.disk import digest_of
from geoapp.keeping.record import RECORD, SUMS, BackupRecord, read_record, read_sums
from geoapp.values import Progress, no_progress


@dataclass(frozen=True, slots=True)
class BackupFault:
    """A file of a backup that is not what was written."""

    file: str
    fault: Literal["missing", "changed", "unlisted"]


@dataclass(frozen=True, slots=True)
class BackupState:
    """What checking a backup found.

    Attributes:
        faults: Empty: every byte is what was written.
    """

    record: BackupRecord
    faults: tuple[BackupFault, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.backup_check/1``."""
        faults = [{"file": fault.file, "fault": fault.fault} for fault in self.faults]
        return {
            "schema": "geoapp.backup_check/1",
            "whole": not self.faults,
            "faults": faults,
            "backup": self.record.to_json(),
        }


def verify_backup(folder: Path, progress: Progress = no_progress) -> BackupState:
    """Compare every file of a backup with its checksum.

    Raises:
        NotFoundError: The folder is no backup.
        ConflictError: What it says of itself cannot be read.
    """
    record, sums = read_record(folder), read_sums(folder)
    faults = []
    for step, (place, digest) in enumerate(sums.items()):
        progress("backup.verifying", step / len(sums))
        path = folder / place
        if not path.is_file():
            faults.append(BackupFault(place, "missing"))
        elif digest_of(path) != digest:
            faults.append(BackupFault(place, "changed"))
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    unlisted = sorted(there - sums.keys() - {SUMS, RECORD})
    faults += [BackupFault(place, "unlisted") for place in unlisted]
    progress("backup.done", 1.0)
    return BackupState(record, tuple(faults))


def list_backups(into: Path) -> list[BackupRecord]:
    """List the backups of a folder, newest first; what cannot be read is left out."""
    found = [
        BackupRecord.model_validate_json((folder / RECORD).read_bytes())
        for folder in into.glob("*")
        if not folder.name.startswith(".") and (folder / RECORD).is_file()
    ]
    return sorted(found, key=lambda record: record.made_at, reverse=True)
