"""Inspecting a stored layer with the checks of the import, each finding placed in its unit."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.geometry.crs import GEOGRAPHIC, Geometries
from geoapp.geometry.measure import from_measure_plane, to_measure_plane
from geoapp.importers.columns import read_columns
from geoapp.importers.findings import Facts, Findings, Rows
from geoapp.importers.problem import Severity
from geoapp.importers.validation.shape import Plan, check_shapes
from geoapp.importers.validation.values import (
    Schemes,
    check_classes,
    check_declared_areas,
    check_keys,
)
from geoapp.overlay.coverage import unit_coverage
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.places import find_containing
from geoapp.overlay.tabulate import Tabulator
from geoapp.overlay.unit import Units
from geoapp.planning.ground_findings import find_gaps, find_overlaps
from geoapp.planning.inspection_result import KIND_OF, KINDS, InspectedUnit, Inspection
from geoapp.values import Progress, no_progress

_MOST_KEPT: Final = 24
_COLUMNS: Final = ("code", "severity", "row", "unit_code", "area_m2", "facts", "geometry")


class _Placed(Findings):
    """Findings that remember the rows of all of them, listed or not."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.rows: dict[str, Rows] = {}

    def add(
        self,
        code: str,
        severity: Severity,
        rows: Rows,
        facts: Facts | None = None,
        *,
        before_m2: Sequence[float] | None = None,
        after_m2: Sequence[float] | None = None,
    ) -> None:
        """Add the same finding on many rows."""
        super().add(code, severity, rows, facts, before_m2=before_m2, after_m2=after_m2)
        known = self.rows.get(code, np.zeros(0, dtype=np.int64))
        self.rows[code] = np.concatenate([known, rows]).astype(np.int64)


class LayerInspector:
    """Inspects the layers of one city."""

    def __init__(self, tabulator: Tabulator, schemes: Schemes, gauss: str) -> None:
        """Prepare.

        Args:
            tabulator: Opens layers in the measure plane.
            schemes: Class code → the schemes that have it.
            gauss: The Gauss plane of the city.
        """
        self._tabulator = tabulator
        self._schemes = schemes
        self._gauss = gauss
        self._kept: OrderedDict[tuple[str, ...], Inspection] = OrderedDict()
        self._lock = threading.Lock()

    def inspect(
        self,
        definition: LayerDefinition,
        snapshot: Snapshot,
        units: Units,
        within: str = "",
        progress: Progress = no_progress,
    ) -> Inspection:
        """Inspect one snapshot of a layer; what was inspected last is kept.

        Args:
            definition: The layer.
            snapshot: What is inspected.
            units: The units by which findings are told.
            within: Beginning of the codes of the units that are told of.
            progress: Told how far it is.

        Raises:
            InvariantError: An overlap is not what the kernel measures.
        """
        key = (definition.id, snapshot.name, units.level, units.layer.snapshot.name)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._inspect(definition, snapshot, units, progress)
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return _look_into(self._kept[key], within)

    def _inspect(
        self, definition: LayerDefinition, snapshot: Snapshot, units: Units, progress: Progress
    ) -> Inspection:
        layer = self._tabulator.open_layer(snapshot)
        polygons = definition.geometry == "polygon"
        shapes = np.asarray(snapshot.read([]).geometry)
        findings = self._check_rows(definition, snapshot, layer, shapes, progress)
        home = self._place(shapes, units)
        covered, closure = {}, 0.0
        frames = [_list_rows(findings, home, shapes)]
        if polygons:
            found = self._tabulator.covered(snapshot, units.level)
            covered = {code: (unit_m2, net_m2) for code, _, unit_m2, net_m2 in found}
            overlaps, closure = find_overlaps(layer, units)
            frames.append(self._to_degrees(overlaps))
        if definition.statistics.coverage == "tiling":
            frames.append(self._to_degrees(find_gaps(layer, units, covered)))
        listed = pd.concat([one for one in frames if len(one)] or frames[:1], ignore_index=True)
        listed["kind"] = [KIND_OF.get(code, "other") for code in listed["code"]]
        listed["feature"] = _name_rows(definition, snapshot, listed["row"].to_numpy(np.int64))
        described = self._describe(
            definition, snapshot, units, covered, home, _count(findings, home, listed), listed
        )
        return Inspection(
            definition.id,
            snapshot.name,
            units.layer.snapshot.name,
            units.level,
            "",
            tuple(described),
            gpd.GeoDataFrame(listed, crs=GEOGRAPHIC),
            sum(findings.counts.values()) == len(findings.problems),
            closure,
            snapshot.manifest.sample or units.layer.snapshot.manifest.sample,
        )

    def _check_rows(
        self,
        definition: LayerDefinition,
        snapshot: Snapshot,
        layer: MeasuredLayer,
        shapes: Geometries,
        progress: Progress,
    ) -> _Placed:
        """Look at attributes and at how each geometry is drawn, as an import does."""
        names = [rule.name for rule in definition.stored_fields]
        findings, attributes = _Placed(len(shapes)), snapshot.read_attributes(names)
        sources = {name: name for name in names}
        table = read_columns(definition, attributes, sources, findings, "accept")
        check_keys(definition, table, findings)
        check_classes(definition, table, self._schemes, findings)
        plan = Plan(definition.geometry, self._gauss, repair=False)
        check_shapes(shapes, plan, findings, progress)
        rule = definition.find_field(definition.area_field)
        if definition.geometry == "polygon" and rule is not None:
            rows = np.arange(len(shapes))
            check_declared_areas(rule, table, layer.areas_m2, rows, findings)
        return findings

    def _place(self, shapes: Geometries, units: Units) -> np.ndarray:
        """Find the unit of an inner point of each feature, ``""`` for none."""
        points = to_measure_plane(shapely.point_on_surface(shapes), self._gauss)
        zone = find_containing(points, units.layer.geometries)
        return np.where(zone == OUTSIDE, "", units.codes[zone]).astype(object)

    def _to_degrees(self, found: pd.DataFrame) -> pd.DataFrame:
        if found.empty:
            return pd.DataFrame(columns=list(_COLUMNS))
        shapes = found["geometry"].to_numpy(dtype=object)
        return found.assign(geometry=from_measure_plane(shapes, self._gauss))

    def _describe(
        self,
        definition: LayerDefinition,
        snapshot: Snapshot,
        units: Units,
        covered: dict[str, tuple[float, float]],
        home: np.ndarray,
        counts: dict[str, Counter[str]],
        listed: pd.DataFrame,
    ) -> list[InspectedUnit]:
        polygons = definition.geometry == "polygon"
        tiling = definition.statistics.coverage == "tiling"
        districts = self._tabulator.current_units("district").unique_codes
        shares = listed[listed["kind"].isin(("overlap", "duplicate"))]
        overlap_m2 = shares.groupby("unit_code")["area_m2"].sum().to_dict()
        present = Counter(home.tolist())
        described = []
        for code in units.unique_codes:
            unit_m2, net_m2 = covered.get(code, (float(units.areas_m2[code]), 0.0))
            state = unit_coverage(definition, snapshot.manifest, code, unit_m2, net_m2, districts)
            gap_m2 = max(0.0, unit_m2 - net_m2) if tiling and state != "no_data" else None
            described.append(
                InspectedUnit(
                    code,
                    units.names[code],
                    state,
                    present[code],
                    unit_m2,
                    net_m2 if polygons else None,
                    gap_m2,
                    float(overlap_m2.get(code, 0.0)) if polygons else None,
                    counts.get(code, Counter()),
                )
            )
        if present[""] or counts.get(""):
            shared = float(overlap_m2.get("", 0.0)) if polygons else None
            described.append(
                InspectedUnit(
                    "",
                    "",
                    "partial",
                    present[""],
                    None,
                    None,
                    None,
                    shared,
                    counts.get("", Counter()),
                )
            )
        return described


def _look_into(whole: Inspection, within: str) -> Inspection:
    """Leave of an inspection what lies in one unit."""
    if not within:
        return whole
    chosen = whole.findings["unit_code"].str.startswith(within)
    return replace(
        whole,
        within=within,
        units=tuple(unit for unit in whole.units if unit.unit_code.startswith(within)),
        findings=whole.findings[chosen].reset_index(drop=True),
    )


def _list_rows(findings: Findings, home: np.ndarray, shapes: Geometries) -> pd.DataFrame:
    """List findings on rows, and on the layer as a whole, with the geometry of the feature."""
    rows = [problem.row for problem in findings.problems]
    geometry = np.array([*(shapes[row - 1] if row else None for row in rows), None], dtype=object)
    return pd.DataFrame(
        {
            "code": [problem.code for problem in findings.problems],
            "severity": [problem.severity for problem in findings.problems],
            "row": np.array(rows, dtype=np.int64),
            "unit_code": [str(home[row - 1]) if row else "" for row in rows],
            "area_m2": np.full(len(rows), np.nan),
            "facts": [problem.facts for problem in findings.problems],
            "geometry": geometry[:-1],
        }
    )


def _count(findings: _Placed, home: np.ndarray, listed: pd.DataFrame) -> dict[str, Counter[str]]:
    """Count findings by unit and kind, those that are not listed, too."""
    counts: dict[str, Counter[str]] = {}
    for code, rows in findings.rows.items():
        for unit, number in Counter(home[rows].tolist()).items():
            counts.setdefault(unit, Counter())[KIND_OF.get(code, "other")] += number
    drawn = listed[~listed["code"].isin(list(findings.rows))]
    for unit, kind in zip(drawn["unit_code"], drawn["kind"], strict=True):
        counts.setdefault(unit, Counter())[kind] += 1
    ordered = {}
    for unit, found in counts.items():
        ordered[unit] = Counter({kind: found[kind] for kind in KINDS if found[kind]})
    return ordered


def _name_rows(definition: LayerDefinition, snapshot: Snapshot, rows: Rows) -> list[str]:
    """Give the key of each row, counted from 1; ``""`` for findings on no single feature."""
    keys = snapshot.read_attributes([definition.key])[definition.key].fillna("").astype(str)
    values = keys.to_numpy(dtype=object)
    return [str(values[row - 1]) if row else "" for row in rows.tolist()]
