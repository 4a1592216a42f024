"""The city that a workspace belongs to, as data.

``city.toml`` holds names, codes, reference system, extent, unit files, reported figures and
basemaps: nothing about one city stands in code.
"""

import csv
import io
import re
import tomllib
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from geoapp.catalog.definition import UNIT_LEVELS, Record
from geoapp.catalog.parsing import named_faults
from geoapp.errors import CatalogError, FileError
from geoapp.geometry.crs import gauss_zone
from geoapp.i18n import Text
from geoapp.values import Extent


class Box(Record):
    """The rectangle that holds the city, degrees CGCS2000."""

    west: float = Field(ge=70, le=140)
    south: float = Field(ge=0, le=56)
    east: float = Field(ge=70, le=140)
    north: float = Field(ge=0, le=56)

    @model_validator(mode="after")
    def _ordered(self) -> "Box":
        if self.west >= self.east or self.south >= self.north:
            message = "west must be less than east and south less than north"
            raise ValueError(message)
        return self

    def to_extent(self) -> Extent:
        """Give the plain value."""
        return Extent(self.west, self.south, self.east, self.north)


class UnitFiles(Record):
    """Files beside ``city.toml`` that name the units.

    Attributes:
        names: CSV with columns code, name, level, parent and optionally name_en.
        outline: Vector file of the district outlines, fields ``code`` and ``name``; optional.
        as_of: Day from which the outlines are good for statistics.
        source: Where they come from and how good they are.
    """

    names: str
    as_of: date = date(2000, 1, 1)
    outline: str = ""
    source: Text


class ReportedFigure(Record):
    """A figure that the city reported, kept word for word beside what is computed.

    ``value`` stays empty where the report gives none: no figure is ever invented.

    Attributes:
        layer: Layer from which the figure is computed, ``""`` when it cannot be.
        measure: ``area``, ``length`` of lines, ``count`` or a number field that the layer adds up.
        class_field: With ``class_codes``: only features of these classes count.
    """

    id: str
    title: Text
    quote: str
    line: str
    value: float | None = None
    unit: str = ""
    period: str = ""
    confidence: Literal["clear", "doubtful"] = "clear"
    layer: str = ""
    measure: str = ""
    class_field: str = ""
    class_codes: tuple[str, ...] = ()


class Basemap(Record):
    """A background map: an address that the browser asks, or a file of the workspace.

    Attributes:
        url: XYZ template; ``{key}`` is filled in from the settings.
        source: MBTiles file, PMTiles file or folder ``z/x/y.png``, relative to the workspace.
        attribution: Who made the map; shown as plain text.
        review_number: The map review number (审图号) that stands on the map, word for word.
        datum: ``CGCS2000`` and ``WGS84`` lie right under the data; ``GCJ-02`` and ``BD-09`` are
            shifted by some 600 and 1200 m and therefore refused.
    """

    id: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")
    title: Text
    url: str = ""
    source: str = ""
    attribution: str
    review_number: str = ""
    min_zoom: int = Field(default=0, ge=0, le=24)
    max_zoom: int = Field(default=18, ge=0, le=24)
    datum: Literal["CGCS2000", "WGS84", "GCJ-02", "BD-09"]
    key_setting: Literal["", "tianditu_key"] = ""

    @model_validator(mode="after")
    def _consistent(self) -> "Basemap":
        if bool(self.url) == bool(self.source):
            message = f"basemap {self.id}: give either url or source, one of the two"
            raise ValueError(message)
        if self.min_zoom > self.max_zoom:
            message = f"basemap {self.id}: min_zoom is greater than max_zoom"
            raise ValueError(message)
        fault = self._source_fault() if self.source else self._url_fault()
        if fault:
            message = f"basemap {self.id}: {fault}"
            raise ValueError(message)
        return self

    def _source_fault(self) -> str:
        path = PurePosixPath(self.source)
        if path.is_absolute() or PureWindowsPath(self.source).anchor or "\\" in self.source:
            return "source must be relative to the workspace, with forward slashes"
        if ".." in path.parts:
            return "source must not lead out of the workspace"
        return "key_setting belongs to a url" if self.key_setting else ""

    def _url_fault(self) -> str:
        if not self.url.startswith(("http://", "https://")):
            return "url must begin with http:// or https://"
        named = re.findall(r"\{([^{}]*)\}", self.url)
        if not {"z", "x", "y"} <= set(named):
            return "url must hold {z}, {x} and {y}"
        if ("key" in named) != bool(self.key_setting):
            return "url holds {key} exactly when key_setting names the setting"
        unknown = set(named) - {"z", "x", "y", "key"}
        return f"url holds the unknown {{{min(unknown)}}}" if unknown else ""


class City(Record):
    """One prefecture-level city.

    Attributes:
        review_number: Of the map review, printed on maps; empty: nothing is printed.
        check_prefix: Letters with which serials of checks begin.
    """

    code: str = Field(pattern=r"^\d{6}$")
    name: Text
    province: Text
    crs: str
    zone: int = Field(ge=25, le=45)
    extent: Box
    units: UnitFiles
    sample: bool = False
    sample_plan: str = ""
    review_number: str = Field(default="", max_length=60)
    check_prefix: str = Field(default="XT", pattern="^[A-Z]{2,6}$")
    reported: tuple[ReportedFigure, ...] = ()
    basemap: tuple[Basemap, ...] = ()

    @model_validator(mode="after")
    def _zone_fits_crs(self) -> "City":
        if gauss_zone(self.crs) != self.zone:
            message = f"crs: {self.crs} is not the CGCS2000 3-degree plane of zone {self.zone}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _basemaps_told_apart(self) -> "City":
        names = [base.id for base in self.basemap]
        if len(set(names)) != len(names):
            message = f"basemap: the id {max(names, key=names.count)} stands twice"
            raise ValueError(message)
        return self


class UnitName(Record):
    """Name and code of one administrative unit."""

    code: str = Field(pattern=r"^\d{6,12}$")
    name: str
    level: Literal["district", "township", "village"]
    parent: str
    name_en: str = ""


def read_city(path: Path) -> City:
    """Read ``city.toml``.

    Raises:
        FileError: There is no such file.
        CatalogError: A key is missing, unknown or wrong; named with file, key and reason.
    """
    if not path.is_file():
        raise FileError("file-missing", file=str(path))
    with named_faults(path):
        return City.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def read_unit_names(path: Path) -> list[UnitName]:
    """Read the names and codes of a city's units.

    Raises:
        FileError: There is no such file.
        CatalogError: A row is wrong, a code stands twice, or a parent is missing.
    """
    if not path.is_file():
        raise FileError("file-missing", file=str(path))
    names: list[UnitName] = []
    try:
        text = path.read_text(encoding="utf-8-sig")  # with a mark, as Excel saves it
    except UnicodeDecodeError as error:
        raise CatalogError(
            "units-row-wrong", file=path.name, line=0, reason="not UTF-8 text"
        ) from error
    with io.StringIO(text, newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            try:
                names.append(UnitName.model_validate(row))
            except ValidationError as error:
                raise CatalogError(
                    "units-row-wrong",
                    file=path.name,
                    line=line,
                    reason=error.errors()[0]["msg"],
                ) from error
    codes = {name.code for name in names}
    for line, name in enumerate(names, start=2):
        above = UNIT_LEVELS[: UNIT_LEVELS.index(name.level)]
        if above and name.parent not in codes:
            raise CatalogError(
                "units-row-wrong", file=path.name, line=line, reason=f"no parent {name.parent!r}"
            )
    if len(codes) != len(names):
        raise CatalogError("units-row-wrong", file=path.name, line=0, reason="a code stands twice")
    return names
