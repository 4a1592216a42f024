"""What a polygon holds, or a moved boundary changes, of every layer."""

import threading
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely

from geoapp.catalog.city import City
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.library import Library
from geoapp.catalog.manifest import Coverage
from geoapp.catalog.snapshot import Snapshot, SnapshotStore
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.overlay.asked_polygon import take_polygon
from geoapp.overlay.coverage import combine_districts
from geoapp.overlay.ground import Ground, measure_ground, prepare_ground
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.kinds import Kinds
from geoapp.overlay.moved import find_difference
from geoapp.overlay.opened import OpenedLayer
from geoapp.overlay.question import require_class_field
from geoapp.overlay.replaced import Replaced, ReplacedShelf
from geoapp.overlay.result import LEVELS, Level
from geoapp.overlay.row_areas import ClassSums, add_lines, add_up, count_points, move_on
from geoapp.overlay.tabulate import Tabulator
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.overlay.unit import read_units
from geoapp.overlay.unit_split import UnitSplitter
from geoapp.overlay.what_if_figures import describe_change, describe_sums
from geoapp.overlay.what_if_result import (
    Earlier,
    Existing,
    Figures,
    LayerAnswer,
    MovedBoundary,
    UnitAnswer,
    WhatIfResult,
)
from geoapp.overlay.workers import in_threads

UNIT_LEVELS: Final[tuple[Level, ...]] = LEVELS[1:]


@dataclass(frozen=True, slots=True)
class Move:
    """A moved boundary: the one it replaces, and what it gains and loses."""

    before: Replaced
    gained: Ground
    lost: Ground


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, prepared.

    Attributes:
        geometry: The polygon in the measure plane.
        area_m2: Its official area.
        ground: It prepared; ``None`` where it moved, for then it is what the boundary before
            has, with what was gained and without what was lost.
        current: Snapshots in force when it was asked.
        districts: Districts that the polygon touches, before it was moved as well.
        outside: It reaches out of all districts.
    """

    geometry: shapely.Geometry
    area_m2: float
    ground: Ground | None
    move: Move | None
    current: Mapping[str, Snapshot]
    class_fields: Mapping[str, str]
    districts: tuple[str, ...] = ()
    outside: bool = True


class WhatIf:
    """Answers questions about single polygons; many threads may ask at a time.

    Layers are opened when they are first asked for and held open until a new snapshot is in
    force.
    """

    def __init__(
        self, city: City, library: Library, store: SnapshotStore, tabulator: Tabulator
    ) -> None:
        self._city = city
        self._library = library
        self._store = store
        self._tabulator = tabulator
        self._opened: dict[str, OpenedLayer] = {}
        self._splitters: dict[str, UnitSplitter] = {}
        self._replaced = ReplacedShelf()
        self._coverage: dict[str, tuple[str, str, dict[str, Coverage]]] = {}
        self._lock = threading.RLock()

    def ask(
        self,
        geometry: object,
        definitions: Sequence[LayerDefinition],
        levels: Sequence[Level],
        class_fields: Mapping[str, str],
        replaces: Existing | Earlier | None,
    ) -> WhatIfResult:
        """Measure a polygon.

        Args:
            geometry: Shapely polygon or multipolygon, EPSG:4490.
            definitions: Layers to measure.
            levels: Levels of units to split by.
            class_fields: Class field by layer; ``""``: none; by default the layer's own.
            replaces: A feature, or an earlier drawing, whose new boundary the polygon is.

        Raises:
            GeometryError: The polygon cannot be measured, or the feature has no area.
            CrsError: It lies outside the city.
            NotFoundError: There is no such layer or feature.
            ChoiceError: A class field is not offered.
        """
        fields = self._choose_fields(definitions, class_fields)
        current = self._store.current()
        plane = take_polygon(geometry, self._city)
        move = self._find_move(plane, replaces, current) if replaces else None
        ground = None if move else prepare_ground(plane)
        area_m2 = ground.area_m2 if ground else measure_ground(plane)
        bare = Asked(plane, area_m2, ground, move, current, fields)
        splits = {level: self._split(level, bare) for level in UNIT_LEVELS}
        asked = _place(bare, splits["district"])
        layers = tuple(in_threads(lambda layer: self._answer(layer, asked), definitions))
        units = tuple(answer for level in levels if (answer := splits[level]) is not None)
        used = [answer.layer for answer in layers] + [answer.level for answer in units]
        return WhatIfResult(
            area_m2=area_m2,
            layers=layers,
            units=units,
            moved=_describe_move(move),
            sample=any(current[name].manifest.sample for name in used if name in current),
        )

    def find_shape(self, existing: Existing) -> shapely.Geometry:
        """Give a stored feature in the measure plane.

        Raises:
            GeometryError: It has no area.
            NotFoundError: There is no such layer or feature.
        """
        return self._stored(existing, self._store.current())

    def _stored(self, existing: Existing, current: Mapping[str, Snapshot]) -> shapely.Geometry:
        definition = self._library.require(existing.layer)
        if existing.layer not in current:
            raise NotFoundError("snapshot-none", layer=definition.title, as_of="-")
        layer = self._open(definition, current[existing.layer])
        return layer.geometry(layer.find_row(existing.feature))

    def _choose_fields(
        self, definitions: Sequence[LayerDefinition], class_fields: Mapping[str, str]
    ) -> dict[str, str]:
        fields = {definition.id: definition.class_field for definition in definitions}
        for layer, name in class_fields.items():
            require_class_field(self._library.require(layer), name)
            if layer not in fields:
                raise ChoiceError(
                    "choice-unknown",
                    option="class_fields",
                    value=layer,
                    offered=", ".join(fields) or "-",
                )
            fields[layer] = name
        return fields

    def _find_move(
        self,
        plane: shapely.Geometry,
        replaces: Existing | Earlier,
        current: Mapping[str, Snapshot],
    ) -> Move:
        before = self._find_replaced(replaces, current)
        gained, lost = find_difference(plane, before.geometry)
        return Move(before, prepare_ground(gained), prepare_ground(lost))

    def _find_replaced(
        self, replaces: Existing | Earlier, current: Mapping[str, Snapshot]
    ) -> Replaced:
        if isinstance(replaces, Earlier):
            drawn = replaces.geometry
            key: Hashable = replaces.label, shapely.to_wkb(drawn)
            return self._replaced.find(
                key, lambda: Replaced(replaces, take_polygon(drawn, self._city))
            )
        snapshot = current.get(replaces.layer)
        key = replaces.layer, replaces.feature, snapshot and snapshot.name
        return self._replaced.find(key, lambda: Replaced(replaces, self._stored(replaces, current)))

    def _split(self, level: Level, asked: Asked) -> UnitAnswer | None:
        if level not in asked.current:
            return None
        splitter = self._splitter(level, asked.current[level])
        before = None
        if asked.move:
            move = asked.move
            stored = move.before.share(splitter)
            areas = stored + splitter.share(move.gained) - splitter.share(move.lost)
            before = splitter.describe(stored, move.before.area_m2)
        else:
            areas = splitter.share(_require_ground(asked))
        return UnitAnswer(
            level,
            asked.current[level].name,
            splitter.describe(areas, asked.area_m2),
            before,
            splitter.units.overlap,
        )

    def _answer(self, definition: LayerDefinition, asked: Asked) -> LayerAnswer:
        name, field = definition.id, asked.class_fields[definition.id]
        snapshot = asked.current.get(name)
        if snapshot is None:
            states: dict[str, Coverage] = dict.fromkeys(asked.districts, "no_data")
            nothing = Figures(asked.area_m2, (), None, None, None)
            return LayerAnswer(name, field, "", "no_data", states, nothing)
        layer = self._open(definition, snapshot)
        known = self._known(definition, asked)
        sums = self._measure(layer, asked, field)
        found = any(int(part.count.sum()) for part in sums)
        coverage = _combine(known, outside=asked.outside, found=found)
        kinds = layer.kinds(field)
        grounds_m2 = [asked.area_m2]
        if asked.move:
            gained, lost = asked.move.gained, asked.move.lost
            grounds_m2 += [asked.move.before.area_m2, gained.area_m2, lost.area_m2]
        figures = [
            describe_sums(
                part,
                kinds,
                ground_m2,
                classes=bool(field),
                ground_counts=not (layer.layer.points or layer.layer.lines),
                known=coverage != "no_data",
            )
            for part, ground_m2 in zip(sums, grounds_m2, strict=True)
        ]
        change = describe_change(figures) if asked.move else None
        return LayerAnswer(name, field, snapshot.name, coverage, known, figures[0], change)

    def _measure(self, layer: OpenedLayer, asked: Asked, field: str) -> list[ClassSums]:
        """Measure the polygon and, if it moved: before, gained and lost."""
        move, kinds = asked.move, layer.kinds(field)
        if layer.layer.points:
            return [count_points(rows, kinds) for rows in _find_points(layer, asked)]
        if layer.layer.lines:
            return _find_lines(layer, asked, kinds)
        if move is None:
            return [add_up(layer.measure(_require_ground(asked), field), kinds)]
        before = move.before.measure(layer, field)
        gained, lost = layer.measure(move.gained, field), layer.measure(move.lost, field)
        after = move_on(before, gained, lost)
        return [add_up(areas, kinds) for areas in (after, before, gained, lost)]

    def _open(self, definition: LayerDefinition, snapshot: Snapshot) -> OpenedLayer:
        with self._lock:
            found = self._opened.get(definition.id)
            if found is None or found.snapshot.name != snapshot.name:
                found = OpenedLayer(definition, self._tabulator.open_layer(snapshot))
                self._opened[definition.id] = found
            return found

    def _splitter(self, level: Level, snapshot: Snapshot) -> UnitSplitter:
        with self._lock:
            found = self._splitters.get(level)
            if found is None or found.units.layer.snapshot.name != snapshot.name:
                layer = self._tabulator.open_layer(snapshot)
                units = read_units(level, layer, self._city.code, self._city.name.zh)
                found = self._splitters[level] = UnitSplitter(units)
            return found

    def _known(self, definition: LayerDefinition, asked: Asked) -> dict[str, Coverage]:
        """Tell how well a layer is known in the districts that the polygon touches."""
        if not asked.districts:
            return {}
        names = asked.current[definition.id].name, asked.current["district"].name
        with self._lock:
            kept = self._coverage.get(definition.id)
        if kept is None or kept[:2] != names:
            kept = (*names, self._tabulator.layer_coverage(definition.id))
            with self._lock:
                self._coverage[definition.id] = kept
        return {code: kept[2].get(code, "no_data") for code in asked.districts}


def _place(asked: Asked, districts: UnitAnswer | None) -> Asked:
    """Tell which districts it touches."""
    if districts is None:
        return asked
    splits = [districts.split, *([districts.before] if districts.before else [])]
    codes = {part.unit_code for split in splits for part in split.parts}
    outside = any(split.outside_m2 >= COUNTED_FROM_M2 for split in splits)
    return replace(asked, districts=tuple(sorted(codes)), outside=outside)


def _require_ground(asked: Asked) -> Ground:
    """Give the prepared polygon; one that moved has none."""
    return asked.ground or prepare_ground(asked.geometry)


def _find_lines(layer: OpenedLayer, asked: Asked, kinds: Kinds) -> list[ClassSums]:
    """Measure lines in the polygon and, if it moved: before, gained and lost."""
    whole, now = layer.layer.lengths_m, asked.geometry
    after = layer.measure_lines(now)
    if asked.move is None:
        return [add_lines(*after, whole[after[0]], kinds)]
    # Not by place: a line on an edge that old and new have in common is neither.
    before = asked.move.before.measure_lines(layer)
    both = layer.measure_lines(now, asked.move.before.geometry)
    parts = [after, before, _without(after, both), _without(before, both)]
    return [add_lines(rows, length, whole[rows], kinds) for rows, length in parts]


def _without(
    has: tuple[Integers, Floats], less: tuple[Integers, Floats]
) -> tuple[Integers, Floats]:
    """Take from lengths by row what is elsewhere too; rows of ``less`` are among the others."""
    rows, length = has[0], has[1].copy()
    length[np.searchsorted(rows, less[0])] -= less[1]
    return rows, np.maximum(length, 0.0)


def _find_points(layer: OpenedLayer, asked: Asked) -> list[Integers]:
    """Find the points in the polygon and, if it moved: before, gained and lost."""
    after = layer.find_points(asked.geometry)
    if asked.move is None:
        return [after]
    # Not by place: a point on an edge that old and new have in common is neither.
    before = asked.move.before.find_points(layer)
    return [after, before, np.setdiff1d(after, before), np.setdiff1d(before, after)]


def _combine(known: Mapping[str, Coverage], *, outside: bool, found: bool) -> Coverage:
    """Take districts together; what lies outside all of them is known by nobody."""
    state = combine_districts(known.values()) if known else "no_data"
    if state == "no_data":
        return "partial" if found else "no_data"
    return "partial" if outside else state


def _describe_move(move: Move | None) -> MovedBoundary | None:
    if move is None:
        return None
    existing, before_m2 = move.before.existing, move.before.area_m2
    layer, feature = (
        ("", existing.label)
        if isinstance(existing, Earlier)
        else (existing.layer, existing.feature)
    )
    return MovedBoundary(layer, feature, before_m2, move.gained.area_m2, move.lost.area_m2)
