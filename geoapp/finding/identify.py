"""What lies at a point, and one feature by its row: worded documents for map and address."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from geoapp.access.policy import require
from geoapp.access.scope import bound_unit, is_bound
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import OFFICIAL_M2, Snapshot
from geoapp.errors import ChoiceError, CrsError, NotFoundError
from geoapp.finding.drawing import draw_shape, pixel_size
from geoapp.finding.ground import Ground
from geoapp.finding.known import coverage_here
from geoapp.finding.links import page_links, statistics_link
from geoapp.finding.shapes import LayerShapes, Spot, find_spot
from geoapp.finding.units import UnitHere, units_at
from geoapp.finding.wording import (
    word_area,
    word_attributes,
    word_class,
    word_key,
    word_length,
    word_title,
)
from geoapp.i18n import Lang
from geoapp.values import AreaUnit

Document = dict[str, Any]

IDENTIFY_SCHEMA: Final = "geoapp.identify/1"
OBJECT_SCHEMA: Final = "geoapp.object/1"
_REACH_PIXELS: Final = 8.0
_HIGHEST_ZOOM: Final = 24.0
_MOST_FEATURES: Final = 60


@dataclass(frozen=True, slots=True)
class PointRequest:
    """A question about a point.

    Attributes:
        longitude: Degrees east, CGCS2000.
        latitude: Degrees north.
        zoom: Of the map, for the reach of marks and the fineness of shapes.
        layers: Which layers; by default all that the principal may see.
        also: Layers of units to list as features too where no layers are named.
    """

    longitude: float
    latitude: float
    zoom: float = 16.0
    layers: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    lang: Lang = "zh"
    unit: AreaUnit = AreaUnit.HA


@dataclass(frozen=True, slots=True)
class ObjectRequest:
    """A question about one feature.

    Attributes:
        row: Its place in the stored order, from 0.
        snapshot: In which snapshot; by default the current one.
    """

    layer: str
    row: int
    snapshot: str = ""
    zoom: float = 16.0
    lang: Lang = "zh"
    unit: AreaUnit = AreaUnit.HA


@dataclass
class _Scene:
    """What is shared by the features of one answer."""

    ground: Ground
    current: dict[str, Snapshot]
    pixel_m: float
    lang: Lang
    unit: AreaUnit
    units: list[UnitHere]
    features: list[Document] = field(default_factory=list)


def identify(ground: Ground, request: PointRequest) -> Document:
    """Tell what lies at a point.

    Returns:
        The document ``geoapp.identify/1``; control lines first, then what the map draws on top.
        Units are listed by themselves, and as features only where their layers are named.
        ``withheld`` are layers of which the principal sees nothing here, whatever there is.

    Raises:
        ChoiceError: A number is out of range.
        NotFoundError: A layer does not exist.
        AccessError: The principal may not see a layer that is named.
    """
    _require_zoom(request.zoom)
    spot = _require_spot(ground, request.longitude, request.latitude)
    definitions = ground.choose(request.layers)
    current = ground.store.current()
    units = units_at(ground, current, spot)
    outside = _is_outside(ground, current, units, request)
    pixel_m = pixel_size(request.zoom, spot.stretch)
    scene = _Scene(ground, current, pixel_m, request.lang, request.unit, units)
    no_data, withheld, truncated = [], [], False
    at_home = bound_unit(ground.principal) in {unit.code for unit in units}
    listed = request.layers or request.also
    for definition in _ordered(definitions, listed, named=bool(request.layers)):
        snapshot = current.get(definition.id)
        rows: list[int] = []
        if snapshot is not None:
            shapes = ground.shapes(definition, snapshot)
            rows, more = shapes.find(spot, _REACH_PIXELS * pixel_m)
            own = ground.shown(definition, snapshot)
            rows = rows if own is None else [row for row in rows if row in own]
            room = _MOST_FEATURES - len(scene.features)
            truncated = truncated or more or len(rows) > room
            scene.features += [_describe(scene, shapes, row, units) for row in rows[:room]]
        if is_bound(ground.principal, definition) and not at_home:
            withheld.append({"layer": definition.id, "title": definition.title[request.lang]})
        elif not outside:
            no_data += _unknown(scene, definition, found=bool(rows))
    return {
        "schema": IDENTIFY_SCHEMA,
        "lon": request.longitude,
        "lat": request.latitude,
        "outside": outside,
        "units": [
            {"level": u.level, "code": u.code, "name": ground.name_unit(u.code, request.lang)}
            for u in units
        ],
        "features": scene.features,
        "no_data": no_data,
        "withheld": withheld,
        "truncated": truncated,
    }


def describe_object(ground: Ground, request: ObjectRequest) -> Document:
    """Describe one feature.

    Returns:
        The document ``geoapp.object/1``: a feature as in ``identify``, with a position on it,
        its bounds, its units, and whether its snapshot is the current one.

    Raises:
        NotFoundError: The layer, snapshot or row does not exist.
        AccessError: The principal may not see the layer.
    """
    _require_zoom(request.zoom)
    definition = ground.library.require(request.layer)
    require(ground.principal, "view", definition)
    current = ground.store.current()
    snapshot = _find_snapshot(ground, current, definition, request.snapshot)
    shapes = ground.shapes(definition, snapshot)
    own = ground.shown(definition, snapshot)
    if not 0 <= request.row < shapes.count or (own is not None and request.row not in own):
        raise NotFoundError("row-unknown", layer=definition.title, row=request.row)
    longitude, latitude = shapes.inner_point(request.row)
    spot = find_spot(longitude, latitude, ground.city.crs)
    units = units_at(ground, current, spot)
    pixel_m = pixel_size(request.zoom, spot.stretch)
    scene = _Scene(ground, current, pixel_m, request.lang, request.unit, units)
    return {
        "schema": OBJECT_SCHEMA,
        **_describe(scene, shapes, request.row, units),
        "lon": longitude,
        "lat": latitude,
        "bounds": list(shapes.bounds(request.row)),
        "units": [
            {"level": u.level, "code": u.code, "name": ground.name_unit(u.code, request.lang)}
            for u in units
        ],
        "current": current.get(definition.id) == snapshot,
    }


def _describe(scene: _Scene, shapes: LayerShapes, row: int, units: Sequence[UnitHere]) -> Document:
    definition, snapshot, lang = shapes.definition, shapes.snapshot, scene.lang
    values = scene.ground.rows.read(snapshot, row)
    key = word_key(definition, values)
    # A coarse shape carries the area of the true one: what is quoted must be true.
    area_m2 = values.get(OFFICIAL_M2, shapes.area(row))
    length_m = shapes.length(row)
    statistics = statistics_link(
        scene.ground, scene.current, definition, list(units), lang, scene.unit
    )
    return {
        "layer": definition.id,
        "layer_title": definition.title[lang],
        "snapshot": snapshot.name,
        "row": row,
        "title": word_title(definition, row, values, lang),
        "key": key,
        "class": word_class(definition, values, lang),
        "area_m2": area_m2,
        "length_m": length_m,
        "measure_text": word_area(area_m2, scene.unit, lang) or word_length(length_m, lang),
        "attributes": list(word_attributes(definition, values, lang)),
        "geometry": draw_shape(shapes, row, scene.pixel_m),
        "links": [
            *([statistics] if statistics else []),
            *page_links(definition, snapshot, row, key, lang),
        ],
    }


def _unknown(scene: _Scene, definition: LayerDefinition, *, found: bool) -> list[Document]:
    snapshot = scene.current.get(definition.id)
    manifest = None
    if snapshot is not None:
        manifest = scene.ground.shapes(definition, snapshot).snapshot.manifest
    districts = [unit.code for unit in scene.units if unit.level == "district"]
    coverage = coverage_here(definition, manifest, districts, found=found)
    if coverage == "complete":
        return []
    title = definition.title[scene.lang]
    return [{"layer": definition.id, "title": title, "coverage": coverage}]


def _ordered(
    definitions: Sequence[LayerDefinition], listed: Sequence[str], *, named: bool
) -> list[LayerDefinition]:
    """Put control lines first, then what the map draws on top."""
    wanted = [d for d in definitions if named or d.group != "unit" or d.id in listed]
    return sorted(wanted, key=lambda d: (d.group != "control", -d.order))


def _is_outside(
    ground: Ground, current: dict[str, Snapshot], units: list[UnitHere], request: PointRequest
) -> bool:
    """Tell whether a point lies outside the city: by its districts, else by its rectangle."""
    if units:
        return False
    known = "district" in current
    inside = ground.city.extent.to_extent().contains(request.longitude, request.latitude)
    return known or not inside


def _find_snapshot(
    ground: Ground, current: dict[str, Snapshot], definition: LayerDefinition, name: str
) -> Snapshot:
    now = current.get(definition.id)
    if now is not None and name in {"", now.name}:
        return now
    return ground.store.require_named(definition.id, name or "-")


def _require_spot(ground: Ground, longitude: float, latitude: float) -> Spot:
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ChoiceError("point-out-of-range", longitude=longitude, latitude=latitude)
    try:
        return find_spot(longitude, latitude, ground.city.crs)
    except CrsError as error:
        raise ChoiceError("point-out-of-range", longitude=longitude, latitude=latitude) from error


def _require_zoom(zoom: float) -> None:
    if not 0 <= zoom <= _HIGHEST_ZOOM:
        raise ChoiceError("zoom-out-of-range", zoom=zoom, most=_HIGHEST_ZOOM)
