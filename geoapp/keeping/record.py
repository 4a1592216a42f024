"""What a backup says of itself: ``backup.json``, and the checksums of its files."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from pydantic import ValidationError

from geoapp.catalog.definition import Record
from geoapp.errors import ConflictError, NotFoundError

RECORD: Final = "backup.json"
SUMS: Final = "manifest.sha256"
FILES: Final = "files"


class KeptLayer(Record):
    """The current snapshot of a layer when the backup was made."""

    snapshot: str
    feature_count: int
    area_m2: float
    length_m: float


class Doubt(Record):
    """A file that was not what the register says, already when the backup was made."""

    file: str
    fault: Literal["missing", "changed"]


class BackupRecord(Record):
    """What a backup is.

    Attributes:
        version: Version of the product that made it.
        revision: Schema of its register.
        database: What the city's register ran on.
        layers: Current snapshots, by layer.
        rows: Rows of each table of the register.
        audit_head: Hash of the newest audit entry, to show a trail that is cut off later.
        cases_head: Hash of the newest event of the cases.
        files: How many files there are, besides these two.
        doubts: What was damaged in the workspace already.
    """

    schema_version: Literal["geoapp.backup/1"] = "geoapp.backup/1"
    name: str
    made_at: datetime
    made_by: str
    version: str
    revision: str
    database: str
    city: str
    city_name: dict[str, str]
    sample: bool
    layers: dict[str, KeptLayer]
    rows: dict[str, int]
    audit_head: str
    cases_head: str
    files: int
    size_bytes: int
    doubts: tuple[Doubt, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.backup/1``."""
        found = self.model_dump(mode="json")
        return {"schema": found.pop("schema_version"), **found}


def read_record(folder: Path) -> BackupRecord:
    """Read what a backup says of itself.

    Raises:
        NotFoundError: The folder is no backup.
        ConflictError: It is damaged.
    """
    path = folder / RECORD
    if not path.is_file():
        raise NotFoundError("backup-none", folder=str(folder))
    try:
        return BackupRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConflictError("backup-damaged", backup=folder.name, file=RECORD) from error


def read_sums(folder: Path) -> dict[str, str]:
    """Read the checksums: place within the backup → SHA-256.

    Raises:
        ConflictError: They are missing, damaged, or name a place outside the backup.
    """
    damaged = ConflictError("backup-damaged", backup=folder.name, file=SUMS)
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise damaged from error
    sums = {}
    for line in lines:
        digest, gap, place = line[:64], line[64:66], line[66:]
        path = PurePosixPath(place)
        if gap != "  " or not place or path.is_absolute() or ".." in path.parts:
            raise damaged
        sums[place] = digest
    if RECORD not in sums:
        raise damaged
    return sums


def sums_text(sums: Mapping[str, str]) -> str:
    """Write checksums as ``sha256sum --check`` reads them."""
    return "".join(f"{digest}  {place}\n" for place, digest in sorted(sums.items()))
