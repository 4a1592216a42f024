"""Reading definition files so that whatever is wrong is named with file, key and reason."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from geoapp.errors import CatalogError


@contextmanager
def named_faults(path: Path) -> Iterator[None]:
    """Turn the faults of parsing and validating a TOML file into ours.

    Raises:
        CatalogError: It is not TOML, not UTF-8, or a key is missing, unknown or wrong.
    """
    try:
        yield
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(
            "definition-wrong", file=path.name, key="-", reason=str(error)
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "-"
        raise CatalogError(
            "definition-wrong", file=path.name, key=key, reason=first["msg"]
        ) from error
