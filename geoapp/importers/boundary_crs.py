"""The reference system of a boundary-point TXT: what its header and its numbers agree on."""

import re
from typing import Final

from geoapp.geometry.crs import GEOGRAPHIC, ZONES, gauss_crs
from geoapp.importers.orientation import prefix_of
from geoapp.importers.problem import Problem
from geoapp.importers.vocabulary import words

_OLD_DATUMS: Final = {  # + zone: 3-degree with prefix, without; 6-degree with prefix, without
    "xian80": (2324, 2345, 2314, 2325),
    "beijing54": (2376, 2397, 21400, 21440),
}
_SIX_DEGREE: Final = (4478, 4489)
_SIX_ZONES: Final = range(13, 24)


def find_crs(header: dict[str, str], easting: float, *, degrees: bool) -> tuple[str, list[Problem]]:
    """Name the system that header and eastings agree on.

    Args:
        header: Meaning → value: datum, width, zone, unit, parameters.
        easting: One easting, or longitude.
        degrees: The numbers are degrees.

    Returns:
        ``""`` when they do not tell or contradict each other; and what was noticed.
    """
    problems = _remarks(header)
    datum = find_datum(header.get("datum", ""))
    if degrees:
        problems.append(Problem("text-in-degrees", "warning"))
        return (GEOGRAPHIC if datum == "cgcs2000" else ""), problems
    prefix, stated = prefix_of(easting), _number(header.get("zone", ""))
    six = prefix in _SIX_ZONES or (prefix == 0 and _number(header.get("width", "")) == 6)
    known = _SIX_ZONES if six else ZONES
    if stated == _number(header.get("width", "")) or stated not in {*ZONES, *_SIX_ZONES}:
        if stated:
            problems.append(Problem("text-zone-ignored", "warning", facts={"zone": stated}))
        stated = 0
    zone = prefix or stated
    if stated and prefix and stated != prefix:
        facts: dict[str, object] = {"zone": stated, "prefix": prefix}
        problems.append(Problem("text-zone-contradicts", "warning", facts=facts))
        return "", problems
    if stated and not prefix:
        problems.append(Problem("text-without-prefix", "note", facts={"zone": stated}))
    if zone not in known or not datum:
        return "", problems
    if datum != "cgcs2000":
        problems.append(Problem("text-old-datum", "warning", facts={"datum": header["datum"]}))
        codes = _OLD_DATUMS[datum]
        return f"EPSG:{codes[2 * six + (not prefix)] + zone}", problems
    if six:
        return f"EPSG:{_SIX_DEGREE[not prefix] + zone}", problems
    return gauss_crs(zone, prefixed=bool(prefix)), problems


def find_datum(name: str) -> str:
    """Find the datum that a name states: cgcs2000, xian80, beijing54 or ``""``."""
    return next(
        (key for key, parts in words("datums").items() if any(part in name for part in parts)), ""
    )


def _remarks(header: dict[str, str]) -> list[Problem]:
    problems = []
    numbers = re.findall(r"[-+]?\d+(?:\.\d+)?", header.get("parameters", ""))
    if any(float(number) for number in numbers):
        problems.append(Problem("text-parameters-ignored", "warning"))
    unit = header.get("unit", "")
    if unit and unit.lower() not in words("units")["metres"]:
        problems.append(Problem("text-unit-ignored", "warning", facts={"unit": unit}))
    return problems


def _number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found[0][:6]) if found else 0
