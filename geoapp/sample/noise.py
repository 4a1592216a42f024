"""Fractal noise: the roughness of terrain, soil and borders."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft


def fractal(
    shape: tuple[int, int],
    rng: np.random.Generator,
    *,
    wavelength: float,
    roughness: float = 2.2,
) -> NDArray[np.float32]:
    """Draw a smooth random field with details at every scale below ``wavelength``.

    Args:
        shape: Rows and columns.
        rng: Where the randomness comes from.
        wavelength: Size of the largest bumps, in cells.
        roughness: Fall of amplitude with frequency; 1.5 is rugged, 3 is smooth.

    Returns:
        ``shape``, mean 0, standard deviation 1.
    """
    rows, columns = fft.next_fast_len(shape[0]), fft.next_fast_len(shape[1], real=True)
    white = rng.standard_normal((rows, columns), dtype=np.float32)
    north = fft.fftfreq(rows)[:, None]
    east = fft.rfftfreq(columns)[None, :]
    scaled = (north**2 + east**2) * wavelength**2
    # The second factor removes bumps much larger than asked for: they would tilt the field.
    spectrum = fft.rfft2(white) * (1 + scaled) ** (-roughness / 2) * (scaled / (0.1 + scaled))
    field = fft.irfft2(spectrum, s=(rows, columns))[: shape[0], : shape[1]]
    return np.asarray((field - field.mean()) / field.std(), np.float32)


def smoothstep(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """Rise softly from 0 below ``low`` to 1 above ``high``."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
