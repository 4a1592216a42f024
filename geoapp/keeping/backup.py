"""Making a backup while the city is in use: the register first, then the files it names."""

import os
import secrets
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from geoapp.catalog.city import City
from geoapp.catalog.disk import digest_of, sync_folder, worded_disk, write_synced
from geoapp.catalog.stored import FEATURES, MANIFEST, Snapshot
from geoapp.database.migration import find_revision
from geoapp.errors import ConflictError, FileError, InputError
from geoapp.keeping.contents import ATTACHMENTS, LAYERS, REGISTER, is_secret, iter_contents
from geoapp.keeping.copying import copy_hashed
from geoapp.keeping.record import FILES, RECORD, SUMS, BackupRecord, Doubt, KeptLayer, sums_text
from geoapp.keeping.storage_copy import copy_out, count_rows, opened_register
from geoapp.keeping.storage_facts import (
    Engine,
    check_audit,
    read_case_head,
    read_current,
    read_digests,
)
from geoapp.values import Progress, no_progress

TEMPORARY: Final = ".backing-up-"
ABANDONED_AFTER_S: Final = 3600
_ATTEMPTS: Final = 3
_REGISTER_SHARE: Final = 0.05


class _SweptError(Exception):
    """A snapshot was retired while it was to be copied: the copy of the register is too old."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The city that is backed up.

    Attributes:
        engine: Its register.
        actor: Who makes the backup.
    """

    folder: Path
    city: City
    engine: Engine
    actor: str


def make_backup(origin: Origin, into: Path, progress: Progress = no_progress) -> BackupRecord:
    """Make a backup as a new folder, whole or not at all.

    Args:
        origin: The city.
        into: Where backups lie; it is made where it is missing.
        progress: Told how far it is; whatever it raises ends the work, nothing is left.

    Raises:
        InputError: The backup would lie within the workspace.
        FileError: There is no room, or the folder cannot be written.
        ConflictError: The register cannot be read.
    """
    if into.resolve().is_relative_to(origin.folder.resolve()):
        raise InputError("backup-inside", folder=str(into))
    with worded_disk(into):
        into.mkdir(parents=True, exist_ok=True)
    sweep_backups(into)
    for attempt in range(_ATTEMPTS):
        temporary = into / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
        try:
            with worded_disk(into):
                (temporary / FILES).mkdir(parents=True, mode=0o750)
            record = _fill(origin, temporary, progress)
            with worded_disk(into):
                temporary.rename(into / record.name)
                sync_folder(into)
        except _SweptError:
            if attempt == _ATTEMPTS - 1:
                raise ConflictError("backup-unsettled") from None
        else:
            progress("backup.done", 1.0)
            return record
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    raise AssertionError


def sweep_backups(into: Path) -> None:
    """Remove what killed backups left, once nobody can still be writing it."""
    for left in into.glob(f"{TEMPORARY}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > ABANDONED_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)


def _fill(origin: Origin, temporary: Path, progress: Progress) -> BackupRecord:
    progress("backup.register", 0.0)
    copied = temporary / REGISTER
    copy_out(origin.engine, copied)
    copied.chmod(0o640)
    with opened_register(copied) as engine:
        digests, current, rows = read_digests(engine), read_current(engine), count_rows(engine)
        audit_head, cases_head = check_audit(engine).head, read_case_head(engine)
        revision = find_revision(engine) or ""
    places = list(iter_contents(origin.folder, digests))
    _require_room(origin.folder, places, temporary)
    sums, size, doubts = _copy_files(origin, temporary, places, digests, progress)
    sums[REGISTER] = digest_of(copied)
    at = datetime.now(UTC)
    record = BackupRecord(
        name=f"{origin.city.code}-{at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        made_at=at,
        made_by=origin.actor,
        version=version("geoapp"),
        revision=revision,
        database=origin.engine.dialect.name,
        city=origin.city.code,
        city_name=dict(origin.city.name),
        sample=origin.city.sample,
        layers=_kept_layers(temporary / FILES, current),
        rows=rows,
        audit_head=audit_head,
        cases_head=cases_head,
        files=len(sums),
        size_bytes=size + copied.stat().st_size,
        doubts=tuple(doubts),
    )
    with worded_disk(temporary):
        content = record.model_dump_json(indent=1).encode()
        write_synced(temporary / RECORD, content)
        sums[RECORD] = digest_of(temporary / RECORD)
        write_synced(temporary / SUMS, sums_text(sums).encode())
        for folder in [temporary, *(path for path in temporary.rglob("*") if path.is_dir())]:
            sync_folder(folder)
    return record


def _copy_files(
    origin: Origin,
    temporary: Path,
    places: Sequence[str],
    digests: dict[tuple[str, str], str],
    progress: Progress,
) -> tuple[dict[str, str], int, list[Doubt]]:
    """Copy files; say which are not what they should be."""
    sums: dict[str, str] = {}
    doubts: list[Doubt] = []
    total = 0
    for step, place in enumerate(places):
        progress("backup.copying", _REGISTER_SHARE + (1 - _REGISTER_SHARE) * step / len(places))
        mode = 0o600 if is_secret(place) else 0o640
        try:
            digest, size = copy_hashed(origin.folder / place, temporary / FILES / place, mode=mode)
        except FileNotFoundError:
            if place.startswith(f"{LAYERS}/"):
                _require_still_named(origin.engine, place)
                doubts.append(Doubt(file=place, fault="missing"))
            continue  # anything else was removed meanwhile, and nothing names it
        sums[f"{FILES}/{place}"] = digest
        total += size
        expected = _expected(place, digests)
        if expected and digest != expected:
            doubts.append(Doubt(file=place, fault="changed"))
    return sums, total, doubts


def _expected(place: str, digests: dict[tuple[str, str], str]) -> str:
    """Give the hash that a file must have by its name or by the register; ``""``: not known."""
    parts = place.split("/")
    if parts[0] == LAYERS and parts[-1] == FEATURES:
        return digests[parts[1], parts[2]]
    return parts[1] if parts[0] == ATTACHMENTS and len(parts) == 2 else ""


def _require_still_named(engine: Engine, place: str) -> None:
    """Stop when a snapshot is gone because it was retired since the register was copied."""
    _, layer, name, _ = place.split("/")
    if (layer, name) not in read_digests(engine):
        raise _SweptError


def _kept_layers(files: Path, current: dict[str, str]) -> dict[str, KeptLayer]:
    kept = {}
    for layer, name in sorted(current.items()):
        snapshot = Snapshot(layer, name, files / LAYERS / layer / name)
        if (snapshot.folder / MANIFEST).is_file():
            said = snapshot.manifest
            kept[layer] = KeptLayer(
                snapshot=name,
                feature_count=said.feature_count,
                area_m2=said.area_m2,
                length_m=said.length_m,
            )
    return kept


def _require_room(folder: Path, places: Sequence[str], target: Path) -> None:
    needed = sum((folder / place).stat().st_size for place in places if (folder / place).is_file())
    free = shutil.disk_usage(target).free
    if free < needed * 1.05:
        mebibytes = 2**20
        raise FileError("backup-no-room", needed=needed // mebibytes + 1, free=free // mebibytes)
