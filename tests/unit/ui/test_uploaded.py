"""Files that are sent together: none takes the place of another."""

import io

import pytest

from geoapp.errors import FileError
from geoapp.ui.check_input import saved_files
from geoapp.ui.uploaded import require_distinct


class Sent(io.BytesIO):
    """A file as Streamlit hands it over."""

    def __init__(self, name, content):
        super().__init__(content)
        self.name = name


def test_two_files_of_one_name_are_refused_before_one_is_lost():
    sent = [Sent("a.txt", b"one"), Sent("b.txt", b"two"), Sent("folder/a.txt", b"three")]
    with pytest.raises(FileError) as caught, saved_files(sent):
        pass
    assert caught.value.code == "upload-twice"
    assert caught.value.facts["file"] == "a.txt"


def test_files_of_different_names_are_all_there():
    sent = [Sent("a.shp", b"one"), Sent("a.dbf", b"two"), Sent("b.txt", b"three")]
    with saved_files(sent) as paths:
        assert [path.name for path in paths] == ["a.shp", "b.txt"]
        assert (paths[0].with_suffix(".dbf")).read_bytes() == b"two"
    require_distinct(["a", "b", "A"])
