"""Spatial plans of the sample city: which units have one, and how far it is, drawn by lot."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoapp.planning.plan import STATUSES, PlanLevel, Status
from geoapp.sample.randomness import generator


@dataclass(frozen=True, slots=True)
class DrawnPlan:
    """One plan and how far it is."""

    level: PlanLevel
    unit: str
    status: Status


def draw_plans(units: pd.DataFrame, city: str, seed: int) -> Iterator[DrawnPlan]:
    """Draw which units have a plan, and its status.

    Args:
        units: Columns ``code`` and ``level``.
        city: Code of the city.
        seed: Of the city.
    """
    rng = generator(seed, "plans")
    yield DrawnPlan("city", city, "approved")
    shares: dict[PlanLevel, float] = {"district": 1.0, "township": 0.7, "village": 0.25}
    for level, share in shares.items():
        codes = units.loc[units["level"] == level, "code"].to_numpy(dtype=object)
        chosen = np.sort(rng.choice(len(codes), size=round(share * len(codes)), replace=False))
        for row in chosen.tolist():
            status = STATUSES[int(rng.integers(len(STATUSES)))]
            yield DrawnPlan(level, str(codes[row]), status)
