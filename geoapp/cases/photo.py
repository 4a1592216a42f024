"""Reading photos: what the camera wrote into them, and small copies that hold none of it."""

import io
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from PIL import ExifTags, Image, ImageOps

from geoapp.errors import FileError

FORMATS: Final = ("JPEG", "PNG", "WEBP")  # several pictures in one (MPO) open as JPEG
MEDIA: Final = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
}
MOST_PIXELS: Final = 60_000_000
THUMBNAIL_PX: Final = 480
_QUALITY: Final = 82
_WRITTEN: Final = "%Y:%m:%d %H:%M:%S"
_MAGIC: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_LONGEST_DEVICE: Final = 200


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a photo says of itself; any of it can be forged or missing.

    Attributes:
        taken_at: Local time of the camera, ISO text, ``""`` when it wrote none.
        longitude: Degrees of WGS 84, which agree with CGCS2000 within decimetres.
        bearing: Direction of the lens, degrees from north.
        device: Maker and model.
    """

    media: str
    width: int
    height: int
    taken_at: str
    longitude: float | None
    latitude: float | None
    bearing: float | None
    device: str


def is_photo(content: bytes) -> bool:
    """Tell by the first bytes whether these claim to be a picture of a known kind."""
    return content.startswith(_MAGIC) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def read_photo(content: bytes, name: str) -> PhotoFacts:
    """Read what a photo says of itself.

    Raises:
        FileError: It is no JPEG, PNG or WebP, is damaged, or unpacks to too many pixels.
    """
    with _opened(content, name) as picture:
        exif = picture.getexif()
        details: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.Exif)
        place: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.GPSInfo)
        longitude, latitude = _position(place)
        maker = (exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model))
        return PhotoFacts(
            media=MEDIA[str(picture.format)],
            width=picture.width,
            height=picture.height,
            taken_at=_time(
                details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
            ),
            longitude=longitude,
            latitude=latitude,
            bearing=_number(place.get(ExifTags.GPS.GPSImgDirection), 0, 360),
            device=" ".join(_word(part) for part in maker if part)[:_LONGEST_DEVICE].strip(),
        )


def draw_thumbnail(content: bytes, name: str, side_px: int = THUMBNAIL_PX) -> bytes:
    """Draw a small copy as JPEG, upright, without anything that the camera wrote.

    Raises:
        FileError: It cannot be read.
    """
    with _opened(content, name) as picture:
        picture.draft("RGB", (side_px, side_px))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        upright.thumbnail((side_px, side_px))
        bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    stream = io.BytesIO()
    bare.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()


def join_photos(before: bytes, after: bytes, share: float) -> bytes:
    """Lay one photo over another, so that a line moved across shows what changed.

    Args:
        before: A photo that ``draw_thumbnail`` made.
        after: Another one; it is scaled to the size of the first.
        share: Part of the width that shows the first, from the left.

    Returns:
        JPEG without any metadata.
    """
    left = Image.open(io.BytesIO(before)).convert("RGB")
    right = Image.open(io.BytesIO(after)).convert("RGB").resize(left.size)
    edge = round(left.width * min(max(share, 0.0), 1.0))
    right.paste(left.crop((0, 0, edge, left.height)), (0, 0))
    if 0 < edge < left.width:
        right.paste((255, 255, 255), (edge - 1, 0, edge + 1, left.height))
    stream = io.BytesIO()
    right.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()


def _opened(content: bytes, name: str) -> Image.Image:
    if not is_photo(content):
        raise FileError("file-not-what-it-says", file=name, kind="JPEG, PNG, WebP")
    try:
        with warnings.catch_warnings():
            # Our own bound comes first; Pillow's warning of a bomb is beside the point then.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)  # remarks on damaged EXIF
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise FileError("photo-too-large", file=name, most=MOST_PIXELS // 1_000_000)
            picture.load()
    except Image.DecompressionBombError as error:
        raise FileError("photo-too-large", file=name, most=MOST_PIXELS // 1_000_000) from error
    except (OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError) as error:
        raise FileError("photo-damaged", file=name) from error
    return picture


def _position(place: Mapping[int, Any]) -> tuple[float | None, float | None]:
    longitude = _degrees(
        place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef), 180
    )
    latitude = _degrees(
        place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef), 90
    )
    if longitude is None or latitude is None or (longitude == 0 and latitude == 0):
        return None, None
    return longitude, latitude


def _degrees(parts: Any, side: Any, most: float) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    sign = -1.0 if _word(side).upper() in {"S", "W"} else 1.0
    return round(sign * value, 8)


def _number(value: Any, least: float, most: float) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return round(number, 2) if math.isfinite(number) and least <= number <= most else None


def _time(value: Any) -> str:
    try:
        return datetime.strptime(_word(value), _WRITTEN).isoformat()  # noqa: DTZ007  local
    except ValueError:
        return ""


def _word(value: Any) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    return "".join(letter for letter in text if letter.isprintable()).strip()
