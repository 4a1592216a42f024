"""Writing features to a file, whole or not at all."""

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geoapp.catalog.definition import LayerDefinition, OfficialField
from geoapp.errors import FileError
from geoapp.exporters.boundary_text import write_boundary_text
from geoapp.exporters.content import Column, Content
from geoapp.exporters.drawing import write_drawing
from geoapp.exporters.geojson import write_geojson
from geoapp.exporters.geopackage import write_geopackage
from geoapp.exporters.geoparquet import write_geoparquet
from geoapp.exporters.kml import write_kml
from geoapp.exporters.naming import canonical_names, official_names, unofficial_fields
from geoapp.exporters.report import ExportReport, Loss
from geoapp.exporters.request import ExportRequest, Format, Origin, require_target_crs
from geoapp.exporters.shapefile import write_shapefile
from geoapp.exporters.workbook import write_workbook
from geoapp.geometry.crs import GEOGRAPHIC, gauss_crs, transform
from geoapp.geometry.measure import line_lengths, official_areas, to_measure_plane
from geoapp.values import Progress, no_progress

_WRITERS: Final[dict[Format, Callable[[Content, Path], dict[str, str]]]] = {
    "geopackage": write_geopackage,
    "shapefile": write_shapefile,
    "geojson": write_geojson,
    "geoparquet": write_geoparquet,
    "kml": write_kml,
    "dxf": write_drawing,
    "boundary_text": write_boundary_text,
    "workbook": write_workbook,
}


def write_features(
    frame: gpd.GeoDataFrame,
    definition: LayerDefinition,
    path: Path,
    request: ExportRequest,
    origin: Origin,
    progress: Progress = no_progress,
) -> ExportReport:
    """Write features to a file; what was there before stays until the new one is whole.

    Args:
        frame: Features with canonical columns, EPSG:4490.
        definition: Their layer.
        path: The file; its suffix is not looked at.
        request: Form, system, names, language.
        origin: What is said beside the features.
        progress: Told how far it is.

    Returns:
        What was written and everything that the file could not keep.

    Raises:
        ChoiceError: The format is not written in that system, or not for such geometries.
        FileError: The file cannot be written, or the format cannot hold so much.
    """
    progress("export.preparing", 0.0)
    content = prepare(frame, definition, request, origin)
    progress("export.writing", 0.3)
    # Under the final name in a folder of its own: some formats write what they are called.
    folder = path.parent / f".exporting-{secrets.token_hex(4)}"
    try:
        folder.mkdir()
        names = _WRITERS[request.format](content, folder / path.name)
        (folder / path.name).replace(path)
    except OSError as error:
        reason = error.strerror or "-"
        raise FileError("file-unwritable", file=str(path), reason=reason) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    progress("export.done", 1.0)
    lines = definition.geometry == "line"
    return ExportReport(
        file=path,
        format=request.format,
        layer=definition.id,
        crs=content.crs,
        encoding=request.encoding if request.format == "shapefile" else "",
        feature_count=len(frame),
        area_m2=float(np.sum(content.areas_m2)),
        length_m=float(np.sum(content.lengths_m)) if lines else None,
        fields=names,
        losses=tuple(content.losses),
        sample=origin.sample,
    )


def prepare(
    frame: gpd.GeoDataFrame, definition: LayerDefinition, request: ExportRequest, origin: Origin
) -> Content:
    """Bring features to the target system and their columns to their names in the file.

    Raises:
        ChoiceError: The format is not written in that system.
    """
    crs = require_target_crs(request.crs, request.format, origin.zone)
    degrees = np.asarray(frame.geometry, dtype=object)
    gauss = gauss_crs(origin.zone)
    lengths = np.zeros(len(degrees))
    areas = np.zeros(len(degrees))
    if definition.geometry == "polygon":
        areas = official_areas(degrees, gauss)
    elif definition.geometry == "line":
        lengths = line_lengths(to_measure_plane(degrees, gauss), gauss)
    content = Content(
        definition=definition,
        request=request,
        origin=origin,
        crs=crs,
        columns=_columns(frame, definition, request),
        geometries=degrees if crs == GEOGRAPHIC else transform(degrees, GEOGRAPHIC, crs),
        areas_m2=areas,
        lengths_m=lengths,
    )
    if request.official_names:
        _note_standard(content)
    return content


def _columns(
    frame: gpd.GeoDataFrame, definition: LayerDefinition, request: ExportRequest
) -> tuple[Column, ...]:
    official = definition.official.fields if definition.official else {}
    names = official_names(definition) if request.official_names else canonical_names(definition)
    columns = []
    for rule in definition.stored_fields:
        known = official.get(rule.name) if request.official_names else None
        form = known or OfficialField()
        values = frame[rule.name] if rule.name in frame else pd.Series([None] * len(frame))
        columns.append(
            Column(
                canonical=rule.name,
                name=names[rule.name],
                title=rule.title[request.lang],
                type=rule.type,
                values=values.reset_index(drop=True),
                length=form.length,
                decimals=form.decimals,
            )
        )
    return tuple(columns)


def _note_standard(content: Content) -> None:
    """Say where the data does not keep to the official database."""
    strange = unofficial_fields(content.definition)
    if strange:
        content.losses.append(Loss("not_official", {"fields": ", ".join(strange)}))
    for column in content.columns:
        if column.type != "text" or not column.length:
            continue
        longer = sum(len(word) > column.length for word in column.words())
        if longer:
            facts = {"field": column.name, "count": longer, "length": column.length}
            content.losses.append(Loss("longer_than_official", facts))
