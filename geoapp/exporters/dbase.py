"""The attribute table of a shapefile (dBASE III), with widths and decimals that one can choose.

GDAL would write it too, but with widths of its own, while a database that is handed over is
checked for those of the standard.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

_CHINESE: Final = 0x4D  # language driver: code page 936
_ROWS: Final = 20_000
Kind = Literal["C", "N", "D"]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column as it stands in the file.

    Attributes:
        name: At most ten bytes.
        kind: Text, number or day.
        width: Bytes of a cell.
        cells: ``(n,)`` encoded, none longer than ``width``; empty for no value.
    """

    name: str
    kind: Kind
    width: int
    decimals: int
    cells: Sequence[bytes]


def write_dbase(
    path: Path, columns: Sequence[TableColumn], count: int, encoding: str, day: date
) -> None:
    """Write a table.

    Args:
        path: The ``.dbf``.
        columns: At least one.
        count: Number of rows.
        encoding: ``gbk`` or ``utf-8``: of the names, and said in the header.
        day: Written as the day of the last change.
    """
    head = 32 + 32 * len(columns) + 1
    record = 1 + sum(column.width for column in columns)
    with path.open("wb") as file:
        file.write(
            struct.pack(
                "<4BIHH17xB2x",
                3,
                day.year - 1900,
                day.month,
                day.day,
                count,
                head,
                record,
                _CHINESE if encoding == "gbk" else 0,
            )
        )
        for column in columns:
            name, kind = column.name.encode(encoding), column.kind.encode()
            form = struct.pack("<11sc4xBB14x", name, kind, column.width, column.decimals)
            file.write(form)
        file.write(b"\r")
        for start in range(0, count, _ROWS):
            file.write(_rows(columns, start, min(start + _ROWS, count), record).tobytes())
        file.write(b"\x1a")


def fit_text(words: Sequence[str], encoding: str, longest: int) -> tuple[list[bytes], list[int]]:
    """Encode texts, cut between characters to a number of bytes.

    Returns:
        The cells, and the rows of those that were cut.

    Raises:
        UnicodeEncodeError: A character is not in the encoding.
    """
    cells, cut = [], []
    for row, word in enumerate(words):
        cell = word.encode(encoding)
        if len(cell) > longest:
            cell = cell[:longest].decode(encoding, "ignore").encode(encoding)
            cut.append(row)
        cells.append(cell)
    return cells, cut


def _rows(columns: Sequence[TableColumn], start: int, end: int, record: int) -> NDArray[np.uint8]:
    block = np.full((end - start, record), ord(" "), dtype=np.uint8)
    at = 1
    for column in columns:
        pad: Callable[[bytes, int], bytes] = bytes.rjust if column.kind == "N" else bytes.ljust
        cells = b"".join(pad(cell, column.width) for cell in column.cells[start:end])
        block[:, at : at + column.width] = np.frombuffer(cells, dtype=np.uint8).reshape(
            end - start, column.width
        )
        at += column.width
    return block
