"""Areas on the CGCS2000 ellipsoid, written from the survey rules, slow and literal.

Source: 国土调查办发〔2008〕32号 (formula, constants) and the procedure of the software that was
evaluated for the third survey (roundings, cutting at 70 m). No code of geoapp is used.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import mpmath
import pyproj

Point = tuple[float, float]
Ring = Sequence[Point]

CONTEXT = mpmath.mp.clone()
CONTEXT.dps = 40
_A = CONTEXT.mpf(6378137)
_F = 1 / CONTEXT.mpf("298.257222101")
_B = _A * (1 - _F)
E2 = _F * (2 - _F)
_L0 = CONTEXT.mpf(60)  # any fixed meridian; software uses 60 degrees


def series_constants() -> tuple[object, ...]:
    """Compute A, B, C, D, E of the trapezoid series from the ellipsoid."""
    e2, m = E2, CONTEXT.mpf
    return (
        1 + m(3) / 6 * e2 + m(30) / 80 * e2**2 + m(35) / 112 * e2**3 + m(630) / 2304 * e2**4,
        m(1) / 6 * e2 + m(15) / 80 * e2**2 + m(21) / 112 * e2**3 + m(420) / 2304 * e2**4,
        m(3) / 80 * e2**2 + m(7) / 112 * e2**3 + m(180) / 2304 * e2**4,
        m(1) / 112 * e2**3 + m(45) / 2304 * e2**4,
        m(5) / 2304 * e2**4,
    )


_SERIES = series_constants()


def _trapezoid(first: Point, second: Point) -> object:
    """Area between an edge and the meridian L0; degrees in, square metres out."""
    c = CONTEXT
    b1, b2 = c.radians(c.mpf(first[1])), c.radians(c.mpf(second[1]))
    width = c.radians((c.mpf(first[0]) + c.mpf(second[0])) / 2 - _L0)
    half, middle = (b2 - b1) / 2, (b1 + b2) / 2
    terms = [
        (-1) ** k * s * c.sin((2 * k + 1) * half) * c.cos((2 * k + 1) * middle)
        for k, s in enumerate(_SERIES)
    ]
    return 2 * _B**2 * width * sum(terms)


def formula_ring(ring: Ring) -> object:
    """Measure a ring of (longitude, latitude), closed or not, by the formula alone."""
    corners = list(ring)
    if corners[0] == corners[-1]:
        corners = corners[:-1]
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return abs(sum((_trapezoid(p, q) for p, q in pairs), CONTEXT.mpf(0)))


def formula_area(rings: Sequence[Ring]) -> float:
    """Measure a polygon by the formula: outer ring, then holes."""
    return float(formula_ring(rings[0]) - sum(formula_ring(ring) for ring in rings[1:]))


# --- the literal procedure -----------------------------------------------------------------


@dataclass(frozen=True)
class Ellipsoid:
    """Constants of the inverse Gauss projection as printed."""

    a: float
    inverse_flattening: float
    c: float
    ep2: float
    k: tuple[float, float, float, float, float]


CGCS2000 = Ellipsoid(
    6378137.0,
    298.257222101,
    6399593.62586,
    0.00673949677548,
    (
        1.57048761144159e-7,
        5.05250178820567e-3,
        2.98472900956587e-5,
        2.41626669230084e-7,
        2.22241238938534e-9,
    ),
)
XIAN80 = Ellipsoid(
    6378140.0,
    298.257,
    6399596.65198801,
    0.006739501819473,
    (
        1.57048687472752e-7,
        5.05250559291393e-3,
        2.98473350966158e-5,
        2.41627215981336e-7,
        2.22241909461273e-9,
    ),
)


def inverse_gauss(
    east: float, north: float, meridian: float, on: Ellipsoid = CGCS2000
) -> tuple[float, float]:
    """Turn a Gauss position (false easting 500 km) into longitude and latitude, degrees."""
    k0, k1, k2, k3, k4 = on.k
    e = k0 * north
    s = math.sin(e)
    bf = e + math.cos(e) * (k1 * s - k2 * s**3 + k3 * s**5 - k4 * s**7)
    t, eta2 = math.tan(bf), on.ep2 * math.cos(bf) ** 2
    v2 = 1 + eta2
    n = on.c / math.sqrt(v2)
    y = (east - 500_000.0) / n
    b = bf - v2 * t / 2 * (
        y**2
        - (5 + 3 * t**2 + eta2 - 9 * eta2 * t**2) / 12 * y**4
        + (61 + 90 * t**2 + 45 * t**4) / 360 * y**6
    )
    longitude = (
        y
        - (1 + 2 * t**2 + eta2) / 6 * y**3
        + (5 + 28 * t**2 + 24 * t**4 + 6 * eta2 + 8 * eta2 * t**2) / 120 * y**5
    ) / math.cos(bf)
    return meridian + math.degrees(longitude), math.degrees(b)


def half_up(value: float, decimals: int) -> float:
    """Round half away from zero."""
    step = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(value)).quantize(step, ROUND_HALF_UP))


def cut_edges(ring: Ring, longest: float = 70.0, decimals: int | None = 6) -> list[Point]:
    """Give every edge above ``longest`` its floor(length / longest) evenly spaced points."""
    cut: list[Point] = []
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        cut.append((x1, y1))
        length = math.hypot(x2 - x1, y2 - y1)
        if length > longest:
            count = int(length // longest)
            for step in range(1, count + 1):
                share = step / (count + 1)
                x, y = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
                cut.append(
                    (x, y) if decimals is None else (half_up(x, decimals), half_up(y, decimals))
                )
    return [*cut, ring[-1]]


def _literal_ring(ring: Ring, meridian: float) -> object:
    """Measure one closed ring of Gauss positions (east, north), roundings included."""
    rounded = [(half_up(x, 4), half_up(y, 4)) for x, y in ring]
    positions = []
    for east, north in cut_edges(rounded):
        longitude, latitude = inverse_gauss(east, north, meridian)
        positions.append((half_up(longitude * 3600, 6) / 3600, half_up(latitude * 3600, 6) / 3600))
    return formula_ring(positions)


def literal_area(rings: Sequence[Ring], meridian: float) -> Decimal:
    """Measure a polygon of Gauss positions by the procedure, rounded half-up to 0.01 m²."""
    area = _literal_ring(rings[0], meridian) - sum(_literal_ring(r, meridian) for r in rings[1:])
    text = CONTEXT.nstr(area, 25, strip_zeros=False, min_fixed=-CONTEXT.inf, max_fixed=CONTEXT.inf)
    return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP)


# --- pyproj alone ---------------------------------------------------------------------------


def pyproj_area(rings: Sequence[Ring], gauss_epsg: int, meridian: int) -> float:
    """Measure rings of (longitude, latitude): cut in the Gauss plane, shoelace in CEA."""
    forward = pyproj.Transformer.from_crs(4490, gauss_epsg, always_xy=True)
    plane = f"+proj=cea +lon_0={meridian} +ellps=GRS80 +units=m"
    onward = pyproj.Transformer.from_crs(gauss_epsg, plane, always_xy=True)
    total = 0.0
    for index, ring in enumerate(rings):
        gauss = [forward.transform(x, y) for x, y in ring]
        equal = [onward.transform(x, y) for x, y in cut_edges(gauss, decimals=None)]
        area = abs(shoelace(equal))
        total += area if index == 0 else -area
    return total


def shoelace(ring: Ring) -> float:
    """Measure a closed ring in a plane, coordinates taken relative to its first corner."""
    x0, y0 = ring[0]
    return (
        math.fsum(
            (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
            for (x1, y1), (x2, y2) in itertools.pairwise(ring)
        )
        / 2
    )


# --- old datums -----------------------------------------------------------------------------


def helmert(
    position: Point,
    source: tuple[float, float],
    parameters: Iterable[float],
) -> Point:
    """Move a position at height 0 between ellipsoids by seven position-vector parameters.

    Args:
        position: Longitude and latitude on the source ellipsoid, degrees.
        source: Semi-major axis and inverse flattening of the source ellipsoid.
        parameters: dx, dy, dz in m; rx, ry, rz in arc-seconds; scale in ppm.
    """
    dx, dy, dz, rx, ry, rz, ppm = parameters
    rx, ry, rz = (math.radians(value / 3600) for value in (rx, ry, rz))
    a, rf = source
    e2 = 1 / rf * (2 - 1 / rf)
    lon, lat = map(math.radians, position)
    n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    x = n * math.cos(lat) * math.cos(lon)
    y = n * math.cos(lat) * math.sin(lon)
    z = n * (1 - e2) * math.sin(lat)
    m = 1 + ppm * 1e-6
    x, y, z = (
        dx + m * (x - rz * y + ry * z),
        dy + m * (rz * x + y - rx * z),
        dz + m * (-ry * x + rx * y + z),
    )
    a, e2 = 6378137.0, float(E2)
    p, latitude = math.hypot(x, y), math.atan2(z, math.hypot(x, y) * (1 - e2))
    for _ in range(20):
        n = a / math.sqrt(1 - e2 * math.sin(latitude) ** 2)
        height = p / math.cos(latitude) - n
        latitude = math.atan2(z, p * (1 - e2 * n / (n + height)))
    return math.degrees(math.atan2(y, x)), math.degrees(latitude)
