"""The public form of a snapshot: a snapshot of its own beside it, with nothing else inside.

It lies in ``public/<edition>/`` of the snapshot's folder and is made like any snapshot, so
that maps, search and cards read it as they read the other; its name differs, and so does the
key of everything that is cached of it.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.disk import move_in
from geoapp.catalog.features import Features
from geoapp.catalog.manifest import Source
from geoapp.catalog.provenance import Provenance
from geoapp.catalog.snapshot import MANIFEST, OFFICIAL_M2, PUBLIC, Snapshot, Written
from geoapp.geometry.crs import GEOGRAPHIC, Geometries
from geoapp.geometry.measure import official_areas
from geoapp.publishing.generalise import DECIMALS, TOLERANCE_M, generalise
from geoapp.publishing.quoting import quote_areas

TOO_SMALL: Final = "public-too-small"
IMPORTER: Final = "geoapp.public/1"
_VERSION: Final = 1

Write = Callable[[LayerDefinition, Features, Provenance, Path], Written]


def has_public_form(definition: LayerDefinition) -> bool:
    """Tell whether the public gets the features of a layer in some form."""
    return definition.access.public in {"generalised", "full"}


def edition(definition: LayerDefinition, snapshot: Snapshot) -> str:
    """Name everything besides the snapshot that its public form depends on."""
    access = definition.access
    said = (_VERSION, TOLERANCE_M, DECIMALS, access.public, access.fields, snapshot.name)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def form_folder(definition: LayerDefinition, snapshot: Snapshot) -> Path:
    """Say where the public form of a snapshot lies."""
    return snapshot.folder / PUBLIC / edition(definition, snapshot)


def find_form(definition: LayerDefinition, snapshot: Snapshot) -> Snapshot | None:
    """Find the public form of a snapshot."""
    folder = form_folder(definition, snapshot)
    if not (folder / MANIFEST).is_file():
        return None
    return _named(snapshot.layer, folder)


def build_form(
    definition: LayerDefinition, snapshot: Snapshot, gauss: str, write: Write, folder: Path
) -> Snapshot:
    """Write the public form of a snapshot into a folder, whole or not at all.

    Whoever else builds it at the same time makes the same, and one of them is kept.

    Raises:
        FileError: The folder cannot be written.
        OSError: It cannot be put in its place.
    """
    temporary = folder.with_name(f".{folder.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        features, lost = to_public(definition, snapshot.read(), gauss)
        write(definition, features, _describe(snapshot, lost), temporary)
        move_in(temporary, folder, (folder / MANIFEST).is_file)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    for other in folder.parent.iterdir():
        if other != folder and not other.name.startswith("."):
            shutil.rmtree(other, ignore_errors=True)  # of an earlier edition of the definition
    return _named(snapshot.layer, folder)


def to_public(
    definition: LayerDefinition, frame: gpd.GeoDataFrame, gauss: str
) -> tuple[Features, int]:
    """Turn features into what the public may have of them.

    Args:
        definition: The layer; its ``access`` says what leaves the house.
        frame: Features, EPSG:4490, canonical columns.
        gauss: Plane of the city.

    Returns:
        The features, and how many are too small to be shown at all.
    """
    geometries = np.asarray(frame.geometry, dtype=object)
    table = pd.DataFrame({name: frame[name] for name in definition.access.fields if name in frame})
    if definition.geometry == "polygon":
        table[OFFICIAL_M2] = quote_areas(official_areas(geometries, gauss))
    table.index = pd.RangeIndex(len(geometries))
    coarse = _to_geometry(definition, geometries, gauss)
    kept = ~shapely.is_empty(coarse)
    public = gpd.GeoDataFrame(table[kept], geometry=coarse[kept], crs=GEOGRAPHIC)
    return Features.of_frame(public), int((~kept).sum())


def _to_geometry(definition: LayerDefinition, geometries: Geometries, gauss: str) -> Geometries:
    if definition.access.public == "full":
        return geometries
    return generalise(geometries, definition.geometry, gauss)


def _describe(snapshot: Snapshot, lost: int) -> Provenance:
    """Say of the form what may be said: no file name, no list of repairs."""
    said = snapshot.manifest
    return Provenance(
        as_of=said.as_of,
        source=Source(crs=GEOGRAPHIC, note=said.source.note),
        sample=said.sample,
        coverage=said.coverage,
        importer=IMPORTER,
        problems={TOO_SMALL: lost} if lost else {},
    )


def _named(layer: str, folder: Path) -> Snapshot:
    found = Snapshot(layer, "", folder)
    return Snapshot(layer, found.manifest.name, folder)
