"""Making the folder of a new workspace."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Final

from geoapp.catalog.city import City, read_city, read_unit_names
from geoapp.errors import ConflictError, FileError

CITY_FILE: Final = "city.toml"
UNITS_FILE: Final = "units.csv"


def find_city(folder: Path) -> City | None:
    """Read the city of a workspace; ``None`` when the folder is not one."""
    path = folder / CITY_FILE
    return read_city(path) if path.is_file() else None


def found(city_file: Path, folder: Path) -> City:
    """Make an empty workspace for a city, whole or not at all.

    Args:
        city_file: ``city.toml``; the unit files it names lie beside it.
        folder: The workspace; it must not exist, or be empty.

    Raises:
        FileError: A file is missing, or the folder cannot be written.
        CatalogError: The city or its units are described wrongly.
        ConflictError: The folder holds something.
    """
    city = read_city(city_file)
    names_file = city_file.parent / city.units.names
    read_unit_names(names_file)
    if folder.exists() and any(folder.iterdir()):
        raise ConflictError("workspace-exists", folder=str(folder))
    temporary = folder.with_name(f".{folder.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        (temporary / "layers").mkdir(parents=True)
        shutil.copyfile(city_file, temporary / CITY_FILE)
        shutil.copyfile(names_file, temporary / UNITS_FILE)
        if folder.exists():
            folder.rmdir()
        temporary.rename(folder)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise FileError(
            "file-unwritable", file=str(folder), reason=error.strerror or "-"
        ) from error
    return city
