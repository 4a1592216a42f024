"""Ground that is reached in time from stations over roads: never more than is true.

Roads are driven on at the speed of their grade; from every point of a road people go on by foot,
straight and no further than a stated distance. Roads are taken in pieces that count as reached
when the last of their points is, and discs are drawn inside of the true ones, so that the ground
found lies within the ground that is reached.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict, Field

from geoapp.catalog.parsing import named_faults
from geoapp.geometry.crs import Geometries
from geoapp.overlay.kernel import Floats, Integers
from geoapp.planning.road_network import RoadNetwork, build_network

FILE: Final = "fire_cover.toml"
_PIECE_M: Final = 100.0
_SLACK_M: Final = 2.0  # by which roads are drawn plainer, and discs smaller
_STUB_M: Final = 0.05
_STEP_MIN: Final = 0.5  # what is left of the time is rounded down to these
_KMH_IN_M_PER_MINUTE: Final = 1000 / 60


class FireSpeeds(BaseModel):
    """How fast help comes.

    Attributes:
        off_road_kmh: On foot.
        reach_m: How far from a road at most.
        join_m: A road that ends this close to another meets it.
        station_m: How far from a road a station may be.
        speed_kmh: By grade of the road.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    off_road_kmh: float = Field(gt=0, le=10)
    reach_m: float = Field(gt=0, le=5000)
    join_m: float = Field(ge=0, le=50)
    station_m: float = Field(gt=0, le=10_000)
    speed_kmh: dict[str, float] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """What is reached.

    Attributes:
        ground: ``(n,)`` polygons in the plane of the roads; they may overlap.
        pieces: ``(p,)`` pieces of roads that are reached.
        minutes: ``(p,)`` when the last point of each is.
        left_out: Stations that are too far from any road.
        unused: Roads whose grade has no speed.
        joined: Loose ends of roads that were led to a road close by.
    """

    ground: Geometries
    pieces: Geometries
    minutes: Floats
    left_out: Integers
    unused: int
    joined: int


def read_fire_speeds(workspace: Path) -> FireSpeeds:
    """Read the assumptions: the workspace's own, else the product's.

    Raises:
        CatalogError: A key is missing, unknown or wrong; named with file, key and reason.
    """
    own = workspace / FILE
    path = own if own.is_file() else Path(__file__).with_name(FILE)
    with named_faults(path):
        return FireSpeeds.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def find_reach(
    lines: Geometries, grades: np.ndarray, stations: Geometries, limit_min: float, how: FireSpeeds
) -> Reach:
    """Find the ground that is reached in time.

    Args:
        lines: ``(n,)`` roads in a plane of metres.
        grades: ``(n,)`` their grades.
        stations: ``(s,)`` points in the same plane.
        limit_min: Minutes from leaving the station.
        how: Speeds and distances.
    """
    known = np.array([how.speed_kmh.get(str(grade), 0.0) for grade in grades], dtype=np.float64)
    roads, speeds = lines[known > 0], known[known > 0]
    ways, left_out = _lead_out(stations, roads, how)
    network = build_network(roads, speeds, how.join_m, ways)
    starts = _nearest_nodes(network, np.delete(stations, left_out))
    pieces, minutes = _reached_pieces(network, network.times_from(starts), limit_min)
    ground = _spread(pieces, limit_min - minutes, how)
    return Reach(ground, pieces, minutes, left_out, int(np.sum(known <= 0)), network.joined)


def _lead_out(
    stations: Geometries, roads: Geometries, how: FireSpeeds
) -> tuple[Geometries, Integers]:
    """Make the way from each station to the nearest road; list those that have none."""
    if not len(stations) or not len(roads):
        return np.zeros(0, dtype=object), np.arange(len(stations))
    nearest = roads[np.asarray(shapely.STRtree(roads).nearest(stations))]
    ways = shapely.shortest_line(stations, nearest)
    far = shapely.length(ways) > how.station_m
    on_road = shapely.length(ways) < _STUB_M
    ends = shapely.get_coordinates(stations[on_road])
    # A station on a road cuts it there; else it would leave from the nearest crossing.
    ways[on_road] = shapely.linestrings(np.stack([ends - _STUB_M, ends + _STUB_M], axis=1))
    return ways[~far], np.flatnonzero(far)


def _nearest_nodes(network: RoadNetwork, stations: Geometries) -> Integers:
    if not len(network.nodes) or not len(stations):
        return np.zeros(0, dtype=np.int64)
    nodes = np.asarray(shapely.points(network.nodes), dtype=object)
    return np.asarray(shapely.STRtree(nodes).nearest(stations))


def _reached_pieces(
    network: RoadNetwork, times: Floats, limit_min: float
) -> tuple[Geometries, Floats]:
    """Cut the roads into pieces and keep those that are reached whole, with the time for it."""
    first, last = times[network.begins], times[network.ends]
    near = np.flatnonzero(np.minimum(first, last) < limit_min)
    finer = shapely.segmentize(network.edges[near], _PIECE_M)
    points, owner = shapely.get_coordinates(finer, return_index=True)
    same = np.flatnonzero(owner[1:] == owner[:-1])
    edge = near[owner[same]]
    lengths = np.hypot(*(points[same + 1] - points[same]).T)
    along = np.cumsum(lengths)
    begin = np.concatenate([[True], np.diff(edge) != 0]) if len(edge) else np.zeros(0, dtype=bool)
    along -= np.repeat((along - lengths)[begin], np.diff([*np.flatnonzero(begin), len(edge)]))
    share = along / shapely.length(network.edges[edge])
    before = share - lengths / shapely.length(network.edges[edge])
    driven = network.minutes[edge]
    # From either end of the road; the last point of the piece decides.
    minutes = np.minimum(first[edge] + share * driven, last[edge] + (1 - before) * driven)
    kept = minutes <= limit_min
    pieces = shapely.linestrings(np.stack([points[same], points[same + 1]], axis=1)[kept])
    return np.atleast_1d(np.asarray(pieces, dtype=object)), minutes[kept]


def _spread(pieces: Geometries, left_min: Floats, how: FireSpeeds) -> Geometries:
    """Draw the ground beside the pieces that is reached in what is left of the time."""
    steps = np.floor(left_min / _STEP_MIN) * _STEP_MIN
    radii = np.minimum(steps * how.off_road_kmh * _KMH_IN_M_PER_MINUTE, how.reach_m)
    discs = []
    for radius in np.unique(radii[radii > _SLACK_M]).tolist():
        ways = shapely.line_merge(shapely.multilinestrings(pieces[radii == radius]))
        plain = shapely.simplify(shapely.get_parts(ways), _SLACK_M)
        discs.append(shapely.buffer(plain, radius - _SLACK_M, quad_segs=8))
    if not discs:
        return np.zeros(0, dtype=object)
    return np.asarray(shapely.get_parts(shapely.union_all(np.concatenate(discs))))
