"""The bytes of a dBASE table, taken apart without decoding them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_FIRST_FIELD: Final = 32
_FIELD_BYTES: Final = 32  # of which the first eleven are the name, the rest is binary
_NAME_BYTES: Final = 11
_TYPE_PLACE: Final = 11
_WIDTH_PLACE: Final = 16
_TEXT: Final = b"C"


@dataclass(frozen=True, slots=True)
class Table:
    """Names and texts of a table.

    Attributes:
        content: All names and rows as one run of bytes.
        names: Names of the text fields.
        widths: Bytes of the text fields.
        longest_name: Bytes that a name can have.
    """

    content: bytes
    names: tuple[bytes, ...]
    widths: tuple[int, ...]
    places: tuple[int, ...]
    records: bytes
    width: int
    longest_name: int = _NAME_BYTES - 1

    def rows(self, most: int | None) -> Iterator[tuple[bytes, ...]]:
        """Give the texts of the first rows, or of all."""
        count = len(self.records) // self.width if self.width else 0
        for row in range(count if most is None else min(most, count)):
            start = row * self.width
            yield tuple(
                self.records[start + place : start + place + width]
                for place, width in zip(self.places, self.widths, strict=True)
            )


def parse_dbf(content: bytes) -> Table:
    """Take a table apart; a damaged one gives fewer fields or rows, never an error."""
    start = int.from_bytes(content[8:10], "little")
    width = int.from_bytes(content[10:12], "little")
    names, texts = [], []
    place = 1  # a mark of deletion comes first
    for field in range(_FIRST_FIELD, max(_FIRST_FIELD, start - 1), _FIELD_BYTES):
        described = content[field : field + _FIELD_BYTES]
        if len(described) < _FIELD_BYTES or described[:1] == b"\r":
            break
        name = described[:_NAME_BYTES].partition(b"\x00")[0]
        names.append(name)
        if described[_TYPE_PLACE : _TYPE_PLACE + 1] == _TEXT:
            texts.append((name, described[_WIDTH_PLACE], place))
        place += described[_WIDTH_PLACE]
    return Table(
        b" ".join([*names, content[start:]]),
        tuple(name for name, _, _ in texts),
        tuple(size for _, size, _ in texts),
        tuple(at for _, _, at in texts),
        content[start:],
        width,
    )


def mend_names(content: bytes, codec: str) -> tuple[bytes, list[str]]:
    """Drop the broken last character of field names that were cut at ten bytes.

    Returns:
        The table, and the names that were shortened, as they are now.
    """
    mended, shortened = bytearray(content), []
    start = int.from_bytes(content[8:10], "little")
    for field in range(_FIRST_FIELD, max(_FIRST_FIELD, start - 1), _FIELD_BYTES):
        name = content[field : field + _NAME_BYTES].partition(b"\x00")[0]
        if name[:1] in {b"\r", b""}:
            break
        whole = name.decode(codec, errors="ignore")
        kept = whole.encode(codec)
        if kept != name and name.startswith(kept):
            mended[field : field + _NAME_BYTES] = kept.ljust(_NAME_BYTES, b"\x00")
            shortened.append(whole)
    return bytes(mended), shortened
