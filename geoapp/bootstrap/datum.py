"""The local parameters of an old datum, which no repository holds."""

import tomllib

from pydantic import TypeAdapter

from geoapp.errors import FileError
from geoapp.geometry.crs import DatumShift
from geoapp.settings import Settings


def read_datum_shift(settings: Settings) -> DatumShift | None:
    """Read the local parameters of an old datum, if the office supplies them.

    Raises:
        FileError: The file is missing or does not hold the seven parameters.
    """
    path = settings.datum_parameters
    if path is None:
        return None
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return TypeAdapter(DatumShift).validate_python(table)
    except (OSError, TypeError, ValueError) as error:
        raise FileError("datum-parameters-wrong", file=path.name, reason=str(error)) from error
