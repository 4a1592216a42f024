"""The attribute table that we write is the one that GDAL reads."""

import math
from datetime import date

import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.exporters.dbase import TableColumn, fit_text, write_dbase

DAY = date(2026, 11, 25)
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=20)
ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=30)


@given(
    rows=st.lists(
        st.tuples(HAN | ASCII, st.none() | st.integers(-99999, 99999), st.booleans()), max_size=8
    ),
    encoding=st.sampled_from(["gbk", "utf-8"]),
)
def test_gdal_reads_what_was_written(tmp_path_factory, rows, encoding):
    path = tmp_path_factory.mktemp("dbf") / "a.dbf"
    texts, cut = fit_text([row[0] for row in rows], encoding, 254)
    numbers = ["" if row[1] is None else f"{row[1] / 100:.2f}" for row in rows]
    days = [b"20240229" if row[2] else b"" for row in rows]
    columns = [
        TableColumn("NAME", "C", max(map(len, texts), default=1) or 1, 0, texts),
        TableColumn("MJ", "N", 12, 2, [number.encode() for number in numbers]),
        TableColumn("DAY", "D", 8, 0, days),
    ]
    write_dbase(path, columns, len(rows), encoding, DAY)
    read = pyogrio.read_dataframe(path, encoding=encoding)
    assert cut == []
    assert [word or "" for word in read["NAME"].fillna("")] == [row[0] for row in rows]
    assert [None if math.isnan(v) else round(v * 100) for v in read["MJ"]] == [
        row[1] for row in rows
    ]
    assert [str(v)[:10] == "2024-02-29" for v in read["DAY"]] == [row[2] for row in rows]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_text_is_cut_between_characters(encoding):
    cells, cut = fit_text(["界址点", "a界址"], encoding, 5)
    assert cut == [
        row for row, word in enumerate(["界址点", "a界址"]) if len(word.encode(encoding)) > 5
    ]
    assert all(len(cell) <= 5 for cell in cells)
    assert [cell.decode(encoding) for cell in cells] == [
        {"gbk": "界址", "utf-8": "界"}[encoding],
        {"gbk": "a界址", "utf-8": "a界"}[encoding],
    ]


def test_more_rows_than_a_block_are_all_written(tmp_path):
    count = 40_001
    cells = [str(row).encode() for row in range(count)]
    write_dbase(tmp_path / "a.dbf", [TableColumn("N", "N", 6, 0, cells)], count, "gbk", DAY)
    read = pyogrio.read_dataframe(tmp_path / "a.dbf")
    assert list(read["N"]) == list(range(count))
