"""What each single feature adds to a figure of statistics."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geoapp.errors import ChoiceError
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.line_sharing import COUNTED_FROM_M
from geoapp.overlay.question import Question
from geoapp.overlay.tally import COUNTED_FROM_M2

WHOLE_CITY: Final = ""


@dataclass(frozen=True, slots=True)
class FeatureValues:
    """What features add, feature by feature.

    Attributes:
        rows: ``(k,)`` rising rows of the features that add something.
        values: ``(k,)`` what each adds: m², m, 1, or the value of its field. Ground of several
            features of a class is with the first of them.
        classes: ``(k,)`` class of each, ``""`` for none.
        snapshot: What was read.
    """

    rows: Integers
    values: Floats
    classes: np.ndarray
    snapshot: str


def list_values(question: Question, of: str, unit: str) -> FeatureValues:
    """List what the features of a layer add to a figure.

    Args:
        question: The layer by classes, with the units of the level of ``unit``.
        of: ``area``, ``count``, ``length``, or a field that the layer adds up.
        unit: Code of the unit, ``WHOLE_CITY`` for all.

    Raises:
        ChoiceError: The layer has no such figure.
    """
    if of == "area":
        found = _areas(question, unit, net=True)
    elif of == "count":
        found = _counted(question, unit)
    elif of == "length":
        found = _lengths(question, unit)
    elif of in question.summed:
        found = _field(question, of, unit)
    else:
        offered = ", ".join(("area", "count", "length", *question.summed))
        raise ChoiceError("choice-unknown", option="of", value=of, offered=offered)
    kept = found != 0.0
    rows = np.flatnonzero(kept)
    return FeatureValues(
        rows, found[rows], question.kinds.codes()[rows], question.sharing.layer.snapshot.name
    )


def _areas(question: Question, unit: str, *, net: bool) -> Floats:
    """Give what each feature has of a unit, ``(n,)`` m²."""
    sharing, count = question.sharing, len(question.kinds.numbers)
    if sharing.points or sharing.layer.lines:
        return np.zeros(count)
    units = question.units if unit else None
    rows, zones, areas = sharing.feature_areas(units, question.kinds, net=net)
    if unit:
        here = np.flatnonzero(question.units.codes.astype(str) == unit)
        kept = np.isin(zones, here)
        rows, areas = rows[kept], areas[kept]
    return np.bincount(rows, areas, minlength=count).astype(np.float64)


def _counted(question: Question, unit: str) -> Floats:
    """Give 1 for each feature that reaches in."""
    layer = question.sharing.layer
    if layer.points:
        return _at_home(question, unit).astype(np.float64)
    if layer.lines:
        lengths = _lengths(question, unit)
        enough = np.minimum(COUNTED_FROM_M, layer.lengths_m / 2)
        return ((lengths > 0) & (lengths >= enough)).astype(np.float64)
    areas = _areas(question, unit, net=False)
    enough = np.minimum(COUNTED_FROM_M2, layer.areas_m2 / 2)
    return ((areas > 0) & (areas >= enough)).astype(np.float64)


def _lengths(question: Question, unit: str) -> Floats:
    """Give what each line has of a unit, ``(n,)`` m."""
    layer, count = question.sharing.layer, len(question.kinds.numbers)
    if not layer.lines:
        return np.zeros(count)
    if not unit:
        return np.asarray(layer.lengths_m, dtype=np.float64)
    place = question.units.unique_codes.index(unit)
    rows, groups, lengths = question.sharing.feature_lengths(question.units)
    kept = groups == place
    return np.bincount(rows[kept], lengths[kept], minlength=count).astype(np.float64)


def _field(question: Question, name: str, unit: str) -> Floats:
    """Give the number of each feature whose inner point lies in a unit; what has none adds 0."""
    layer = question.sharing.layer
    column = layer.snapshot.read_attributes([name])[name]
    numbers = column.to_numpy(dtype=np.float64, na_value=0.0)
    return np.where(_at_home(question, unit), numbers, 0.0)


def _at_home(question: Question, unit: str) -> np.ndarray:
    """Tell whose inner point lies in a unit, ``(n,)``."""
    homes, units = question.sharing.homes(question.units), question.units
    found = np.zeros(len(question.kinds.numbers), dtype=np.bool_)
    if unit:
        here = np.flatnonzero(units.codes.astype(str) == unit)
        found[homes.feature_row[np.isin(homes.zone_row, here)]] = True
    else:
        found[homes.feature_row] = True
    return found
