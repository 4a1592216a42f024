"""Keys in sorted files: what is found is what a look through all of them finds."""

import tempfile
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.catalog.snapshot import FEATURES, FINDING, Snapshot
from geoapp.finding.keys import KeyShelf, key_fields, plain_key
from tests.building import LIBRARY

LANDUSE = LIBRARY.require("landuse")
texts = st.one_of(
    st.none(),
    st.text(alphabet="0012aAbB-〔〕张é\U0001f600", max_size=6),
    st.text(max_size=8).filter(lambda t: not any(unicodedata.category(c) == "Cs" for c in t)),
)


def write(folder: Path, keys: list[str | None], names: list[str | None]) -> Snapshot:
    table = pa.table(
        {"bsm": pa.array(keys, pa.large_string()), "tbbh": pa.array(names, pa.large_string())}
    )
    pq.write_table(table, folder / FEATURES, row_group_size=3)
    return Snapshot("landuse", folder.name, folder)


def opened(snapshot: Snapshot, field: str = "bsm"):
    index = KeyShelf().index(snapshot, LANDUSE, field, None)
    assert index is not None
    return index


@given(st.lists(texts, max_size=30), texts, st.integers(1, 40), st.booleans())
def test_found_is_what_a_look_through_all_finds(keys, typed, most, prefix):
    with tempfile.TemporaryDirectory() as folder:
        index = opened(write(Path(folder), keys, [None] * len(keys)))
        wanted = plain_key(typed or "")
        plain = {row: plain_key(key) for row, key in enumerate(keys) if key}
        expected = {
            row
            for row, key in plain.items()
            if key and wanted and (key.startswith(wanted) if prefix else key == wanted)
        }
        hits = index.find(typed or "", most, prefix=prefix)
        assert len(hits) == min(most, len(expected))
        assert {hit.row for hit in hits} <= expected
        assert all(hit.exact == (plain[hit.row] == wanted) for hit in hits)
        exact = sum(plain[row] == wanted for row in expected)
        assert sum(hit.exact for hit in hits) == min(most, exact), "exact ones are never cut first"
        again = opened(Snapshot("landuse", "x", Path(folder))).find(
            typed or "", most, prefix=prefix
        )
        assert again == hits


def test_a_name_leads_to_the_key_and_a_key_to_the_name(tmp_path):
    snapshot = write(tmp_path, ["k1", "k2"], ["007", "007"])
    assert key_fields(LANDUSE) == ("bsm", "tbbh")
    assert [(h.row, h.value, h.other) for h in opened(snapshot).find("K1", 5, prefix=False)] == [
        (0, "k1", "007")
    ]
    named = opened(snapshot, "tbbh").find("007", 5, prefix=False)
    assert {(h.row, h.other) for h in named} == {(0, "k1"), (1, "k2")}


@pytest.mark.parametrize("damage", [b"", b"ARROW1", None])
def test_a_file_that_is_damaged_or_cut_off_is_built_again(tmp_path, damage):
    snapshot = write(tmp_path, ["a", "b"], ["", ""])
    opened(snapshot)
    (file,) = (tmp_path / FINDING).iterdir()
    whole = file.read_bytes()
    file.unlink()
    file.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert len(opened(snapshot).find("b", 5, prefix=True)) == 1
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path):
    snapshot = write(tmp_path, ["a"], [""])
    (tmp_path / FINDING).write_text("in the way")
    assert len(opened(snapshot).find("a", 5, prefix=True)) == 1


def test_numbers_are_keys_too(tmp_path):
    pq.write_table(
        pa.table({"bsm": [12, 123, None], "tbbh": [1.5, 2.0, None]}), tmp_path / FEATURES
    )
    snapshot = Snapshot("landuse", "x", tmp_path)
    assert {hit.row for hit in opened(snapshot).find("12", 5, prefix=True)} == {0, 1}


def test_a_field_that_the_file_does_not_have_has_no_index(tmp_path):
    pq.write_table(pa.table({"bsm": ["1"]}), tmp_path / FEATURES)
    snapshot = Snapshot("landuse", "x", tmp_path)
    assert KeyShelf().index(snapshot, LANDUSE, "tbbh", None) is None
    assert len(opened(snapshot).find("1", 5, prefix=False)) == 1
