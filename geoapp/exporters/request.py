"""What to write, in which form and in which reference system."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from geoapp.errors import ChoiceError
from geoapp.geometry.crs import GEOGRAPHIC, gauss_crs
from geoapp.i18n import Lang, Text

Format = Literal[
    "geopackage",
    "shapefile",
    "geojson",
    "geoparquet",
    "kml",
    "dxf",
    "boundary_text",
    "workbook",
]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
Encoding = Literal["gbk", "utf-8"]
AUTO: Final = "auto"
SUFFIXES: Final[dict[Format, str]] = {
    "geopackage": ".gpkg",
    "shapefile": ".zip",
    "geojson": ".geojson",
    "geoparquet": ".parquet",
    "kml": ".kml",
    "dxf": ".dxf",
    "boundary_text": ".txt",
    "workbook": ".xlsx",
}
# These are degrees by definition, or metres by nature.
_ONLY_DEGREES: Final = frozenset({"geojson", "kml"})
_ONLY_METRES: Final = frozenset({"dxf", "boundary_text"})


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """How features are to be written.

    Attributes:
        format: The form of the file.
        crs: ``auto``: degrees, and for drawings and boundary texts the city's Gauss plane with
            zone prefix; or ``EPSG:4490``, or one of the two names of the city's plane.
        official_names: Under the field names of the official databases.
        encoding: Of the texts of a shapefile.
    """

    format: Format
    lang: Lang
    crs: str = AUTO
    official_names: bool = False
    encoding: Encoding = "gbk"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the features come from, for what is written beside them.

    Attributes:
        city: Name of the city.
        zone: Its 3-degree zone.
        sample: Whether the data is synthetic; marked in every file.
        statements: Label and text: snapshot, date, source, extent.
        actor: Who asked for it.
        day: ISO date on which it is written.
    """

    city: Text
    zone: int
    sample: bool
    statements: tuple[tuple[str, str], ...] = ()
    actor: str = ""
    day: str = ""


def read_format(value: str, path: Path | None = None) -> Format:
    """Read a format by its name, or off the suffix of a file when the name is ``auto``.

    Raises:
        ChoiceError: It is none of ``FORMATS``, or the suffix belongs to none.
    """
    if value == AUTO and path is not None:
        suffix = path.suffix.lower()
        for name, own in SUFFIXES.items():
            if suffix == own:
                return name
        raise ChoiceError(
            "choice-unknown", option="output", value=path.name, offered=" ".join(SUFFIXES.values())
        )
    for name in FORMATS:
        if value == name:
            return name
    raise ChoiceError("choice-unknown", option="format", value=value, offered=", ".join(FORMATS))


def offered_crs(form: Format, zone: int) -> tuple[str, ...]:
    """List the systems that a format can be written in, the usual one first."""
    prefixed, plain = gauss_crs(zone, prefixed=True), gauss_crs(zone)
    if form in _ONLY_DEGREES:
        return (GEOGRAPHIC,)
    if form in _ONLY_METRES:
        return (prefixed, plain)
    return (GEOGRAPHIC, prefixed, plain)


def require_target_crs(value: str, form: Format, zone: int) -> str:
    """Give the system to write in.

    Raises:
        ChoiceError: The format is not written in it, or the city has no such plane.
    """
    offered = offered_crs(form, zone)
    if value == AUTO:
        return offered[0]
    name = f"EPSG:{value}" if value.isdigit() else value.upper()
    if name not in offered:
        raise ChoiceError("choice-unknown", option="crs", value=value, offered=", ".join(offered))
    return name
