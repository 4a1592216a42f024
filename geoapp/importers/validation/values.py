"""What attributes say: keys that stand twice, class codes, areas that somebody declared."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.importers.findings import Findings, plain_facts

# A declared area is the official one rounded, or balanced within a village by some cents.
AREA_TOLERANCE_M2: Final = 1.0
AREA_TOLERANCE_SHARE: Final = 0.001
_UNITS: Final = {"ha": 10_000.0, "mu": 2000 / 3, "km2": 1_000_000.0}
_UNIT_AGREES: Final = 0.02
_UNIT_SHARE: Final = 0.9  # of the rows whose declared area differs

Schemes = Mapping[str, tuple[str, ...]]


def check_keys(definition: LayerDefinition, table: pa.Table, findings: Findings) -> None:
    """Tell of features whose key another feature before them has, empty keys aside."""
    column = table.column(definition.key).combine_chunks()
    encoded = pc.dictionary_encode(column.cast(pa.large_string()))
    codes = np.asarray(pc.fill_null(encoded.indices, -1))
    words = encoded.dictionary
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    again = first[place] != np.arange(len(codes))
    known = codes >= 0
    known[known] = np.asarray(pc.not_equal(words, ""))[codes[known]] if len(words) else False
    rows = np.flatnonzero(again & known)
    findings.add(
        "key-twice",
        "warning",
        rows,
        lambda k: plain_facts(
            key=words[int(codes[rows[k]])].as_py(), first=first[place[rows[k]]] + 1
        ),
    )


def check_classes(
    definition: LayerDefinition, table: pa.Table, schemes: Schemes, findings: Findings
) -> dict[str, int]:
    """Tell of class codes that the layer's own scheme does not have.

    Args:
        definition: The layer.
        table: Its canonical columns.
        schemes: Code → the schemes that have it, of all class tables of the installation.
        findings: Told of each, with what it may have been: a code of another scheme, one with
            a letter or blank too many, one with a suffix that its class does not have.

    Returns:
        ``field=code`` → number of features.
    """
    counts: dict[str, int] = {}
    for rule in definition.class_fields:
        if rule.derive_from:
            continue
        known = set(definition.class_titles(rule.name))
        encoded = pc.dictionary_encode(pc.fill_null(table.column(rule.name), "").combine_chunks())
        codes = np.asarray(encoded.indices)
        for number, code in enumerate(encoded.dictionary.to_pylist()):
            if code and code not in known:
                rows = np.flatnonzero(codes == number)
                counts[f"{rule.name}={code}"] = len(rows)
                name, facts = _judge_code(code, known, schemes)
                findings.add(name, "warning", rows, {"field": rule.name, "code": code, **facts})
    return counts


def _judge_code(code: str, known: set[str], schemes: Schemes) -> tuple[str, dict[str, object]]:
    tidy = "".join(code.split()).upper()
    if tidy in known:
        return "class-written-otherwise", {"meant": tidy}
    base = tidy[:-1]
    if tidy[-1:] in {"K", "A"} and base in known:
        return "class-suffix-unknown", {"base": base, "suffix": tidy[-1]}
    others = schemes.get(tidy, ())
    if others:
        return "class-other-scheme", {"schemes": ", ".join(others)}
    return "class-unknown", {}


def check_declared_areas(
    rule: FieldRule,
    table: pa.Table,
    areas_m2: NDArray[np.float64],
    source_rows: NDArray[np.int64],
    findings: Findings,
) -> None:
    """Tell of declared areas that are not the official one.

    Args:
        rule: The field of the declared area.
        table: The canonical columns.
        areas_m2: ``(n,)`` official areas.
        source_rows: ``(n,)`` row of the file that each is.
        findings: Told of each row that differs by more than ``AREA_TOLERANCE_M2`` and by more
            than ``AREA_TOLERANCE_SHARE``; or once, when all are in another unit.
    """
    declared = np.asarray(
        pc.fill_null(table.column(rule.name).cast(pa.float64()), float("nan")), dtype=np.float64
    )
    gap = np.abs(declared - areas_m2)
    allowed = np.maximum(AREA_TOLERANCE_M2, AREA_TOLERANCE_SHARE * areas_m2)
    rows = np.flatnonzero(np.isfinite(declared) & (gap > allowed))
    if len(rows) == 0:
        return
    for unit, size_m2 in _UNITS.items():
        fits = np.abs(declared[rows] * size_m2 - areas_m2[rows]) <= _UNIT_AGREES * areas_m2[rows]
        if fits.mean() >= _UNIT_SHARE:
            findings.note(
                "area-in-other-unit",
                "warning",
                field=rule.name,
                unit=f"@unit.{unit}",
                count=len(rows),
            )
            rows = rows[~fits]
            break
    findings.add(
        "area-differs",
        "warning",
        source_rows[rows],
        lambda k: plain_facts(
            field=rule.name,
            declared_m2=round(float(declared[rows[k]]), 2),
            area_m2=round(float(areas_m2[rows[k]]), 2),
            gap_m2=round(float(declared[rows[k]] - areas_m2[rows[k]]), 2),
        ),
    )
