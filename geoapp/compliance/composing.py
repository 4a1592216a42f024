"""The land classes that parcels consist of."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from geoapp.catalog.definition import ClassValue, LayerDefinition
from geoapp.compliance.composition import ClassShare, Composition
from geoapp.compliance.knowledge import Known
from geoapp.compliance.parcels import Parcels
from geoapp.compliance.source import Meeting, Source
from geoapp.i18n import Text
from geoapp.overlay.tally import COUNTED_FROM_M2

LANDUSE: Final = "landuse"
CLASS_FIELD: Final = "dlbm"
GROUP_FIELD: Final = "dldl"
CULTIVATED: Final = "01"
_UNCLASSED = Text(zh="", en="")


def compose(
    source: Source, net: Meeting, known: Sequence[Known], parcels: Parcels
) -> list[Composition]:
    """Add up what parcels have of each land class.

    Args:
        source: The layer of land-use parcels.
        net: What is met of it, shared ground once.
        known: How well it is known in each parcel.
        parcels: The parcels.
    """
    kinds = source.kinds(CLASS_FIELD)
    count = len(kinds.names)
    cell = net.parcel * count + kinds.numbers[net.row]
    sums = np.bincount(cell, net.area_m2, minlength=len(parcels) * count)
    sums = sums.reshape(len(parcels), count)
    values = _class_values(source.definition)
    titles = source.definition.class_titles(GROUP_FIELD)
    found = []
    for k, area in enumerate(parcels.area_m2.tolist()):
        present = np.flatnonzero(sums[k] >= COUNTED_FROM_M2).tolist()
        classes = [_share(kinds.names[c], values, float(sums[k, c]), area) for c in present]
        covered = min(float(sums[k].sum()), area)
        found.append(
            Composition(
                coverage=known[k].coverage,
                groups=_sum_groups(classes, titles, area),
                classes=tuple(sorted(classes, key=_largest_first)),
                cultivated_m2=_cultivated(classes, values) if classes else None,
                unknown_m2=max(area - covered, 0.0),
                snapshot=source.snapshot.name,
            )
        )
    return found


def compose_nothing(parcels: Parcels) -> list[Composition]:
    """Say of parcels that no land class is known."""
    return [Composition(coverage="no_data", unknown_m2=area) for area in parcels.area_m2.tolist()]


def _class_values(definition: LayerDefinition) -> dict[str, ClassValue]:
    field = definition.find_field(CLASS_FIELD)
    return {value.code: value for value in definition.classes[field.classes]} if field else {}


def _share(code: str, values: dict[str, ClassValue], area_m2: float, whole_m2: float) -> ClassShare:
    value = values.get(code)
    title = value.title if value else Text(zh=code, en=code) if code else _UNCLASSED
    group = value.group if value else ""
    return ClassShare(
        code=code, title=title, group=group, area_m2=area_m2, share=min(area_m2 / whole_m2, 1.0)
    )


def _sum_groups(
    classes: Sequence[ClassShare], titles: Mapping[str, Text], whole_m2: float
) -> tuple[ClassShare, ...]:
    sums: dict[str, float] = {}
    for share in classes:
        sums[share.group] = sums.get(share.group, 0.0) + share.area_m2
    groups = [
        ClassShare(
            code=name,
            title=titles.get(name, Text(zh=name, en=name)),
            group=name,
            area_m2=area,
            share=min(area / whole_m2, 1.0),
        )
        for name, area in sums.items()
    ]
    return tuple(sorted(groups, key=_largest_first))


def _cultivated(classes: Sequence[ClassShare], values: dict[str, ClassValue]) -> float:
    return sum(
        share.area_m2
        for share in classes
        if share.code in values and (values[share.code].parent or share.code) == CULTIVATED
    )


def _largest_first(share: ClassShare) -> tuple[float, str]:
    return -share.area_m2, share.code
