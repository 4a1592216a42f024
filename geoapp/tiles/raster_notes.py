"""What an office writes about its rasters in ``rasters/rasters.toml``; the file is optional.

Without a note, kind, date and title are read off the file itself.
"""

import re
import tomllib
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator

from geoapp.catalog.definition import Record
from geoapp.catalog.parsing import named_faults
from geoapp.i18n import Text

NOTES_FILE: Final = "rasters.toml"
RasterKind = Literal["dem", "imagery"]
_DATE: Final = r"^((19|20)\d{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?$"
_DATE_IN_NAME: Final = re.compile(
    r"(?<!\d)((?:19|20)\d{2})(?:[-_]?(0[1-9]|1[0-2])(?:[-_]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)


class RasterNote(Record):
    """What is said about one file.

    Attributes:
        file: Name of the file in the folder.
        kind: ``dem`` or ``imagery``; empty: read off the bands.
        date: Day, month or year of the survey or flight; empty: read off the file.
        nodata: Value of pixels that show nothing; absent: as the file says.
    """

    file: str = Field(min_length=1)
    kind: Literal["", "dem", "imagery"] = ""
    title: Text | None = None
    date: str = Field(default="", pattern=_DATE)
    nodata: float | None = None


class RasterNotes(Record):
    """The file as a whole."""

    raster: tuple[RasterNote, ...] = ()

    @model_validator(mode="after")
    def _once_each(self) -> "RasterNotes":
        names = [note.file for note in self.raster]
        if len(set(names)) != len(names):
            message = f"{max(names, key=names.count)} stands twice"
            raise ValueError(message)
        return self


def read_notes(folder: Path) -> dict[str, RasterNote]:
    """Read the notes of a folder of rasters, by file name; none when there is no file.

    Raises:
        CatalogError: The file is wrong; named with key and reason.
    """
    path = folder / NOTES_FILE
    if not path.is_file():
        return {}
    with named_faults(path):
        notes = RasterNotes.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    return {note.file: note for note in notes.raster}


def find_date(stem: str, written: str) -> str:
    """Find the date of a raster: in its name, else where the file says when it was written.

    The name goes first because a TIFF's own date is often that of the last processing; a
    fuller date of the file is taken when it agrees with the name.

    Args:
        stem: File name without extension.
        written: The tag ``TIFFTAG_DATETIME``, ``2021:07:01 00:00:00``, or ``""``.

    Returns:
        ``2021``, ``2021-07``, ``2021-07-01`` or ``""``.

    >>> find_date("imagery-2021", "2021:07:01 00:00:00"), find_date("dom_202307", "")
    ('2021-07-01', '2023-07')
    >>> find_date("imagery-2021", "2024:01:31 09:00:00"), find_date("dem_4546", "")
    ('2021', '')
    """
    found = _DATE_IN_NAME.search(stem)
    named = "-".join(part for part in found.groups() if part) if found else ""
    tagged = written[:10].replace(":", "-")
    if not re.fullmatch(_DATE, tagged):
        tagged = ""
    return tagged if tagged.startswith(named) and tagged else named
