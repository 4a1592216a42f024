"""What the worker is asked to do, and the data set that it is done with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from geoapp.errors import ChoiceError, FileError

AUTO: Final = "auto"
MOST_FEATURES: Final = 5_000_000
MOST_FIELDS: Final = 500
MOST_VERTICES: Final = 500_000  # of one feature

Kind = Literal[
    "shapefile",
    "filegdb",
    "geopackage",
    "geojson",
    "geoparquet",
    "kml",
    "dxf",
    "boundary_text",
    "boundary_table",
    "postgis",
]
Task = Literal["read", "list", "encodings"]


@dataclass(frozen=True, slots=True)
class Job:
    """One order to the worker.

    Attributes:
        task: Read the features, list what there is to choose from, or try encodings.
        paths: The file, the folder, or the files that were handed over together.
        scratch: Empty folder of this job alone.
        sublayer: Which layer, ``""`` where the caller named none.
        encoding: Stated text encoding, or ``auto``.
        rebuild_index: Make the missing ``.shx`` of a shapefile again.
        url: Database to read from, instead of paths.
    """

    task: Task
    paths: tuple[Path, ...]
    scratch: Path
    sublayer: str = ""
    encoding: str = AUTO
    rebuild_index: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One data set, placed in the scratch folder under our own names.

    Attributes:
        kind: Which reader reads it.
        name: How the file is called where a person is told about it.
        path: The file or folder in the scratch folder.
        job: The order that it belongs to; its ``sublayer`` is one inside this data set.
    """

    kind: Kind
    name: str
    path: Path
    job: Job


@dataclass(frozen=True, slots=True)
class Sublayer:
    """One layer that can be chosen.

    Attributes:
        name: What to state as ``sublayer``.
        geometry: Kind of geometry as the file states it; ``""`` when it does not.
        count: Number of features, ``None`` when only reading would tell.
    """

    name: str
    geometry: str
    count: int | None


def choose(names: list[str], wanted: str, file: str) -> str:
    """Pick the layer that was named, or the only one there is.

    Raises:
        FileError: There is none.
        ChoiceError: Several and none was named, or the named one is not there.
    """
    if not names:
        raise FileError("file-without-geometry", file=file)
    if wanted and wanted not in names:
        raise ChoiceError(
            "choice-unknown", option="sublayer", value=wanted, offered=", ".join(names)
        )
    if len(names) > 1 and not wanted:
        raise ChoiceError("file-many-layers", file=file, offered=", ".join(names))
    return wanted or names[0]
