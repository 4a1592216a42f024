"""The pieces of a check as a GeoPackage, to go on with in a GIS.

Layers: ``parcel``; ``overlaps``, what the parcel shares with each feature that a finding names;
``rest`` and ``shifted``, the remedies; ``notes``, how to read it. Geometries are drawn, EPSG:4490;
the areas beside them are the official ones of the check.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.compliance.finding import FeatureHit, Finding
from geoapp.compliance.result import CheckResult, ParcelResult
from geoapp.geometry.crs import GEOGRAPHIC
from geoapp.i18n import Lang
from geoapp.reports.check_batch import parcels_table
from geoapp.reports.check_content import CheckSetting
from geoapp.reports.check_document import CheckDocument, word_cell
from geoapp.reports.check_findings import Say

# Gives the geometry of a feature, EPSG:4490: layer, snapshot, row.
FindShape = Callable[[str, str, int], shapely.Geometry]
_AREAL: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
Layer = tuple[str, gpd.GeoDataFrame]


def write_check_pieces(
    document: CheckDocument, result: CheckResult, parcel: ParcelResult, find_shape: FindShape
) -> bytes:
    """Write the pieces of one parcel.

    Args:
        document: The sheet, for its notes.
        result: The answer it belongs to.
        parcel: The parcel.
        find_shape: Gives the geometry of a feature that a finding names.
    """
    lang = document.lang
    layers = [("parcel", _frame([_parcel(result, parcel, document)]))]
    hits = [
        _overlap(parcel, finding, hit, lang, find_shape)
        for finding in parcel.findings
        for hit in finding.features
        if hit.overlap_m2
    ]
    layers.append(("overlaps", _frame([hit for hit in hits if hit is not None])))
    layers += _remedies(parcel)
    return _write(layers, _notes(document, parcel))


def write_batch_pieces(result: CheckResult, setting: CheckSetting) -> bytes:
    """Write a check of many parcels: each with its verdict and what its row of the table says."""
    table = parcels_table(result, setting)
    rows = [
        {
            "verdict_code": parcel.verdict,
            **{
                column.key: word_cell(column, cell) if isinstance(cell, str) else _number(cell)
                for column, cell in zip(table.columns, row, strict=True)
            },
            "geometry": parcel.geometry,
        }
        for parcel, row in zip(result.parcels, table.rows, strict=True)
    ]
    say = Say(setting.lang)
    notes = [
        {"label": say("serial"), "text": result.serial or say("unsaved")},
        {"label": "", "text": say("disclaimer")},
        {"label": "", "text": say("internal")},
        {"label": "", "text": table.banner},
        *(
            {"label": f"{say('batch_row')} {one.row} {one.id}", "text": one.word(setting.lang)}
            for one in result.problems
        ),
    ]
    return _write([("parcels", _frame(rows))], pd.DataFrame([n for n in notes if n["text"]]))


def _parcel(result: CheckResult, parcel: ParcelResult, document: CheckDocument) -> dict[str, Any]:
    return {
        "serial": result.serial,
        "id": parcel.id,
        "name": parcel.name,
        "verdict": parcel.verdict,
        "verdict_title": document.verdict_title,
        "area_m2": parcel.area_m2,
        "declared_m2": parcel.declared_m2,
        "purpose": result.purpose,
        "date": result.on.isoformat(),
        "note": document.mark,
        "geometry": parcel.geometry,
    }


def _overlap(
    parcel: ParcelResult, finding: Finding, hit: FeatureHit, lang: Lang, find_shape: FindShape
) -> dict[str, Any] | None:
    """Cut what the parcel shares with a feature; ``None`` where drawing leaves nothing of it."""
    shape = find_shape(finding.layer, finding.snapshot, hit.row)
    shared = shapely.intersection(shapely.make_valid(parcel.geometry), shapely.make_valid(shape))
    parts = shapely.get_parts(shared)
    areal = parts[np.isin(shapely.get_type_id(parts), [kind.value for kind in _AREAL])]
    if not len(areal):
        return None
    return {
        "layer": finding.layer,
        "layer_title": finding.layer_title[lang],
        "rule": finding.rule,
        "effect": finding.effect,
        "bears": finding.bears,
        "key": hit.key,
        "name": hit.name,
        "class": hit.class_code,
        "class_title": hit.class_title[lang],
        "overlap_m2": hit.overlap_m2,
        "snapshot": finding.snapshot,
        "geometry": shapely.multipolygons(areal),
    }


def _remedies(parcel: ParcelResult) -> list[Layer]:
    remedy, layers = parcel.remedy, []
    if remedy is not None and remedy.rest is not None:
        layers.append(("rest", _frame([{"area_m2": remedy.rest_m2, "geometry": remedy.rest}])))
    if remedy is not None and remedy.shift is not None:
        shift = remedy.shift
        facts = {
            "east_m": shift.east_m,
            "north_m": shift.north_m,
            "distance_m": shift.distance_m,
            "area_m2": shift.area_m2,
        }
        layers.append(("shifted", _frame([{**facts, "geometry": shift.geometry}])))
    return layers


def _notes(document: CheckDocument, parcel: ParcelResult) -> pd.DataFrame:
    """Say how to read it; features that were not named are counted, not passed over."""
    say = Say(document.lang)
    lines = [
        (say("serial"), document.serial or say("unsaved")),
        (say("verdict"), document.verdict_title),
        ("", document.verdict_note),
        *document.notes,
        *(("", words) for words in (*document.use, document.banner) if words),
    ]
    lines += [
        (
            finding.layer_title[document.lang],
            say(
                "remark_features_more",
                names=finding.title[document.lang],
                count=finding.feature_count,
                listed=len(finding.features),
            ),
        )
        for finding in parcel.findings
        if finding.feature_count > len(finding.features)
    ]
    return pd.DataFrame(lines, columns=["label", "text"])


def _frame(rows: Sequence[dict[str, Any]]) -> gpd.GeoDataFrame:
    columns = list(rows[0]) if rows else ["geometry"]
    frame = gpd.GeoDataFrame(list(rows), columns=columns, geometry="geometry", crs=GEOGRAPHIC)
    frame["geometry"] = [
        shape
        if shape is None or shape.geom_type == "MultiPolygon"
        else shapely.MultiPolygon([shape])
        for shape in frame.geometry
    ]
    return frame


def _number(cell: object) -> float | None:
    return None if cell is None else float(str(cell))


def _write(layers: Sequence[Layer], notes: pd.DataFrame) -> bytes:
    with tempfile.TemporaryDirectory(prefix="geoapp-check-") as name:
        file = Path(name) / "check.gpkg"
        for layer, frame in layers:
            if len(frame):
                frame.to_file(file, layer=layer, driver="GPKG", engine="pyogrio")
        gpd.GeoDataFrame(notes, geometry=[None] * len(notes), crs=GEOGRAPHIC).to_file(
            file, layer="notes", driver="GPKG", engine="pyogrio"
        )
        return file.read_bytes()
