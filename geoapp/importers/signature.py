"""The first bytes of a file: what it is, whatever its name says.

GDAL would otherwise open whatever the bytes are, and some of its formats reach other files.
"""

from pathlib import Path
from typing import Final

from geoapp.errors import FileError

_MAGIC: Final[dict[str, tuple[bytes, ...]]] = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".parquet": (b"PAR1",),
    ".geoparquet": (b"PAR1",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".kmz": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08", b"\x09\x04", b"\x09\x02"),
}
_RASTER: Final = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"\x89PNG", b"\xff\xd8\xff")
_DRAWING: Final = b"AC10"  # DWG
_HEAD_BYTES: Final = 64


def require_signature(path: Path, suffix: str, file: str) -> None:
    """Stop unless the first bytes are those of the kind that the name states.

    Raises:
        FileError: They are not; a picture or a DWG is named as what it is.
    """
    with path.open("rb") as source:
        head = source.read(_HEAD_BYTES)
    if head.startswith(_RASTER):
        raise FileError("file-is-raster", file=file)
    if head.startswith(_DRAWING) and suffix != ".dxf":
        raise FileError("file-is-dwg", file=file)
    if suffix in _MAGIC and not head.startswith(_MAGIC[suffix]):
        raise FileError("file-not-what-it-says", file=file, kind=suffix)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix in {".geojson", ".json"} and not text.startswith(b"{"):
        raise FileError("file-not-what-it-says", file=file, kind="GeoJSON")
