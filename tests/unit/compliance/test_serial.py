"""Serials that people read out, and the key that signs."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.compliance.serial import make_serial, require_serial
from geoapp.compliance.signing import KEY_FILE, is_signed, read_key, sign
from geoapp.errors import FileError, NotFoundError

numbers = st.tuples(st.integers(2020, 2099), st.integers(1, 999_999))


@given(numbers)
def test_a_serial_comes_back_however_it_is_typed(number):
    serial = make_serial("ZJ", *number)
    for typed in (serial, serial.lower(), f" {serial} ", serial.replace("-", "—")):
        assert require_serial(typed) == serial
    wide = "".join(chr(ord(c) + 0xFEE0) if c != "-" else "－" for c in serial)
    assert require_serial(wide) == serial


@given(numbers, st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number, place, by):
    serial = make_serial("ZJ", *number)
    digits = [k for k, c in enumerate(serial) if c.isdigit()]
    k = digits[place]
    wrong = serial[:k] + str((int(serial[k]) + by) % 10) + serial[k + 1 :]
    with pytest.raises(NotFoundError) as caught:
        require_serial(wrong)
    assert caught.value.code == "check-serial-mistyped"


@given(numbers, st.integers(0, 8))
def test_two_digits_exchanged_are_noticed(number, place):
    serial = make_serial("ZJ", *number)
    digits = [k for k, c in enumerate(serial) if c.isdigit()]
    one, other = digits[place], digits[place + 1]
    if serial[one] == serial[other]:
        return
    letters = list(serial)
    letters[one], letters[other] = letters[other], letters[one]
    with pytest.raises(NotFoundError):
        require_serial("".join(letters))


@pytest.mark.parametrize("text", ["", "hello", "ZJ-2026-123-4", "2026-000123-8", "ZJ-2026-000123"])
def test_what_is_no_serial_is_said(text):
    with pytest.raises(NotFoundError) as caught:
        require_serial(text)
    assert caught.value.code == "check-serial-form"


def test_the_key_is_made_once_and_read_by_its_owner_only(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_key(tmp_path), range(16)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_a_damaged_key_and_a_folder_that_is_not_there_are_said(tmp_path):
    (tmp_path / KEY_FILE).write_bytes(b"short")
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(FileError) as caught:
            read_key(folder)
        assert caught.value.code == "check-key-unusable"


def test_a_digest_belongs_to_content_and_key(tmp_path):
    key, content = read_key(tmp_path), {"b": 0.1, "a": ["汉", None]}
    digest = sign(content, key)
    assert is_signed({"a": ["汉", None], "b": 0.1}, digest, key)
    assert not is_signed(content | {"b": 0.2}, digest, key)
    assert not is_signed(content, digest, b"x" * 32)
