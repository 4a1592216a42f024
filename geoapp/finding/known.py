"""Which layers are not known at a point: nothing found there is then no "nothing here"."""

from collections.abc import Iterable

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.manifest import Coverage, Manifest
from geoapp.overlay.coverage import worst


def coverage_here(
    definition: LayerDefinition,
    manifest: Manifest | None,
    districts: Iterable[str],
    *,
    found: bool,
) -> Coverage:
    """Tell how well a layer is known at a point.

    Args:
        definition: The layer; of a tiling one, a point that it leaves uncovered is unknown.
        manifest: What was declared of the snapshot; ``None`` where there is none.
        districts: Codes of the districts that hold the point.
        found: A feature of the layer lies here.
    """
    if manifest is None:
        return "no_data"
    if definition.statistics.coverage == "tiling":
        return "complete" if found else "no_data"
    states = [manifest.coverage.get(code, "no_data") for code in districts]
    declared = worst(states) if states else "no_data"
    return "partial" if found and declared == "no_data" else declared
