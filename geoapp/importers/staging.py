"""The folder of staged imports: written whole or not at all, swept when nobody wants them.

``staging/<id>/`` holds ``staged.json`` (report, difference, who and when), ``snapshot/`` (all
that the snapshot will be, measured), ``difference.parquet`` (features for the map) and
``rejected.gpkg``.
"""

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import geopandas as gpd
from pydantic import TypeAdapter, ValidationError

from geoapp.catalog.difference import SnapshotDifference
from geoapp.catalog.disk import sync_folder, worded_disk, write_synced
from geoapp.errors import NotFoundError
from geoapp.importers.report import ImportReport
from geoapp.importers.staged import StagedImport

KEPT_FOR: Final = timedelta(days=14)
SNAPSHOT: Final = "snapshot"
_RECORD: Final = "staged.json"
_FEATURES: Final = "difference.parquet"
_TEMPORARY: Final = ".staging-"
_ABANDONED_AFTER_S: Final = 6 * 3600
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*-\d{8}-\d{6}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class StagedRecord:
    """What is written of a staged import.

    Attributes:
        name: Name that the snapshot will have; ``""`` when it was refused.
        signature: What tells such files from others.
        mapping: Field of the file → canonical field, as a person stated it.
    """

    staged_at: datetime
    staged_by: str
    report: ImportReport
    difference: SnapshotDifference | None
    name: str
    signature: str
    mapping: dict[str, str]


_RECORDS: Final = TypeAdapter(StagedRecord)


class StagingArea:
    """The staged imports of one workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def new_folder(self) -> Iterator[Path]:
        """Give a folder to stage in; whatever is left in it at the end is removed.

        Raises:
            FileError: The disk cannot be written.
        """
        temporary = self._folder / f"{_TEMPORARY}{secrets.token_hex(8)}"
        with worded_disk(self._folder):
            temporary.mkdir(parents=True)
        try:
            yield temporary
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def keep(self, temporary: Path, record: StagedRecord) -> StagedImport:
        """Write the record and make a staged import of a folder, in one rename.

        Raises:
            FileError: The disk cannot be written.
        """
        at = record.staged_at.astimezone(UTC)
        name = f"{record.report.layer}-{at:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        difference = record.difference
        with worded_disk(self._folder):
            if difference is not None and difference.features is not None:
                difference.features.to_parquet(temporary / _FEATURES)
                record = replace(record, difference=replace(difference, features=None))
            write_synced(temporary / _RECORD, _RECORDS.dump_json(record))
            sync_folder(temporary)
            temporary.rename(self._folder / name)
            sync_folder(self._folder)
        return self._to_import(name, replace(record, difference=difference))

    def list(self) -> list[StagedImport]:
        """List the staged imports, newest first; those too old are removed first."""
        self._sweep()
        found = []
        for folder in self._folder.glob("*"):
            if _NAME.fullmatch(folder.name):
                with suppress(NotFoundError):  # removed meanwhile, or damaged
                    found.append(self.require(folder.name))
        return sorted(found, key=lambda staged: staged.staged_at, reverse=True)

    def require(self, name: str) -> StagedImport:
        """Give a staged import with the features of its difference.

        Raises:
            NotFoundError: There is none of that id.
        """
        return self._to_import(name, self._with_features(name, self.require_record(name)))

    def require_record(self, name: str) -> StagedRecord:
        """Give what was written of a staged import.

        Raises:
            NotFoundError: There is none of that id.
        """
        try:
            if _NAME.fullmatch(name):
                return _RECORDS.validate_json((self._folder / name / _RECORD).read_bytes())
        except (OSError, ValidationError) as error:
            raise NotFoundError("staged-unknown", staged=name) from error
        raise NotFoundError("staged-unknown", staged=name)

    def folder_of(self, name: str) -> Path:
        """Give the folder of a staged import that is there."""
        return self._folder / name

    def remove(self, name: str) -> None:
        """Throw a staged import away.

        Raises:
            NotFoundError: There is none of that id.
            FileError: It cannot be removed.
        """
        self.require_record(name)
        gone = self._folder / f"{_TEMPORARY}{secrets.token_hex(8)}"
        with worded_disk(self._folder):
            (self._folder / name).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def _to_import(self, name: str, record: StagedRecord) -> StagedImport:
        return StagedImport(
            id=name,
            staged_at=record.staged_at,
            staged_by=record.staged_by,
            expires_at=record.staged_at + KEPT_FOR,
            report=record.report,
            difference=record.difference,
            folder=self._folder / name,
        )

    def _with_features(self, name: str, record: StagedRecord) -> StagedRecord:
        path = self._folder / name / _FEATURES
        if record.difference is None or not path.is_file():
            return record
        features = gpd.read_parquet(path)
        return replace(record, difference=replace(record.difference, features=features))

    def _sweep(self) -> None:
        """Remove what killed processes left and what nobody published in time."""
        now = datetime.now(UTC)
        for folder in self._folder.glob("*"):
            with suppress(OSError, NotFoundError):  # another process may sweep at the same time
                if folder.name.startswith(_TEMPORARY):
                    old = time.time() - folder.stat().st_mtime > _ABANDONED_AFTER_S
                else:
                    old = self.require_record(folder.name).staged_at + KEPT_FOR < now
                if old:
                    shutil.rmtree(folder, ignore_errors=True)
