"""What a publication says about its data, and what was found out while writing it."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.features import Bounds
from geoapp.catalog.manifest import Coverage, Manifest, Repair, Source


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a publication says about its data beside the features themselves."""

    as_of: date
    source: Source
    sample: bool
    coverage: dict[str, Coverage]
    repairs: tuple[Repair, ...] = ()
    unmapped_fields: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()
    importer: str = ""
    scale: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    rejected: int = 0


class Measured(NamedTuple):
    """What writing a snapshot found out."""

    feature_count: int
    bounds: Bounds
    digest: str
    area_m2: float
    length_m: float


def describe(definition: LayerDefinition, said: Provenance, found: Measured) -> Manifest:
    """Write the manifest of a snapshot."""
    return Manifest(
        layer=definition.id,
        as_of=said.as_of,
        digest=found.digest,
        feature_count=found.feature_count,
        area_m2=found.area_m2,
        length_m=found.length_m,
        bounds=found.bounds,
        sample=said.sample,
        coverage=said.coverage,
        source=said.source,
        repairs=said.repairs,
        unmapped_fields=said.unmapped_fields,
        missing_fields=said.missing_fields,
        importer=said.importer,
        scale=said.scale,
        problems=said.problems,
        rejected=said.rejected,
    )
