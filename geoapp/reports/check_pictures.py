"""The pictures of a check's sheet in the forms that its documents take."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from geoapp.i18n import Lang
from geoapp.reports.check_picture import CheckPicture
from geoapp.reports.check_picture_typst import set_picture, set_sketch
from geoapp.reports.check_sketch import Sketch

MAP_MM: Final = (178.0, 92.0)
NARROW_SKETCH_MM: Final = (84.0, 78.0)
WIDE_SKETCH_MM: Final = (178.0, 100.0)
_MOST_BESIDE: Final = 16  # rows of the coordinate table that stand beside a narrow sketch


def sketch_size(rings: Sequence[Sequence[object]]) -> tuple[float, float]:
    """Give the size of a sketch: wide where the table of coordinates stands below it."""
    return NARROW_SKETCH_MM if fits_beside(rings) else WIDE_SKETCH_MM


def fits_beside(rings: Sequence[Sequence[object]]) -> bool:
    """Tell whether the table of coordinates is short enough to stand beside the sketch."""
    return sum(len(ring) + 1 for ring in rings) <= _MOST_BESIDE


@dataclass(frozen=True)
class CheckPictures:
    """Map and sketch.

    Attributes:
        mark: Watermark over them; ``""`` for none.
    """

    map: CheckPicture
    sketch: Sketch
    lang: Lang
    mark: str

    @cached_property
    def map_pdf(self) -> bytes:
        """The map for print."""
        return set_picture(self.map, self.lang, self.mark, "pdf")

    @cached_property
    def map_png(self) -> bytes:
        """The map for Word and the screen."""
        return set_picture(self.map, self.lang, self.mark, "png")

    @cached_property
    def sketch_pdf(self) -> bytes:
        """The sketch for print."""
        return set_sketch(self.sketch, self.lang, self.mark, "pdf")

    @cached_property
    def sketch_png(self) -> bytes:
        """The sketch for Word and the screen."""
        return set_sketch(self.sketch, self.lang, self.mark, "png")
