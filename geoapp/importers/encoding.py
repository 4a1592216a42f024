"""Which encoding the text of a file is in, and how it would read in others."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geoapp.errors import FileError
from geoapp.importers.dbf import Table, parse_dbf
from geoapp.importers.job import AUTO, Dataset
from geoapp.importers.problem import Problem

_CHINESE: Final = "gb18030"
_OFFERED: Final = ("utf-8", _CHINESE, "big5")
_PREVIEW_ROWS: Final = 5
_PREVIEW_CHARACTERS: Final = 200
_WIDE: Final = re.compile(rb"[\xe0-\xf4]")  # begins a Chinese character in UTF-8
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class EncodingCandidate:
    """One way to read the text of a file.

    Attributes:
        codec: Python name of the encoding.
        fits: Every byte can be read so.
        chosen: What is taken when nothing is stated.
        fields: Names of the fields, as they would read.
        rows: The first rows, as they would read.
    """

    codec: str
    fits: bool
    chosen: bool
    fields: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def detect_dbf_encoding(shapefile: Path) -> str:
    """Tell the encoding of a shapefile's attributes: see ``detect_dbf``."""
    return detect_dbf(shapefile, shapefile.name)[0]


def detect_dbf(shapefile: Path, file: str) -> tuple[str, list[Problem]]:
    """Tell the encoding of a shapefile's attributes.

    A ``.cpg`` beside it is believed when the text can be read that way; else strict UTF-8,
    also where names or texts were cut inside of a character at the end of a full field; else
    GB18030, which contains GBK and GB2312. A ``.cpg`` that names a codec of single bytes is
    asked last: any bytes can be read in one, and it is most often wrong.

    Args:
        shapefile: The ``.shp``.
        file: How it is called in messages.

    Returns:
        A Python codec name, ``""`` when there is no attribute table; and what was noticed.

    Raises:
        FileError: The text can be read in none of them.
    """
    table = _find_beside(shapefile, ".dbf")
    if table is None:
        return "", []
    parsed = parse_dbf(table.read_bytes())
    stated = _stated(shapefile)
    first = [name for name in stated if not _reads_anything(name)]
    last = [name for name in stated if name not in first]
    for name in [*first, "utf-8", _CHINESE, *last]:
        if _can_read(parsed.content, name):
            problems = _doubts(parsed.content, name, stated)
            return name, problems
        if codecs.lookup(name).name == "utf-8" and _is_cut(parsed):
            return "utf-8", [Problem("encoding-cut", "warning")]
    tried = ", ".join(dict.fromkeys([*first, "utf-8", _CHINESE, *last]))
    raise FileError("encoding-unknown", file=file, tried=tried)


def require_dbf(shapefile: Path, file: str, codec: str) -> str:
    """Check that a shapefile's attributes can be read in a stated encoding.

    Raises:
        FileError: They cannot, or there is no such encoding.
    """
    table = _find_beside(shapefile, ".dbf")
    parsed = parse_dbf(table.read_bytes()) if table else parse_dbf(b"")
    cut = codec.lower().replace("-", "") == "utf8" and _is_cut(parsed)
    if not cut and not _can_read(parsed.content, codec):
        raise FileError("encoding-unknown", file=file, tried=codec)
    return codec


def decode_text(content: bytes, file: str) -> tuple[str, str]:
    """Decode the bytes of a text file that Chinese offices exchange.

    Returns:
        The text without byte-order mark, and the codec that fitted.

    Raises:
        FileError: Neither UTF-16 with mark, UTF-8 nor GB18030 fits.
    """
    candidates = _text_codecs(content)
    for name in candidates:
        try:
            return content.decode(name), name
        except UnicodeDecodeError:
            continue
    raise FileError("encoding-unknown", file=file, tried=", ".join(candidates))


def read_text(dataset: Dataset) -> tuple[str, str]:
    """Read a text file in its stated or found encoding.

    Raises:
        FileError: It cannot be read so.
    """
    content, stated = dataset.path.read_bytes(), dataset.job.encoding
    if stated == AUTO:
        return decode_text(content, dataset.name)
    try:
        return content.decode(stated).removeprefix("\ufeff"), stated
    except (UnicodeDecodeError, LookupError) as error:
        raise FileError("encoding-unknown", file=dataset.name, tried=stated) from error


def try_encodings(dataset: Dataset) -> list[EncodingCandidate]:
    """Show how the text of a file reads in each encoding that could be meant.

    Returns:
        The chosen one first; none for kinds that state their encoding themselves.
    """
    if dataset.kind == "shapefile":
        table = _find_beside(dataset.path, ".dbf")
        if table is None:
            return []
        parsed = parse_dbf(table.read_bytes())
        chosen = detect_dbf(dataset.path, dataset.name)[0]
        names = [chosen, *_stated(dataset.path), *_OFFERED]
        found = [_preview_table(parsed, name, chosen) for name in dict.fromkeys(names)]
    elif dataset.kind == "boundary_text" or dataset.path.suffix.lower() == ".csv":
        content = dataset.path.read_bytes()
        chosen = decode_text(content, dataset.name)[1]
        names = [chosen, *_text_codecs(content), *_OFFERED]
        found = [_preview_text(content, name, chosen) for name in dict.fromkeys(names)]
    else:
        return []
    return sorted(found, key=lambda one: (not one.chosen, not one.fits))


def _preview_table(table: Table, codec: str, chosen: str) -> EncodingCandidate:
    rows = tuple(
        tuple(cell.decode(codec, "replace").strip()[:_PREVIEW_CHARACTERS] for cell in row)
        for row in table.rows(_PREVIEW_ROWS)
    )
    fields = tuple(name.decode(codec, "replace") for name in table.names)
    fits = _can_read(table.content, codec) or (codec == "utf-8" and _is_cut(table))
    return EncodingCandidate(codec, fits, codec == chosen, fields, rows)


def _preview_text(content: bytes, codec: str, chosen: str) -> EncodingCandidate:
    text = content[: 64 * 1024].decode(codec, "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    rows = tuple((line[:_PREVIEW_CHARACTERS],) for line in lines[:_PREVIEW_ROWS])
    return EncodingCandidate(codec, _can_read(content, codec), codec == chosen, (), rows)


def _text_codecs(content: bytes) -> list[str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    return ["utf-8-sig", _CHINESE]


def _doubts(content: bytes, codec: str, stated: list[str]) -> list[Problem]:
    """Say what speaks against a codec that fits."""
    problems = []
    if stated and codec not in stated and _NOT_ASCII.search(content):
        facts: dict[str, object] = {"stated": stated[0], "used": codec}
        problems.append(Problem("encoding-cpg-wrong", "warning", facts=facts))
    few = _NOT_ASCII.search(content) and not _WIDE.search(content)
    if codec == "utf-8" and codec not in stated and few and _can_read(content, _CHINESE):
        problems.append(Problem("encoding-doubtful", "warning"))
    return problems


def _is_cut(table: Table) -> bool:
    """Tell UTF-8 in which only the last character of full fields is broken."""
    seen = False
    for cell, full in _cells(table):
        try:
            cell.decode("utf-8")
        except UnicodeDecodeError as error:
            if not full or error.reason != "unexpected end of data":
                return False
        seen = seen or bool(_WIDE.search(cell))
    return seen


def _cells(table: Table) -> Iterator[tuple[bytes, bool]]:
    """Give every name and text with whether it fills its field."""
    for name in table.names:
        yield name, len(name) >= table.longest_name
    for row in table.rows(None):
        for cell, width in zip(row, table.widths, strict=True):
            text = cell.rstrip(b" \x00")
            yield text, len(text) >= width


def _stated(shapefile: Path) -> list[str]:
    page = _find_beside(shapefile, ".cpg")
    if page is None:
        return []
    name = page.read_text(encoding="ascii", errors="replace").strip()
    name = f"cp{name}" if name.isdigit() else name
    try:
        return [codecs.lookup(name).name]
    except (LookupError, ValueError):
        return []


def _reads_anything(encoding: str) -> bool:
    """Tell a codec of single bytes from one in which wrong bytes can be noticed."""
    return len("\N{EURO SIGN}\N{LATIN SMALL LETTER E WITH ACUTE}".encode(encoding, "replace")) == 2


def _can_read(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _find_beside(path: Path, suffix: str) -> Path | None:
    found = (path.with_suffix(case) for case in (suffix, suffix.upper()))
    return next((candidate for candidate in found if candidate.is_file()), None)
