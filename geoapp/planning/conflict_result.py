"""What a question about conflicts of layers is answered with."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import geopandas as gpd

from geoapp.catalog.manifest import Coverage
from geoapp.overlay.result import Level

THREE_LINES: Final = ("ecological_redline", "permanent_farmland", "urban_boundary")
MOST_LAYERS: Final = 6
# Below either, an overlap is named a sliver; it is listed and counted like every other.
SLIVER_M2: Final = 1.0
SLIVER_WIDTH_M: Final = 0.1
_ALWAYS_SHOWN: Final = 2  # of more layers only what is there: six have 57 such sets


@dataclass(frozen=True, slots=True)
class ConflictRequest:
    """A question.

    Attributes:
        layers: Two to six layers of polygons.
        by: Unit level of the rows.
        within: Code of the unit to look into, or ``""`` for the whole city.
    """

    layers: tuple[str, ...] = THREE_LINES
    by: Level = "district"
    within: str = ""

    def sets(self, least: int = 2) -> list[int]:
        """List the sets of layers as bits: pairs first, then three of them, and so on."""
        numbers = range(len(self.layers))
        return [
            sum(1 << number for number in chosen)
            for size in range(least, len(self.layers) + 1)
            for chosen in combinations(numbers, size)
        ]

    def named(self, bits: int) -> tuple[str, ...]:
        """Name the layers of a set."""
        return tuple(name for number, name in enumerate(self.layers) if bits >> number & 1)


@dataclass(frozen=True, slots=True)
class Place:
    """One unit, what is known of the layers in it, and the ground of each part.

    Attributes:
        unit_code: ``""`` for ground outside all units.
        coverage: Whether each layer is known here; empty outside all units.
        exact_m2: By set of layers, every one of them: ground that exactly these layers have.
    """

    unit_code: str
    unit_name: str
    coverage: Mapping[str, Coverage]
    exact_m2: Mapping[int, float]

    def shared_m2(self, bits: int) -> float:
        """Measure the ground that all layers of a set have, whatever else lies there."""
        return sum(area for part, area in self.exact_m2.items() if part & bits == bits)

    def union_m2(self) -> float:
        """Measure the ground that any layer has, as the sum of the parts."""
        return sum(self.exact_m2.values())

    def alternating_m2(self) -> float:
        """Measure the same by inclusion and exclusion."""
        return sum(
            (1 if bits.bit_count() % 2 else -1) * self.shared_m2(bits) for bits in self.exact_m2
        )

    def known(self, names: tuple[str, ...]) -> bool:
        """Tell whether all of some layers are known here at least in part."""
        return all(self.coverage.get(name, "no_data") != "no_data" for name in names)


@dataclass(frozen=True, slots=True)
class ConflictResult:
    """Where layers overlap.

    Attributes:
        snapshots: By layer, and under ``units``.
        places: Units in the order of their codes.
        whole: The whole (city or ``within`` unit), measured on its own.
        outside: Ground in no unit; empty when looking into a unit.
        patches: Every overlap, largest first: ``unit_code``, ``bits``, one column of rows per
            layer (``NOTHING`` where it is not there), ``features`` and ``classes`` as texts by
            layer, ``area_m2``, ``sliver``; EPSG:4490.
        closure_m2: The largest gap between a sum of parts and what is measured without them.
        units_overlap: Units of this level overlap each other, so they do not add up.
    """

    request: ConflictRequest
    whole: Place
    snapshots: Mapping[str, str]
    places: tuple[Place, ...]
    outside: Place | None
    patches: gpd.GeoDataFrame
    closure_m2: float
    units_overlap: bool
    sample: bool

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.conflicts/1``."""
        request = self.request
        return {
            "schema": "geoapp.conflicts/1",
            "layers": list(request.layers),
            "by": request.by,
            "within": request.within or None,
            "sample": self.sample,
            "snapshots": dict(self.snapshots),
            "rows": [self._place_json(place) for place in self.places],
            "city": self._place_json(self.whole),
            "outside": self._place_json(self.outside) if self.outside else None,
            "patches": [
                {
                    "unit_code": row["unit_code"],
                    "layers": list(request.named(row["bits"])),
                    "features": {
                        name: row[f"feature_{name}"] for name in request.named(row["bits"])
                    },
                    "classes": {name: row[f"class_{name}"] for name in request.named(row["bits"])},
                    "area_m2": row["area_m2"],
                    "sliver": bool(row["sliver"]),
                }
                for row in self.patches.drop(columns="geometry").to_dict("records")
            ],
            "closure_m2": self.closure_m2,
            "units_overlap": self.units_overlap,
        }

    def _place_json(self, place: Place) -> dict[str, Any]:
        request = self.request
        sets = request.sets(least=1)
        return {
            "unit_code": place.unit_code,
            "unit_name": place.unit_name,
            "coverage": dict(place.coverage),
            "union_m2": place.union_m2(),
            "parts": [
                {
                    "layers": list(request.named(bits)),
                    "shared_m2": shown_m2(place, request, bits),
                    "exact_m2": place.exact_m2.get(bits, 0.0),
                }
                for bits in sets
                if bits.bit_count() <= _ALWAYS_SHOWN or place.shared_m2(bits) > 0.0
            ],
        }


def shown_m2(place: Place, request: ConflictRequest, bits: int) -> float | None:
    """Give the ground that layers share; ``None`` where one is unknown and none was found."""
    area = place.shared_m2(bits)
    return area if area > 0.0 or place.known(request.named(bits)) else None
