"""Every single overlap: which features, in which unit, how large, and where."""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.geometry.crs import GEOGRAPHIC, Geometries
from geoapp.geometry.measure import from_measure_plane
from geoapp.overlay.crossing import cut_among
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.overlay.unit import Units
from geoapp.planning.conflict_result import SLIVER_M2, SLIVER_WIDTH_M
from geoapp.planning.venn import NOTHING, Venn

_FIXED: Final = ("unit_code", "bits")


def list_patches(
    venn: Venn,
    units: Units,
    definitions: Sequence[LayerDefinition],
    snapshots: Sequence[Snapshot],
    gauss: str,
) -> gpd.GeoDataFrame:
    """List the overlaps of features, cut at the borders of units, largest first.

    What only touches, by less than a square centimetre of rounding, is none.
    """
    frames = [
        _cut(venn, bits, units, [definition.id for definition in definitions])
        for bits in sorted(venn.parts)
        if bits.bit_count() > 1
    ]
    found = pd.concat(frames, ignore_index=True) if frames else _cut(venn, 0, units, [])
    names = [f"row_{definition.id}" for definition in definitions]
    grouped = found.groupby([*_FIXED, *names], sort=True)
    shapes: list[shapely.Geometry] = []
    rows = []
    for key, members in grouped:
        area = float(members["area_m2"].sum())
        if area < COUNTED_FROM_M2:
            continue
        shape = shapely.union_all(members["geometry"].to_numpy())
        rows.append((*key, area, is_sliver(shape, area)))
        shapes.append(shape)
    columns = [*_FIXED, *names, "area_m2", "sliver"]
    table = pd.DataFrame(rows, columns=columns).astype({"area_m2": float, "sliver": bool})
    plane: Geometries = np.array(shapes, dtype=object)
    frame = gpd.GeoDataFrame(
        _name_features(table, definitions, snapshots),
        geometry=from_measure_plane(plane, gauss),
        crs=GEOGRAPHIC,
    )
    return frame.sort_values(["area_m2", "unit_code"], ascending=[False, True], kind="stable")


def is_sliver(shape: shapely.Geometry, area_m2: float) -> bool:
    """Tell what digitising alone can bring about from a true overlap."""
    length = float(shapely.length(shape))
    return area_m2 < SLIVER_M2 or (length > 0 and 2 * area_m2 / length < SLIVER_WIDTH_M)


def _cut(venn: Venn, bits: int, units: Units, names: Sequence[str]) -> pd.DataFrame:
    """Cut a part along the borders of units."""
    part = venn.parts.get(bits)
    shapes = part.geometries if part is not None else np.zeros(0, dtype=object)
    pieces = cut_among(shapes, units.layer.zones)
    codes = np.where(pieces.zone == OUTSIDE, "", units.codes[pieces.zone])
    columns: dict[str, object] = {
        "unit_code": codes.astype(str),
        "bits": bits,
        "area_m2": shapely.area(pieces.geometries),
        "geometry": pieces.geometries,
    }
    for number, name in enumerate(names):
        columns[f"row_{name}"] = part.rows[pieces.feature, number] if part is not None else NOTHING
    return pd.DataFrame(columns)


def _name_features(
    table: pd.DataFrame, definitions: Sequence[LayerDefinition], snapshots: Sequence[Snapshot]
) -> pd.DataFrame:
    """Add the number and the class of each feature; ``""`` where a layer is not there."""
    named = table.copy()
    for definition, snapshot in zip(definitions, snapshots, strict=True):
        rows = table[f"row_{definition.id}"].to_numpy(dtype=np.int64)
        fields = list(
            dict.fromkeys(
                filter(None, (definition.key, definition.name_field, _stored(definition)))
            )
        )
        attributes = snapshot.read_attributes(fields)
        there = rows != NOTHING
        for column, field in (("feature", definition.name_field), ("class", _stored(definition))):
            words = np.full(len(rows), "", dtype=object)
            if field:
                words[there] = attributes[field].fillna("").astype(str).to_numpy()[rows[there]]
            if column == "feature":
                keys = attributes[definition.key].fillna("").astype(str).to_numpy()
                blank = there & (words == "")
                words[blank] = keys[rows[blank]]
            named[f"{column}_{definition.id}"] = words
    return named


def _stored(definition: LayerDefinition) -> str:
    """Give the class field, if it is stored."""
    rule = definition.find_field(definition.class_field) if definition.class_field else None
    return (rule.derive_from or rule.name) if rule else ""
