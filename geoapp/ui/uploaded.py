"""Files that were sent together: none may take the place of another."""

from collections import Counter
from collections.abc import Sequence

from geoapp.errors import FileError


def require_distinct(names: Sequence[str]) -> None:
    """Stop where two files have one name: one of them would be lost.

    Raises:
        FileError: With the name.
    """
    for name, count in Counter(names).items():
        if count > 1:
            raise FileError("upload-twice", file=name)
