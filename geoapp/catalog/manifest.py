"""The manifest of a snapshot: what it is, where it came from, what was done to it."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from geoapp.catalog.definition import Record
from geoapp.errors import CatalogError

Coverage = Literal["complete", "partial", "no_data"]


class Source(Record):
    """The file that a snapshot was made from.

    Attributes:
        file: Its name, without folders.
        sha256: Of the bytes as handed over; empty when there was no file.
        crs: The reference system that was found or stated.
        note: Key of the locale for generated data, for example ``source.sample``.
    """

    file: str = ""
    sha256: str = ""
    crs: str = ""
    note: str = ""


class Repair(Record):
    """One change made to a geometry at import.

    Attributes:
        row: Row in the source file, counted from 1.
        problem: Key of the locale.
        before_m2: Official area before, ``None`` when it could not be measured.
        after_m2: Official area after.
    """

    row: int
    problem: str
    before_m2: float | None
    after_m2: float


class Manifest(Record):
    """What a snapshot is.

    Attributes:
        area_m2: Official area of all features.
        length_m: Length of all features of a layer of lines. Zero is not written, so that
            snapshots of other layers keep their content and with it their name.
        scale: Denominator of the scale that the data was compiled at; 0 where nobody said.
            Zero is not written either.
        problems: What validation found: code of the problem → number of features, without
            notes on how the file was read; empty is not written.
        rejected: Rows of the file that were left out; zero is not written.
    """

    schema_version: Literal["geoapp.snapshot/1"] = "geoapp.snapshot/1"
    layer: str
    as_of: date
    digest: str
    feature_count: int
    area_m2: float
    length_m: float = Field(default=0.0, exclude_if=lambda length: length == 0.0)
    bounds: tuple[float, float, float, float] | None
    sample: bool
    coverage: dict[str, Coverage]
    source: Source
    repairs: tuple[Repair, ...] = ()
    unmapped_fields: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()
    importer: str
    scale: int = Field(default=0, ge=0, exclude_if=lambda scale: scale == 0)
    problems: dict[str, int] = Field(default={}, exclude_if=lambda found: not found)
    rejected: int = Field(default=0, ge=0, exclude_if=lambda count: count == 0)

    def content_hash(self) -> str:
        """Give the hash that names a snapshot: of the features and all that is said of them."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def name(self) -> str:
        """Name of the snapshot: its date and the beginning of its hash."""
        return f"{self.as_of.isoformat()}-{self.content_hash()[:12]}"


def read_manifest(path: Path) -> Manifest:
    """Read ``manifest.json``.

    Raises:
        CatalogError: It is missing or damaged.
    """
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CatalogError("snapshot-damaged", file=str(path.parent.name)) from error
