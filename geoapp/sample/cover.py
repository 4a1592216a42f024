"""The land class of every parcel."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from geoapp.sample.grid import Floats
from geoapp.sample.parcels import Parcels
from geoapp.sample.plan import LandUse
from geoapp.sample.strips import HIGHWAY, LANE, RIVER

STRIP_KINDS = {"river": RIVER, "highway": HIGHWAY, "lane": LANE}


def choose_classes(
    plan: LandUse, parcels: Parcels, area: Floats, properties: Mapping[str, Floats]
) -> NDArray[np.int64]:
    """Let the classes of a plan choose their parcels, best ground first.

    Args:
        plan: Classes, their shares and what they look for.
        parcels: The mosaic; strips get the class of their kind.
        area: Area per parcel.
        properties: As from :func:`geoapp.sample.ground.survey`.

    Returns:
        Row in ``plan.classes`` per parcel.
    """
    chosen = np.full(len(area), len(plan.classes) - 1)
    for row, wanted in enumerate(plan.classes):
        if wanted.strip:
            chosen[parcels.strip == STRIP_KINDS[wanted.strip]] = row
    free = parcels.strip == 0
    for row, wanted in enumerate(plan.classes):
        if wanted.share is None:
            continue
        score = np.zeros(len(area))
        for name, weight in wanted.score.items():
            score += weight * properties[name]
        open_ = np.flatnonzero(free)
        best = open_[np.argsort(-score[open_], kind="stable")]
        filled = np.cumsum(area[best]) - area[best] / 2
        taken = best[: int(np.searchsorted(filled, wanted.share * area.sum()))]
        chosen[taken] = row
        free[taken] = False
    return chosen


def draw(weights: Mapping[str, float], size: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Draw words by weight; an empty text where there is nothing to draw from."""
    if not weights:
        return np.full(size, "", object)
    words = np.array(list(weights), object)
    share = np.array(list(weights.values()))
    drawn: NDArray[np.object_] = words[rng.choice(words.size, size, p=share / share.sum())]
    return drawn


def name_classes(
    plan: LandUse, chosen: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Write code and name of the class of every parcel, mixtures drawn."""
    code = np.array([c.code for c in plan.classes], object)[chosen]
    name = np.array([c.name for c in plan.classes], object)[chosen]
    for row, wanted in enumerate(plan.classes):
        if wanted.mix:
            mine = np.flatnonzero(chosen == row)
            drawn = draw({part.code: part.weight for part in wanted.mix}, mine.size, rng)
            code[mine] = drawn
            names = {part.code: part.name for part in wanted.mix}
            name[mine] = [names[word] for word in drawn]
    return code, name
