"""Photos as a phone makes them."""

import io
from datetime import datetime

from PIL import Image


def photo(
    *,
    size: tuple[int, int] = (64, 48),
    taken: datetime | None = None,
    at: tuple[float, float] | None = None,
    colour: tuple[int, int, int] = (120, 90, 60),
) -> bytes:
    """Make a JPEG, with the time and place of its taking where they are given."""
    image = Image.new("RGB", size, colour)
    exif = image.getexif()
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    if at is not None:
        longitude, latitude = at
        place = exif.get_ifd(0x8825)
        place[1], place[2] = "N", _degrees(latitude)
        place[3], place[4] = "E", _degrees(longitude)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    whole = int(value)
    minutes = (value - whole) * 60
    return float(whole), float(int(minutes)), (minutes - int(minutes)) * 60
