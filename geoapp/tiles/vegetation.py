"""How green a picture is: by its visible bands, or with the near infrared where it has one."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Index = Literal["", "greenness", "ndvi"]
INDEXES: Final[tuple[Index, ...]] = get_args(Index)
_NAMES: Final = Path(__file__).with_name("band_names.toml")
Band = NDArray[np.float64]


@cache
def _infrared_names() -> tuple[str, ...]:
    return tuple(tomllib.loads(_NAMES.read_text(encoding="utf-8"))["near_infrared"])


def find_infrared(source: Any) -> int | None:
    """Find the band of the near infrared by what the file itself says, counted from 1."""
    for band, (said, drawn) in enumerate(
        zip(source.descriptions, source.colorinterp, strict=True), start=1
    ):
        words = (said or "").casefold()
        if drawn.name.casefold() == "nir" or any(name in words for name in _infrared_names()):
            return band
    return None


def measure_greenness(red: Band, green: Band, blue: Band) -> Band:
    """Give (2G − R − B) / (R + G + B), −1 to 2: the excess of green; unknown where all is black."""
    return _divide(2 * green - red - blue, red + green + blue)


def measure_ndvi(red: Band, infrared: Band) -> Band:
    """Give (N − R) / (N + R), −1 to 1; unknown where both are black."""
    return _divide(infrared - red, infrared + red)


def _divide(above: Band, below: Band) -> Band:
    found = np.full(below.shape, np.nan)
    np.divide(above, below, out=found, where=np.isfinite(below) & (below > 0))
    return found


def band_numbers(bands: Sequence[int], infrared: int | None, index: Index) -> tuple[int, ...]:
    """Name the bands that an index is computed from; none where the file lacks one."""
    if index == "greenness":
        return tuple(bands[:3]) if len(bands) >= len("RGB") else ()
    return (bands[0], infrared) if infrared is not None and bands else ()
