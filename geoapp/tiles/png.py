"""Pictures with a palette as PNG bytes, without a library that would take its own time."""

import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

_COMPRESSION: Final = 4
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PALETTE: Final = 3
_NIBBLE: Final = 16


def encode_png(pixels: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
    """Encode a picture.

    Args:
        pixels: ``(h, w)`` numbers of colours.
        colours: ``(k, 4)`` red, green, blue, opacity; at most 256.
    """
    height, width = pixels.shape
    depth = 8
    if len(colours) <= _NIBBLE and width % 2 == 0:
        depth = 4
        pixels = pixels[:, ::2] * np.uint8(_NIBBLE) + pixels[:, 1::2]
    lines = np.zeros((height, pixels.shape[1] + 1), dtype=np.uint8)  # each begins with filter 0
    lines[:, 1:] = pixels
    head = struct.pack(">IIBBBBB", width, height, depth, _PALETTE, 0, 0, 0)
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", head),
            _chunk(b"PLTE", np.ascontiguousarray(colours[:, :3]).tobytes()),
            _chunk(b"tRNS", np.ascontiguousarray(colours[:, 3]).tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), _COMPRESSION)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
