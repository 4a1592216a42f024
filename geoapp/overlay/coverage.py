"""Whether a layer is known in a unit: complete, partial or not at all.

Unknown is never shown as fine: what nobody declared complete is at best partial.
"""

from collections.abc import Iterable

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.manifest import Coverage, Manifest

# A tiling layer may miss a hair of a unit where borders were digitised twice.
_TILING_GAP_M2 = 1.0
_TILING_GAP_SHARE = 1e-6
_NOTHING_M2 = 1e-4  # what neighbours share by rounding is no data


def worst(states: Iterable[Coverage]) -> Coverage:
    """Combine what several layers know of one unit: the chain is as good as its weakest."""
    found = set(states)
    if "no_data" in found:
        return "no_data"
    return "partial" if "partial" in found else "complete"


def combine_districts(states: Iterable[Coverage]) -> Coverage:
    """Combine districts to a city: complete or unknown only if all are."""
    found = set(states)
    return found.pop() if len(found) == 1 else "partial"


def unit_coverage(
    definition: LayerDefinition,
    manifest: Manifest,
    unit_code: str,
    unit_m2: float,
    net_m2: float,
    districts: Iterable[str],
) -> Coverage:
    """Tell how well a layer is known in one unit.

    Args:
        definition: The layer; a tiling one is judged by the ground it leaves uncovered.
        manifest: What was declared of the snapshot, by district.
        unit_code: The unit.
        unit_m2: Its area.
        net_m2: Area of the layer in it.
        districts: Codes of all districts of the city.
    """
    if definition.statistics.coverage == "tiling":
        if net_m2 < _NOTHING_M2:
            return "no_data"
        gap = unit_m2 - net_m2
        return "complete" if gap <= max(_TILING_GAP_M2, _TILING_GAP_SHARE * unit_m2) else "partial"
    concerned = [code for code in districts if unit_code.startswith(code)] or [
        code for code in districts if code.startswith(unit_code[:4])
    ]
    return combine_districts(manifest.coverage.get(code, "no_data") for code in concerned)
