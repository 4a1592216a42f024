"""Times over roads, the slow way: roads as beads on a string, every bead looked at."""

import heapq
import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Road = tuple[Point, Point, float]  # straight, with km/h
BEAD_M = 10.0


def bead_times(roads: Sequence[Road], stations: Sequence[Point]) -> dict[Point, float]:
    """Give minutes to every bead from the nearest station that lies on a road.

    Roads run along whole multiples of the bead distance, so that beads of roads that cross fall
    together.
    """
    near: dict[Point, list[tuple[Point, float]]] = {}
    for (x0, y0), (x1, y1), speed in roads:
        count = round(math.hypot(x1 - x0, y1 - y0) / BEAD_M)
        beads = [
            (round(x0 + (x1 - x0) * k / count, 6), round(y0 + (y1 - y0) * k / count, 6))
            for k in range(count + 1)
        ]
        minutes = BEAD_M / (speed * 1000 / 60)
        for one, other in pairwise(beads):
            near.setdefault(one, []).append((other, minutes))
            near.setdefault(other, []).append((one, minutes))
    times = {station: 0.0 for station in stations if station in near}
    waiting = [(0.0, station) for station in times]
    while waiting:
        at, bead = heapq.heappop(waiting)
        if at > times[bead]:
            continue
        for other, minutes in near[bead]:
            if at + minutes < times.get(other, math.inf):
                times[other] = at + minutes
                heapq.heappush(waiting, (at + minutes, other))
    return times


def walking_minutes(
    times: dict[Point, float], place: Point, walk_kmh: float, reach_m: float
) -> float:
    """Give minutes to a place: along a road to some bead, then straight on foot."""
    best = math.inf
    for (x, y), at in times.items():
        away = math.hypot(place[0] - x, place[1] - y)
        if away <= reach_m:
            best = min(best, at + away / (walk_kmh * 1000 / 60))
    return best
