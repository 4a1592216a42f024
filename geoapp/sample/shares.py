"""Random amounts with an exact sum."""

import numpy as np
from numpy.typing import NDArray

from geoapp.sample.grid import Ints


def exact_counts(
    total: int, low: Ints, high: Ints, mean: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw whole numbers that add up to ``total``.

    Args:
        total: The exact sum.
        low: Least value of each.
        high: Greatest value of each.
        mean: Mean of the draw above ``low`` before it is corrected.
        rng: Source of the randomness.

    Raises:
        ValueError: No values within the bounds add up to ``total``.
    """
    if not low.sum() <= total <= high.sum():
        msg = f"{total} cannot be the sum: only {low.sum()} to {high.sum()} can"
        raise ValueError(msg)
    drawn = np.clip(low + rng.geometric(1 / (1 + mean), low.size) - 1, low, high)
    while (missing := total - int(drawn.sum())) != 0:
        step = int(np.sign(missing))
        open_ = np.flatnonzero(drawn < high if step > 0 else drawn > low)
        drawn[rng.permutation(open_)[: abs(missing)]] += step
    return np.asarray(drawn, np.int64)


def exact_amounts(total_cents: int, weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """Share out cents by weight, at least one each, with the exact sum (largest remainder)."""
    spare = total_cents - weight.size
    wish = spare * weight / weight.sum()
    cents = np.floor(wish).astype(np.int64)
    missing = spare - int(cents.sum())
    cents[np.argsort(cents - wish, kind="stable")[:missing]] += 1
    return np.asarray(cents + 1, np.int64)
