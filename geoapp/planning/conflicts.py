"""Finding where layers overlap that should exclude each other: the three lines and others."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from geoapp.catalog.city import City
from geoapp.catalog.definition import UNIT_LEVELS, LayerDefinition
from geoapp.catalog.library import Library
from geoapp.catalog.snapshot import Snapshot, SnapshotStore
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.overlay.change_result import ChangeRequest
from geoapp.overlay.coverage import unit_coverage
from geoapp.overlay.question import CODE_LENGTHS, require_level, require_within
from geoapp.overlay.tabulate import Tabulator
from geoapp.overlay.unit import Units
from geoapp.planning.closing import (
    require_parts_close,
    require_patches_close,
    require_places_close,
)
from geoapp.planning.conflict_patches import list_patches
from geoapp.planning.conflict_result import (
    MOST_LAYERS,
    ConflictRequest,
    ConflictResult,
    Place,
)
from geoapp.planning.parts_by_unit import share_parts
from geoapp.planning.venn import Venn, cut_layers

_MOST_KEPT: Final = 4
_FEWEST_LAYERS: Final = 2


class ConflictFinder:
    """Finds conflicts in the snapshots of one workspace; what was cut last is kept."""

    def __init__(
        self, city: City, library: Library, store: SnapshotStore, tabulator: Tabulator
    ) -> None:
        self._city = city
        self._library = library
        self._store = store
        self._tabulator = tabulator
        self._kept: OrderedDict[tuple[str, ...], Venn] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, request: ConflictRequest) -> ConflictResult:
        """Answer one request.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: There are too few or too many layers, one has no areas, or the level
                is not offered.
            InvariantError: Parts do not add up to what is measured without them.
        """
        definitions = self._choose(request)
        snapshots = [self._require_snapshot(definition) for definition in definitions]
        asked = ChangeRequest("", "", by=request.by, within=request.within)
        require_level(asked)
        units = self._tabulator.current_units(request.by)
        require_within(asked, units)
        venn = self._cut(snapshots)
        closure = require_parts_close(venn, request)
        shared = share_parts(venn, units)
        areas = [dict(self._covered(snapshot, request)) for snapshot in snapshots]
        closure = max(closure, require_places_close(shared, units, areas, request))
        places = [
            self._describe(code, units, definitions, snapshots, areas, shared.by_unit(code))
            for code in units.unique_codes
            if code.startswith(request.within)
        ]
        patches = list_patches(venn, units, definitions, snapshots, self._city.crs)
        closure = max(closure, require_patches_close(patches, shared, request))
        if request.within:
            patches = patches[patches["unit_code"].str.startswith(request.within)]
            whole, outside = self._look_above(request), None
        else:
            whole = self._describe_city(definitions, snapshots, venn, request)
            outside = Place("", "", {}, shared.outside())  # nobody declares what is known there
        return ConflictResult(
            request,
            whole,
            {d.id: s.name for d, s in zip(definitions, snapshots, strict=True)}
            | {"units": units.layer.snapshot.name},
            tuple(places),
            outside,
            patches.reset_index(drop=True),
            closure,
            units.overlap,
            sample=any(snapshot.manifest.sample for snapshot in snapshots),
        )

    def _choose(self, request: ConflictRequest) -> list[LayerDefinition]:
        names = request.layers
        if not _FEWEST_LAYERS <= len(set(names)) == len(names) <= MOST_LAYERS:
            raise ChoiceError("conflicts-layer-count", count=len(names), most=MOST_LAYERS)
        definitions = [self._library.require(name) for name in names]
        for definition in definitions:
            if not _may_conflict(definition):
                raise ChoiceError("conflicts-layer-wrong", layer=definition.title)
        return definitions

    def _require_snapshot(self, definition: LayerDefinition) -> Snapshot:
        snapshot = self._store.find_current(definition.id)
        if snapshot is None:
            raise NotFoundError("snapshot-none", layer=definition.title, as_of="-")
        return snapshot

    def _cut(self, snapshots: Sequence[Snapshot]) -> Venn:
        key = tuple(f"{snapshot.layer}/{snapshot.name}" for snapshot in snapshots)
        with self._lock:
            if key not in self._kept:
                layers = [self._tabulator.open_layer(snapshot) for snapshot in snapshots]
                self._kept[key] = cut_layers(layers)
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _covered(self, snapshot: Snapshot, request: ConflictRequest) -> list[tuple[str, float]]:
        found = self._tabulator.covered(snapshot, request.by)
        return [(code, net_m2) for code, _, _, net_m2 in found]

    def _describe(
        self,
        code: str,
        units: Units,
        definitions: Sequence[LayerDefinition],
        snapshots: Sequence[Snapshot],
        areas: Sequence[dict[str, float]],
        exact_m2: dict[int, float],
    ) -> Place:
        districts = self._tabulator.current_units("district").unique_codes
        unit_m2 = float(units.areas_m2[code])
        coverage = {
            definition.id: unit_coverage(
                definition, snapshot.manifest, code, unit_m2, net.get(code, 0.0), districts
            )
            for definition, snapshot, net in zip(definitions, snapshots, areas, strict=True)
        }
        return Place(code, units.names[code], coverage, exact_m2)

    def _describe_city(
        self,
        definitions: Sequence[LayerDefinition],
        snapshots: Sequence[Snapshot],
        venn: Venn,
        request: ConflictRequest,
    ) -> Place:
        city = self._tabulator.current_units("city")
        code = self._city.code
        areas = [
            {code: sum(net for _, _, _, net in self._tabulator.covered(snapshot, "city"))}
            for snapshot in snapshots
        ]
        exact = {bits: venn.part_m2(bits) for bits in request.sets(least=1)}
        return self._describe(code, city, definitions, snapshots, areas, exact)

    def _look_above(self, request: ConflictRequest) -> Place:
        """Measure the unit that is looked into on its own, not by adding its rows."""
        level = CODE_LENGTHS[len(request.within)]
        answer = self.find(ConflictRequest(request.layers, level))
        return next(place for place in answer.places if place.unit_code == request.within)


def list_candidates(library: Library) -> list[LayerDefinition]:
    """List the layers that may be asked about: polygons, no units, no land-use mosaic."""
    return [definition for definition in library if _may_conflict(definition)]


def _may_conflict(definition: LayerDefinition) -> bool:
    # What tiles the ground overlaps everything: statistics inside of a layer answer that.
    return (
        definition.geometry == "polygon"
        and definition.id not in UNIT_LEVELS
        and definition.statistics.coverage != "tiling"
    )
