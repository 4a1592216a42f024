"""Positions as people write them: degrees in all usual forms, Gauss metres, WKT, GeoJSON.

One text can be read in several ways; each reading that makes sense is given, and none is
preferred here except that the city's rectangle settles which number is the longitude.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import numpy as np

from geoapp.errors import CrsError
from geoapp.geometry.angles import Angles, read_angles
from geoapp.geometry.crs import GEOGRAPHIC, ZONES, gauss_crs, transform_points
from geoapp.i18n import LANGS, read_words
from geoapp.values import Extent

Notation = Literal["degrees", "minutes", "seconds", "metres", "metres_zone", "metres_six"]
MOST_CHARACTERS: Final = 400  # a longer text is no position

_SIX_DEGREE: Final = 4478  # + zone: CGCS2000 6-degree planes with the zone before the easting
_SIX_DEGREE_ZONES: Final = range(13, 24)
_FEWEST_METRES: Final = 100_000.0  # smaller numbers are no plane coordinates of China
_HIGHEST_NORTH: Final = 6_300_000.0
_SIGNS: Final = {
    "º": "°",
    "˚": "°",
    "’": "'",
    "‘": "'",
    "′": "'",
    "´": "'",
    "`": "'",
    "”": '"',
    "“": '"',
    "″": '"',
    "−": "-",
    "–": "-",
    "—": "-",
    "、": ",",
}
_NUMBER: Final = r"[-+]?\d+(?:\.\d+)?"
_POINT: Final = re.compile(
    rf"(?:srid=\d+;)?\s*point\s*z?m?\s*\(\s*({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})*\s*\)",
    re.IGNORECASE,
)
_GROUPED: Final = re.compile(r"(?<![\d.])\d{1,3}(?:([, ])\d{3})(?:\1\d{3})*(?![\d])")
_ZONE: Final = re.compile(r"(?<![\d.])(\d{2})\s*Z|Z\s*(\d{2})(?![\d.])")
_KNOWN: Final = re.compile(r"[-+\d.NESWXYZ°'\":=,;/()\[\]| \t\n]*")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text as a position.

    Attributes:
        longitude: Degrees east, CGCS2000.
        latitude: Degrees north.
        notation: How it was read.
        zone: Zone of the plane, 0 for degrees.
        assumed: The zone is the city's, the text names none.
        swapped: The text gives what lies north first.
        inside: Inside the city's rectangle.
    """

    longitude: float
    latitude: float
    notation: Notation
    zone: int
    assumed: bool
    swapped: bool
    inside: bool


def read_position(text: str, extent: Extent, zone: int) -> list[Reading]:
    """Read a text as a position.

    Args:
        text: What a person typed or pasted.
        extent: The city's rectangle; where two orders are possible, it settles which one.
        zone: The city's 3-degree zone, assumed for metres that name none.

    Returns:
        Every reading that makes sense, those inside the city first; none for other texts.
    """
    if len(text) > MOST_CHARACTERS:
        return []
    found: dict[tuple[float, float], Reading] = {}
    for reading in _read(text, extent, zone):
        found.setdefault((round(reading.longitude, 9), round(reading.latitude, 9)), reading)
    readings = sorted(found.values(), key=lambda reading: not reading.inside)
    inside = [reading for reading in readings if reading.inside]
    return inside or readings


def _read(text: str, extent: Extent, zone: int) -> Iterator[Reading]:
    pair = _find_point(text)
    if pair is not None:
        yield from _from_pair(pair, extent, zone)
        return
    plain = _plain(text)
    if plain is None:
        return
    named, plain = _take_zone(plain)
    if named is not None and named not in ZONES:
        return
    for form in dict.fromkeys((plain, _ungrouped(plain))):
        for packed in (False, True):
            angles = read_angles(form, packed=packed)
            if angles is None:
                continue
            yield from _from_angles(angles, extent)
            if angles.notation == "degrees" and not angles.marked:
                yield from _from_metres(angles.values, extent, named or zone, assumed=named is None)


def _find_point(text: str) -> tuple[float, float] | None:
    """Find the two numbers of a WKT or GeoJSON point."""
    stripped = text.strip()
    matched = _POINT.fullmatch(stripped)
    if matched:
        return float(matched[1]), float(matched[2])
    if not stripped.startswith("{"):
        return None
    try:
        document: Any = json.loads(stripped)
        point = document.get("geometry") or document
        east, north = (float(value) for value in point["coordinates"][:2])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None
    finite = math.isfinite(east) and math.isfinite(north)
    return (east, north) if finite and point.get("type") == "Point" else None


def _from_pair(pair: tuple[float, float], extent: Extent, zone: int) -> Iterator[Reading]:
    """Read two numbers whose order is known: east before north."""
    if abs(pair[0]) <= 180 and abs(pair[1]) <= 90:
        inside = extent.contains(*pair)
        yield Reading(*pair, "degrees", 0, assumed=False, swapped=False, inside=inside)
        return
    yield from _from_metres(pair, extent, zone, assumed=True)


def _from_angles(angles: Angles, extent: Extent) -> Iterator[Reading]:
    first, second = angles.values
    for swapped, longitude, latitude in ((False, first, second), (True, second, first)):
        if angles.north_first is not None and angles.north_first != swapped:
            continue
        if abs(longitude) <= 180 and abs(latitude) <= 90:
            inside = extent.contains(longitude, latitude)
            yield Reading(
                longitude,
                latitude,
                angles.notation,
                0,
                assumed=False,
                swapped=swapped,
                inside=inside,
            )


def _from_metres(
    pair: tuple[float, float], extent: Extent, zone: int, *, assumed: bool
) -> Iterator[Reading]:
    """Read two numbers as metres; their size tells which of them is the easting."""
    for swapped, (east, north) in ((False, pair), (True, pair[::-1])):
        if not _FEWEST_METRES < north < _HIGHEST_NORTH or east < _FEWEST_METRES:
            continue
        prefix = int(east // 1_000_000)
        notation: Notation
        if prefix == 0:
            if north < 1_000_000:
                continue
            crs, named, notation = gauss_crs(zone), zone, "metres"
        elif prefix in ZONES:
            crs, named, notation = gauss_crs(prefix, prefixed=True), prefix, "metres_zone"
        elif prefix in _SIX_DEGREE_ZONES:
            crs, named, notation = f"EPSG:{_SIX_DEGREE + prefix}", prefix, "metres_six"
        else:
            continue
        try:
            moved = transform_points(np.array([[east, north]]), crs, GEOGRAPHIC)[0]
        except CrsError:
            continue
        longitude, latitude = float(moved[0]), float(moved[1])
        inside = extent.contains(longitude, latitude)
        yield Reading(
            longitude,
            latitude,
            notation,
            named,
            assumed=assumed and prefix == 0,
            swapped=swapped,
            inside=inside,
        )


def _plain(text: str) -> str | None:
    """Bring a text to digits, marks and the letters N E S W X Y; ``None`` where more is left."""
    for sign, replacement in _SIGNS.items():
        text = text.replace(sign, replacement)
    plain = unicodedata.normalize("NFKC", text).casefold()
    for word, mark in _words():
        if word.isascii():  # never inside of another word
            plain = re.sub(rf"(?<![a-z]){re.escape(word)}(?![a-z])", mark, plain)
        else:
            plain = plain.replace(word, mark)
    plain = plain.replace("''", '"').strip(" \t\n.,;。")
    return plain if any(map(str.isdigit, plain)) and _KNOWN.fullmatch(plain) else None


@cache
def _words() -> list[tuple[str, str]]:
    """List the words of all languages with the mark that each stands for, longest first."""
    marks = {
        "north": " N ",
        "south": " S ",
        "east": " E ",
        "west": " W ",
        "plane_north": " X ",
        "plane_east": " Y ",
        "degree": "°",
        "minute": "'",
        "second": '"',
        "zone": " Z ",
        "nothing": " ",
    }
    pairs = {
        word: mark
        for lang in LANGS
        for name, mark in marks.items()
        for word in read_words(lang)[f"notation.{name}"].split("|")
    }
    return sorted(pairs.items(), key=lambda pair: -len(pair[0]))


def _take_zone(plain: str) -> tuple[int | None, str]:
    """Take the zone out of a text that names one."""
    found = _ZONE.search(plain)
    if found is None:
        return None, plain
    return int(found[1] or found[2]), f"{plain[: found.start()]} {plain[found.end() :]}"


def _ungrouped(plain: str) -> str:
    """Take out what separates thousands: 37 449 000."""
    return _GROUPED.sub(lambda matched: re.sub(r"[, ]", "", matched[0]), plain)
