"""Which encoding the attribute text of a file is in."""

import codecs
from pathlib import Path
from typing import Final

from geoapp.errors import FileError

_CHINESE: Final = "gb18030"
_DBF_HEADER_LENGTH: Final = slice(8, 10)
_DBF_FIELD_BYTES: Final = 32  # of which the first eleven are the name, the rest is binary
_DBF_NAME_BYTES: Final = 11


def detect_dbf_encoding(shapefile: Path) -> str:
    """Tell the encoding of a shapefile's attributes.

    A ``.cpg`` beside it is believed when the text can be read that way; else strict UTF-8,
    else GB18030, which contains GBK and GB2312. A ``.cpg`` that names a codec of single
    bytes is asked last: any bytes can be read in one, and it is most often wrong.

    Args:
        shapefile: The ``.shp``.

    Returns:
        A Python codec name; ``""`` when there is no attribute table.

    Raises:
        FileError: The text can be read in none of them.
    """
    table = _find_beside(shapefile, ".dbf")
    if table is None:
        return ""
    content = table.read_bytes()
    start = int.from_bytes(content[_DBF_HEADER_LENGTH], "little")
    fields = range(_DBF_FIELD_BYTES, max(_DBF_FIELD_BYTES, start - 1), _DBF_FIELD_BYTES)
    names = [content[field : field + _DBF_NAME_BYTES].partition(b"\x00")[0] for field in fields]
    cells = b" ".join([*names, content[start:]])
    stated = _stated(shapefile)
    first = [name for name in stated if not _reads_anything(name)]
    candidates = [*first, "utf-8", _CHINESE, *(name for name in stated if name not in first)]
    for name in candidates:
        if _can_read(cells, name):
            return name
    raise FileError("encoding-unknown", file=shapefile.name, tried=", ".join(candidates))


def decode_text(content: bytes, file: str) -> tuple[str, str]:
    """Decode the bytes of a text file that Chinese offices exchange.

    Returns:
        The text without byte-order mark, and the codec that fitted.

    Raises:
        FileError: Neither UTF-16 with mark, UTF-8 nor GB18030 fits.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", _CHINESE]
    for name in candidates:
        try:
            return content.decode(name), name
        except UnicodeDecodeError:
            continue
    raise FileError("encoding-unknown", file=file, tried=", ".join(candidates))


def _stated(shapefile: Path) -> list[str]:
    page = _find_beside(shapefile, ".cpg")
    if page is None:
        return []
    name = page.read_text(encoding="ascii", errors="replace").strip()
    name = f"cp{name}" if name.isdigit() else name
    try:
        return [codecs.lookup(name).name]
    except LookupError:
        return []


def _reads_anything(encoding: str) -> bool:
    """Tell a codec of single bytes from one in which wrong bytes can be noticed."""
    return len("\N{EURO SIGN}\N{LATIN SMALL LETTER E WITH ACUTE}".encode(encoding, "replace")) == 2


def _can_read(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _find_beside(path: Path, suffix: str) -> Path | None:
    found = (path.with_suffix(case) for case in (suffix, suffix.upper()))
    return next((candidate for candidate in found if candidate.is_file()), None)
