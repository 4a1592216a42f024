"""Search results in words: where each lies, how a position was understood."""

from dataclasses import dataclass
from typing import Any

from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import CrsError
from geoapp.finding.gazetteer import Kind
from geoapp.finding.ground import Ground
from geoapp.finding.shapes import find_spot
from geoapp.finding.units import PLACE_LEVELS, units_at, word_place
from geoapp.geometry.notation import Reading
from geoapp.i18n import Lang, text


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that was found.

    Attributes:
        layer: Its layer, empty for the city and for positions.
        row: Its row there, ``None`` where nothing is drawn of it.
        reading: Of a position.
    """

    kind: Kind
    layer: str
    row: int | None
    key: str
    title: str
    title_en: str
    score: float
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    longitude: float | None
    latitude: float | None
    bounds: tuple[float, float, float, float] | None
    detail: str


class Answers:
    """Words answers in one language."""

    def __init__(self, ground: Ground, current: dict[str, Snapshot], lang: Lang) -> None:
        self._ground = ground
        self._current = current
        self._lang = lang

    def word(self, answer: Answer) -> dict[str, Any]:
        """Word one answer for ``geoapp.search/1``."""
        place = self._place(answer)
        title = answer.title_en if self._lang == "en" and answer.title_en else answer.title
        if answer.reading:
            title = _word_degrees(answer.reading, self._lang)
        return {
            "kind": answer.kind,
            "layer": answer.layer or None,
            "row": answer.row,
            "key": answer.key,
            "title": title,
            "detail": place.detail,
            "lon": place.longitude,
            "lat": place.latitude,
            "bounds": list(place.bounds) if place.bounds else None,
            "score": round(answer.score, 4),
        }

    def _place(self, answer: Answer) -> _Place:
        if answer.reading:
            return self._place_position(answer.reading)
        if answer.kind == "unit":
            return self._place_unit(answer)
        return self._place_feature(answer.layer, answer.row or 0, None)

    def _place_position(self, reading: Reading) -> _Place:
        lang = self._lang
        how = text(lang, f"finding.read_{reading.notation}", zone=reading.zone)
        parts = [how]
        if reading.assumed:
            parts.append(text(lang, "finding.zone_assumed", zone=reading.zone))
        if reading.swapped:
            parts.append(text(lang, "finding.north_first"))
        parts.append(self._where(reading.longitude, reading.latitude))
        detail = text(lang, "finding.between_parts").join(parts)
        return _Place(reading.longitude, reading.latitude, None, detail)

    def _place_unit(self, answer: Answer) -> _Place:
        ground, lang = self._ground, self._lang
        above = [answer.key[:length] for length in (6, 9) if length < len(answer.key)]
        names = [ground.name_unit(code, lang) for code in above]
        if answer.layer == "":
            box = ground.city.extent
            bounds = (box.west, box.south, box.east, box.north)
            middle = ((box.west + box.east) / 2, (box.south + box.north) / 2)
            return _Place(*middle, bounds, ground.city.province[lang])
        detail = text(lang, "finding.between_units").join(names or [ground.city.name[lang]])
        if answer.row is not None:
            return self._place_feature(answer.layer, answer.row, detail)
        unknown = text(lang, "finding.no_outline")
        return _Place(None, None, None, text(lang, "finding.between_parts").join([detail, unknown]))

    def _place_feature(self, layer: str, row: int, detail: str | None) -> _Place:
        definition = self._ground.library.require(layer)
        shapes = self._ground.shapes(definition, self._current[layer])
        longitude, latitude = shapes.inner_point(row)
        words = self._where(longitude, latitude) if detail is None else detail
        return _Place(longitude, latitude, shapes.bounds(row), words)

    def _where(self, longitude: float, latitude: float) -> str:
        try:
            spot = find_spot(longitude, latitude, self._ground.city.crs)
        except CrsError:
            return text(self._lang, "finding.outside")
        units = units_at(self._ground, self._current, spot, PLACE_LEVELS)
        if units:
            return word_place(self._ground, units, self._lang)
        known = any(level in self._current for level in PLACE_LEVELS)
        inside = self._ground.city.extent.to_extent().contains(longitude, latitude)
        if known or not inside:
            return text(self._lang, "finding.outside")
        return text(self._lang, "finding.units_unknown")


def _word_degrees(reading: Reading, lang: Lang) -> str:
    east = "east" if reading.longitude >= 0 else "west"
    north = "north" if reading.latitude >= 0 else "south"
    longitude = text(lang, f"finding.{east}", degrees=f"{abs(reading.longitude):.6f}")
    latitude = text(lang, f"finding.{north}", degrees=f"{abs(reading.latitude):.6f}")
    return f"{longitude} {latitude}"
