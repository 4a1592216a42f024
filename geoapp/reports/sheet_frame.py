"""Where the map lies on the paper, and where the paper lies in the city's Gauss plane.

Lengths on paper are whole hundredths of a millimetre, x to the right and y downwards from the
upper left corner of the frame. The Gauss plane is shown as it is: no stretching, no turning.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from geoapp.catalog.city import City
from geoapp.errors import ChoiceError, CrsError
from geoapp.geometry.crs import GEOGRAPHIC, Coordinates, transform_points
from geoapp.reports.sheet_request import (
    LEAST_SCALE,
    MM_PER_INCH,
    MOST_SCALE,
    MapSheetRequest,
    paper_mm,
)

UNITS_PER_MM: Final = 100
MARGIN_MM: Final = 8.0
HEADER_MM: Final = 17.0
NEATLINE_MM: Final = 6.0  # for coordinates, on each side of the frame
FOOTER_MM: Final = 13.0
SIDE_MM: Final[dict[str, float]] = {"A4": 52.0, "A3": 66.0}
BAND_MM: Final[dict[str, float]] = {"A4": 58.0, "A3": 74.0}
_ROUND_SCALES: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)
_EDGE_POINTS: Final = 17


@dataclass(frozen=True, slots=True)
class Frame:
    """The map's frame.

    Attributes:
        left_mm: From the left edge of the paper; ``top_mm`` likewise from the upper edge.
        width_mm: Inside of the neatline; ``height_mm`` likewise.
        width_px: The same in pixels of the sheet, whole; ``height_px`` likewise.
        scale: Denominator.
        west_m: Easting of the left edge in the Gauss plane.
        north_m: Northing of the upper edge.
        gauss: The Gauss plane.
    """

    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float
    width_px: int
    height_px: int
    scale: int
    west_m: float
    north_m: float
    gauss: str

    @property
    def units_per_m(self) -> float:
        """Hundredths of a millimetre on paper per metre in the Gauss plane."""
        return 1000.0 * UNITS_PER_MM / self.scale

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in hundredths of a millimetre."""
        return self.width_mm * UNITS_PER_MM, self.height_mm * UNITS_PER_MM

    @property
    def gauss_bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the Gauss plane, m."""
        width, height = (side / self.units_per_m for side in self.size)
        return self.west_m, self.north_m - height, self.west_m + width, self.north_m

    def to_paper(self, points: Coordinates) -> Coordinates:
        """Bring ``(n, 2)`` positions of the Gauss plane to the paper, not rounded."""
        origin = np.array([self.west_m, self.north_m])
        return np.asarray((points - origin) * (self.units_per_m, -self.units_per_m))

    def geographic_bounds(self) -> tuple[float, float, float, float]:
        """Give the bounds in degrees that hold all of the frame."""
        edge = _edge(self.gauss_bounds)
        degrees = transform_points(edge, self.gauss, GEOGRAPHIC)
        return (*degrees.min(axis=0), *degrees.max(axis=0))

    def corners(self) -> Coordinates:
        """Give the corners in degrees: upper left, upper right, lower right, lower left."""
        west, south, east, north = self.gauss_bounds
        corners = np.array([[west, north], [east, north], [east, south], [west, south]])
        return transform_points(corners, self.gauss, GEOGRAPHIC)


def lay_out_frame(request: MapSheetRequest, city: City, bounds: tuple[float, ...]) -> Frame:
    """Place the frame.

    Args:
        request: Paper, place and scale.
        city: Its Gauss plane, and where it lies.
        bounds: Shown where the request names no place: degrees, west, south, east, north.

    Raises:
        ChoiceError: The bounds do not fit at any scale that is offered.
        CrsError: The middle of the frame lies outside the city's rectangle.
    """
    left, top, width_px, height_px = _place(request)
    px_mm = MM_PER_INCH / request.dpi
    width_mm, height_mm = width_px * px_mm, height_px * px_mm
    west, south, east, north = _gauss_bounds(request, city.crs, bounds)
    scale = request.scale or fit_scale((east - west) / width_mm, (north - south) / height_mm)
    middle = np.array([[(west + east) / 2, (south + north) / 2]])
    longitude, latitude = transform_points(middle, city.crs, GEOGRAPHIC)[0]
    if not city.extent.to_extent().contains(float(longitude), float(latitude)):
        raise CrsError(
            "sheet-outside-city", longitude=round(longitude, 4), latitude=round(latitude, 4)
        )
    half = np.array([width_mm, height_mm]) / 2 * scale / 1000.0
    return Frame(
        left_mm=left * px_mm,
        top_mm=top * px_mm,
        width_mm=width_mm,
        height_mm=height_mm,
        width_px=width_px,
        height_px=height_px,
        scale=scale,
        west_m=float(middle[0, 0] - half[0]),
        north_m=float(middle[0, 1] + half[1]),
        gauss=city.crs,
    )


def _place(request: MapSheetRequest) -> tuple[int, int, int, int]:
    """Give left, top, width and height in whole pixels, so that pictures stay sharp."""
    width, height = paper_mm(request)
    landscape = request.orientation == "landscape"
    side = SIDE_MM[request.paper] if landscape else 0.0
    band = 0.0 if landscape else BAND_MM[request.paper]
    left = MARGIN_MM + NEATLINE_MM
    top = MARGIN_MM + HEADER_MM + NEATLINE_MM
    wide = width - left - NEATLINE_MM - side - MARGIN_MM
    high = height - top - NEATLINE_MM - band - FOOTER_MM - MARGIN_MM
    px = request.dpi / MM_PER_INCH
    return round(left * px), round(top * px), int(wide * px), int(high * px)


def _gauss_bounds(
    request: MapSheetRequest, gauss: str, bounds: tuple[float, ...]
) -> tuple[float, ...]:
    if request.bounds is None and request.centre is not None:
        point = transform_points(np.array([request.centre]), GEOGRAPHIC, gauss)[0]
        return (*point, *point)
    shown = request.bounds or bounds
    edge = transform_points(_edge(shown), GEOGRAPHIC, gauss)
    return (*edge.min(axis=0), *edge.max(axis=0))


def _edge(bounds: tuple[float, ...]) -> Coordinates:
    """Give points along the edge of a rectangle: its sides bend in another plane."""
    west, south, east, north = bounds
    steps = np.linspace(0.0, 1.0, _EDGE_POINTS)
    x, y = west + (east - west) * steps, south + (north - south) * steps
    sides = [(x, y * 0 + south), (x, y * 0 + north), (x * 0 + west, y), (x * 0 + east, y)]
    return np.concatenate([np.column_stack(side) for side in sides])


def fit_scale(wide: float, high: float) -> int:
    """Find the largest round scale at which metres per millimetre of paper are enough.

    Raises:
        ChoiceError: There is none that is offered.
    """
    wanted = max(wide, high) * 1000.0
    if wanted > MOST_SCALE:
        raise ChoiceError(
            "sheet-scale-out-of-range", scale=math.ceil(wanted), least=LEAST_SCALE, most=MOST_SCALE
        )
    wanted = max(wanted, float(LEAST_SCALE))
    power = 10.0 ** math.floor(math.log10(wanted))
    steps = [power * step for step in (*_ROUND_SCALES, 10.0)]
    return round(next(step for step in steps if step >= wanted * (1 - 1e-9)))
