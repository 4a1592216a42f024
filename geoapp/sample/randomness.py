"""Random streams: one per stage, so that a change in one stage leaves the others as they were."""

import zlib

import numpy as np


def generator(seed: int, stage: str) -> np.random.Generator:
    """Open the stream of one stage.

    Args:
        seed: Seed of the whole city.
        stage: Name of the stage, for example ``"terrain"`` or ``"mosaic/430802"``.

    Returns:
        A PCG64 generator that depends on both arguments and on nothing else. CRC-32 is used
        because Python's own ``hash`` of a text differs from process to process.
    """
    words = [seed & 0xFFFFFFFF, seed >> 32, zlib.crc32(stage.encode())]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))
