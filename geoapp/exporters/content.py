"""What a writer gets: features in the target system, columns under their names in the file."""

from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from geoapp.catalog.definition import LayerDefinition
from geoapp.exporters.report import Loss
from geoapp.exporters.request import ExportRequest, Origin
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import Areas, Lengths
from geoapp.i18n import text


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute column.

    Attributes:
        canonical: Name of the field in the layer definition.
        name: Its name in the file.
        title: What people read.
        values: As stored: text with ``""`` for none, numbers with NaN or NA, ISO dates.
        length: Characters or digits that the official database gives it; 0 for any.
        decimals: Digits behind the point there; with ``length`` or ``decimals`` numbers are
            written in that form.
    """

    canonical: str
    name: str
    title: str
    type: Literal["text", "integer", "number", "date"]
    values: pd.Series
    length: int = 0
    decimals: int = 0

    def words(self) -> list[str]:
        """Give the values as text, ``""`` for none."""
        return ["" if cell is None else str(cell) for cell in self.cells()]

    def cells(self) -> list[Any]:
        """Give the values as plain Python values, ``None`` for none."""
        values = self.values.astype(object)
        cells: list[Any] = values.where(values.notna() & (values != ""), None).tolist()
        make = {"integer": int, "number": float}.get(self.type, str)
        if any(type(cell) is not make for cell in cells if cell is not None):
            cells = [None if cell is None else make(cell) for cell in cells]
        return cells


@dataclass(frozen=True, slots=True)
class Content:
    """Features ready to be written.

    Attributes:
        geometries: ``(n,)`` in ``crs``, east before north.
        areas_m2: ``(n,)`` official areas.
        lengths_m: ``(n,)`` lengths of lines, else zeros.
        losses: What is lost; writers add to it.
    """

    definition: LayerDefinition
    request: ExportRequest
    origin: Origin
    crs: str
    columns: tuple[Column, ...]
    geometries: Geometries
    areas_m2: Areas
    lengths_m: Lengths
    losses: list[Loss] = field(default_factory=list)

    @property
    def layer_name(self) -> str:
        """Name the layer as the file calls it."""
        official = self.definition.official if self.request.official_names else None
        return official.layer if official else self.definition.id

    @property
    def title(self) -> str:
        """Name the layer for people."""
        lang = self.request.lang
        return f"{self.origin.city[lang]} · {self.definition.title[lang]}"

    @property
    def banner(self) -> str:
        """The sentence that marks synthetic data, ``""`` for other data."""
        return self.say("sample.banner") if self.origin.sample else ""

    def say(self, key: str, **facts: object) -> str:
        """Word a key of the locale in the language of the export."""
        return text(self.request.lang, key, **facts)

    def find_column(self, canonical: str) -> Column | None:
        """Find a column by its canonical name."""
        return next((column for column in self.columns if column.canonical == canonical), None)

    def notes(self) -> list[tuple[str, str]]:
        """Give what stands beside the features: mark, origin, system, losses."""
        label = self.say
        lines = [(label("export.note_sample"), self.banner)] if self.banner else []
        lines += [(label("export.note_layer"), self.title), *self.origin.statements]
        lines += [
            (label("export.note_crs"), self.crs),
            (label("export.note_count"), str(len(self.geometries))),
            (label("export.note_made"), f"{self.origin.day} {self.origin.actor}".strip()),
        ]
        lines += [(label("export.note_loss"), loss.word(self.request.lang)) for loss in self.losses]
        return lines
