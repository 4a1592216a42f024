"""Bringing a backup back, into an empty place only, whole or not at all."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Final

from geoapp.catalog.disk import sync_folder, worded_disk
from geoapp.database.migration import known_revisions
from geoapp.errors import ConflictError
from geoapp.keeping.contents import REGISTER, is_secret
from geoapp.keeping.copying import copy_hashed
from geoapp.keeping.record import FILES, BackupRecord, read_record, read_sums
from geoapp.keeping.storage_copy import copy_in
from geoapp.values import Progress, no_progress

RESTORING: Final = ".restoring-"


def restore_backup(
    backup: Path, folder: Path, database_url: str = "", progress: Progress = no_progress
) -> BackupRecord:
    """Make a workspace of a backup; what can be made again is not there yet.

    Args:
        backup: The backup; every file is compared with its checksum on the way.
        folder: The workspace; absent or empty.
        database_url: Where the register goes; ``""``: into the workspace.
        progress: Told how far it is; whatever it raises ends the work, nothing is left.

    Raises:
        NotFoundError: The folder is no backup.
        ConflictError: The backup is damaged (the file is named) or of a newer version, or the
            place or the register is not empty.
        FileError: The place cannot be written.
    """
    record, sums = read_record(backup), read_sums(backup)
    if record.revision not in known_revisions():
        raise ConflictError("backup-too-new", backup=backup.name, version=record.version)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError("workspace-exists", folder=str(folder))
    temporary = folder.with_name(f"{RESTORING}{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with worded_disk(folder):
            (temporary / "layers").mkdir(parents=True, mode=0o750)
        for step, (place, digest) in enumerate(sums.items()):
            progress("restore.copying", step / len(sums))
            if place == REGISTER or place.startswith(f"{FILES}/"):
                _bring(backup, place, digest, temporary)
        progress("restore.register", 1.0)
        if database_url:
            copy_in(temporary / REGISTER, database_url)
            (temporary / REGISTER).unlink()
        with worded_disk(folder):
            for path in [temporary, *(p for p in temporary.rglob("*") if p.is_dir())]:
                sync_folder(path)
            if folder.exists():
                folder.rmdir()
            temporary.rename(folder)
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return record


def _bring(backup: Path, place: str, digest: str, temporary: Path) -> None:
    mode = 0o600 if is_secret(place) else 0o640
    try:
        found, _ = copy_hashed(
            backup / place, temporary / place.removeprefix(f"{FILES}/"), mode=mode
        )
    except FileNotFoundError:
        found = ""
    if found != digest:
        raise ConflictError("backup-damaged", backup=backup.name, file=place)
