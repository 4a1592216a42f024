"""The units of one level, in the measure plane."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.result import Level


@dataclass(frozen=True)
class Units:
    """Units of one level.

    Attributes:
        level: District, township or village; a city is made of its districts.
        layer: The snapshot they come from.
        codes: ``(n,)`` code of each zone; the city's code for each district at city level.
        names: Code → name.
    """

    level: Level
    layer: MeasuredLayer
    codes: np.ndarray
    names: dict[str, str]

    @cached_property
    def areas_m2(self) -> pd.Series:
        """Official area by code, rows in the order of the codes."""
        return pd.Series(self.layer.areas_m2, index=self.codes).groupby(level=0).sum()

    @cached_property
    def unique_codes(self) -> list[str]:
        """Codes in rising order, each once."""
        return sorted({str(code) for code in self.codes})

    @cached_property
    def group_of_zone(self) -> NDArray[np.int64]:
        """``(n,)`` place of each zone's code in ``unique_codes``."""
        return np.searchsorted(self.unique_codes, self.codes.astype(str)).astype(np.int64)

    @property
    def overlap(self) -> bool:
        """Whether units of this level overlap each other."""
        return self.layer.overlap


def read_units(level: Level, layer: MeasuredLayer, city_code: str, city_name: str) -> Units:
    """Read the units of a level from their snapshot (districts for ``city``)."""
    frame = layer.snapshot.read_attributes(["code", "name"])
    if level == "city":
        codes = np.full(len(frame), city_code, dtype=object)
        return Units(level, layer, codes, {city_code: city_name})
    codes = frame["code"].to_numpy(dtype=object)
    return Units(level, layer, codes, dict(zip(codes, frame["name"], strict=True)))
