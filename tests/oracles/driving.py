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


Bent = tuple[Sequence[Point], float]  # corners of a road, km/h
_SAME_M = 0.03


def drive(roads: Sequence[Bent], stations: Sequence[Point], station_m: float) -> dict[Point, float]:
    """Give minutes to beads along bent roads that meet and cross anywhere.

    A station leaves straight to the nearest road, as fast as one drives on the slowest.
    """
    straight = [(a, b, speed) for corners, speed in roads for a, b in pairwise(corners)]
    cuts = [{0.0, 1.0} for _ in straight]
    for one, (a, b, _) in enumerate(straight):
        for other, (c, d, _) in enumerate(straight):
            if one != other:
                cuts[one] |= set(_meetings(a, b, c, d))
    starts = []
    known = list(straight)
    for station in stations:
        feet = [_foot(station, a, b) for a, b, _ in known]
        number = min(range(len(feet)), key=lambda k: math.dist(station, feet[k][1]))
        share, foot = feet[number]
        if math.dist(station, foot) <= station_m:
            cuts[number].add(share)
            slowest = min(speed for *_, speed in known)
            starts.append((0.0, station))
            straight.append((station, foot, slowest))
            cuts.append({0.0, 1.0})
    near: dict[Point, list[tuple[Point, float]]] = {}
    for (a, b, speed), shares in zip(straight, cuts, strict=True):
        length = math.dist(a, b)
        if length == 0.0:  # a station on a road
            near.setdefault(a, [])
        for low, high in pairwise(sorted(shares)):
            count = max(1, math.ceil((high - low) * length / BEAD_M))
            beads = [_along(a, b, low + (high - low) * k / count) for k in range(count + 1)]
            for one, other in pairwise(beads):
                minutes = math.dist(one, other) / (speed * 1000 / 60)
                near.setdefault(one, []).append((other, minutes))
                near.setdefault(other, []).append((one, minutes))
    names = sorted(near)
    for one, other in pairwise(names):  # the same place, met from two roads
        if math.dist(one, other) <= _SAME_M:
            near[one].append((other, 0.0))
            near[other].append((one, 0.0))
    times = {bead: at for at, foot in starts for bead in names if math.dist(bead, foot) <= _SAME_M}
    waiting = [(at, bead) for bead, at in times.items()]
    heapq.heapify(waiting)
    while waiting:
        at, bead = heapq.heappop(waiting)
        if at > times[bead]:
            continue
        for other, minutes in near[bead]:
            if at + minutes < times.get(other, math.inf):
                times[other] = at + minutes
                heapq.heappush(waiting, (at + minutes, other))
    return times


def _along(a: Point, b: Point, share: float) -> Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def _foot(place: Point, a: Point, b: Point) -> tuple[float, Point]:
    dx, dy = b[0] - a[0], b[1] - a[1]
    share = ((place[0] - a[0]) * dx + (place[1] - a[1]) * dy) / (dx * dx + dy * dy)
    share = min(1.0, max(0.0, share))
    return share, _along(a, b, share)


def _meetings(a: Point, b: Point, c: Point, d: Point) -> list[float]:
    """Give where on a stretch another one meets it: crosses, touches, or ends beside it."""
    found = [
        share
        for end in (c, d)
        for share, foot in [_foot(end, a, b)]
        if math.dist(end, foot) <= _SAME_M
    ]
    across = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
    if across:
        t = ((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0])) / across
        u = ((c[0] - a[0]) * (b[1] - a[1]) - (c[1] - a[1]) * (b[0] - a[0])) / across
        if 0 <= t <= 1 and 0 <= u <= 1:
            found.append(t)
    return found
