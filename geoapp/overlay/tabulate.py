"""Area statistics: layer × unit × class, optionally inside another layer."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from geoapp.catalog.city import City
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.library import Library
from geoapp.catalog.manifest import Coverage
from geoapp.catalog.moment import one_moment
from geoapp.catalog.snapshot import Snapshot, SnapshotStore
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.overlay import checks
from geoapp.overlay.answers import Answers
from geoapp.overlay.coverage import unit_coverage, worst
from geoapp.overlay.derived import DerivedTables
from geoapp.overlay.feature_values import FeatureValues, list_values
from geoapp.overlay.grouping import add_fields, join_sums
from geoapp.overlay.kinds import Kinds, one_kind, read_kinds
from geoapp.overlay.line_sharing import close_lengths, require_lengths_closed
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.question import (
    CODE_LENGTHS,
    Question,
    require_class_field,
    require_level,
    require_within,
)
from geoapp.overlay.result import (
    CLOSURE_TOLERANCE_M2,
    LEVELS,
    Check,
    Level,
    StatsRequest,
    StatsResult,
    StatsRow,
    UnitTotal,
)
from geoapp.overlay.rows import (
    Sums,
    list_rows,
    make_row,
    measure_layer,
    outside_areas,
    outside_length,
)
from geoapp.overlay.sharing import Sharing
from geoapp.overlay.shelf import ZoneShelf
from geoapp.overlay.unit import Units, read_units
from geoapp.overlay.workers import THREADS, Pool
from geoapp.values import Progress, no_progress, part_of

_MOST_LAYERS_OPEN: Final = 24
Judge = Callable[[str, float], Coverage]


class Tabulator:
    """Answers requests on the snapshots of one workspace."""

    def __init__(
        self, city: City, library: Library, store: SnapshotStore, pool: Pool = THREADS
    ) -> None:
        self._city = city
        self._library = library
        self._store = store
        self._pool = pool
        self._tables = DerivedTables()
        self._shelf = ZoneShelf()
        self._open_layers: dict[tuple[str, str], MeasuredLayer] = {}
        self._known_units: dict[tuple[str, str], Units] = {}
        self._coverage: dict[tuple[str, ...], dict[str, Coverage]] = {}
        self._answers = Answers()
        self._opening = threading.Lock()

    def tabulate(self, request: StatsRequest) -> StatsResult:
        """Answer one request; the answer is kept and must not be changed.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The level or class field is not offered.
            InvariantError: Something does not add up, and the units do not explain it.
        """
        day = date.fromisoformat(request.as_of) if request.as_of else None
        asked = dict.fromkeys((request.layer, request.inside, *LEVELS[1:]))
        with one_moment():  # the answer is kept under the snapshots that it is computed from
            found = [self._store.find_current(layer, day) for layer in asked if layer]
            key = (request, *(snapshot.name if snapshot else "" for snapshot in found))
            return self._answers.find(key, lambda: self._compute(request))

    def _compute(self, request: StatsRequest) -> StatsResult:
        question = self._look_up(request)
        sharing, units = question.sharing, question.units
        totals_by_unit = self._unit_totals(question)
        rows = list_rows(question, totals_by_unit, self._sums(question, units))
        whole = self._whole(question)
        outside = {} if request.within else outside_areas(question)
        rows = [row for row in rows if row.unit_code.startswith(request.within)]
        listed = [u for u in totals_by_unit.values() if u.unit_code.startswith(request.within)]
        outside_m2 = sum(outside.values())
        explained = units.overlap or not self._fill(request, listed)
        result = StatsResult(
            request=request,
            whole_code=request.within or self._city.code,
            whole_name=whole[0].unit_name if whole else self._city.name.zh,
            snapshots=self._snapshot_names(question),
            rows=rows,
            totals=whole,
            units=listed,
            outside_units_m2=outside_m2,
            closure_m2=_add(whole) - _add(rows) - outside_m2,
            overlap_m2=sum(row.gross_m2 or 0.0 for row in whole) - _add(whole),
            units_overlap=units.overlap,
            sample=sharing.layer.snapshot.manifest.sample,
            checks=(
                checks.check_whole(whole, rows, outside, explained=explained),
                *_check_units(question, listed),
            ),
        )
        checks.require_passed(result.checks, request.layer)
        if sharing.layer.lines:
            result = close_lengths(result, 0.0 if request.within else outside_length(question))
            require_lengths_closed(result)
        return result

    def prepare(self, snapshot: Snapshot, progress: Progress = no_progress) -> None:
        """Prepare a snapshot for statistics, so that the first question does not wait.

        Args:
            snapshot: It need not be current.
            progress: Told how far it is.
        """
        layer = self._open(snapshot)
        if layer.points:
            return
        if not layer.lines:
            layer.index(part_of(progress, 0.0, 0.5))
        if snapshot.layer in LEVELS:
            progress("index.sharing", 0.5)
            _ = layer.zones
            return
        kinds = one_kind(snapshot.manifest.feature_count)
        for step, level in enumerate(LEVELS[1:]):
            progress("index.sharing", 0.5 + step / 6)
            if self._store.find_current(level) is not None:
                units = self._units(level, StatsRequest(snapshot.layer, level))
                _covered(Sharing(layer, None, self._tables), units, kinds)

    def covered(self, snapshot: Snapshot, level: Level) -> list[tuple[str, str, float, float]]:
        """Measure the ground that a snapshot of polygons covers in the current units of a level.

        Returns:
            Code and name of each unit, its area and the ground covered, overlaps once.
        """
        units = self.current_units(level)
        kinds = one_kind(snapshot.manifest.feature_count)
        net = _covered(Sharing(self._open(snapshot), None, self._tables, self._pool), units, kinds)
        return [
            (str(code), units.names[str(code)], float(unit_m2), net.get(str(code), 0.0))
            for code, unit_m2 in units.areas_m2.sort_index().items()
        ]

    def list_features(
        self, layer: str, of: str, *, class_field: str = "", unit: str = ""
    ) -> FeatureValues:
        """List what each feature adds to a figure; see ``feature_values.list_values``."""
        level = CODE_LENGTHS.get(len(unit), "district")
        question = self._look_up(StatsRequest(layer, level, class_field))
        if unit and unit not in question.units.names:
            raise NotFoundError("unit-unknown", unit=unit)
        return list_values(question, of, unit)

    def forget(self, snapshot: Snapshot) -> None:
        """Close a snapshot that is to be moved or removed."""
        with self._opening:
            self._open_layers.pop((snapshot.layer, snapshot.name), None)

    def layer_coverage(self, layer: str) -> dict[str, Coverage]:
        """Tell how well a layer is known in each district; empty without district outlines."""
        districts = self._store.find_current("district")
        if districts is None:
            return {}
        snapshot = self._store.find_current(layer)
        key = (layer, snapshot.name if snapshot else "", districts.name)
        known = self._coverage.get(key) if snapshot else None
        if known is None:  # every page asks it of every layer
            question = self._look_up(StatsRequest(layer, by="district"))
            known = {code: unit.coverage for code, unit in self._unit_totals(question).items()}
            while len(self._coverage) >= _MOST_LAYERS_OPEN:
                self._coverage.pop(next(iter(self._coverage)), None)
            self._coverage[key] = known
        return dict(known)

    @property
    def tables(self) -> DerivedTables:
        """Where results are kept."""
        return self._tables

    def open_layer(self, snapshot: Snapshot) -> MeasuredLayer:
        """Give a snapshot in the measure plane; it stays open for other questions."""
        return self._open(snapshot)

    def current_units(self, level: Level) -> Units:
        """Give the current units of a level.

        Raises:
            NotFoundError: There are none.
        """
        return self._units(level, StatsRequest("", by=level))

    def _look_up(self, request: StatsRequest) -> Question:
        definition = self._library.require(request.layer)
        require_level(request)
        require_class_field(definition, request.class_field)
        units = self._units(request.by, request)
        require_within(request, units)
        layer = self._open(self._require_snapshot(definition, request))
        kinds = read_kinds(definition, layer.snapshot, request.class_field)
        return Question(
            request=request,
            definition=definition,
            sharing=Sharing(layer, self._inside(request), self._tables, self._pool),
            units=units,
            districts=self._units("district", request),
            kinds=kinds or one_kind(layer.snapshot.manifest.feature_count),
        )

    def _inside(self, request: StatsRequest) -> MeasuredLayer | None:
        if not request.inside:
            return None
        definition = self._library.require(request.inside)
        if definition.geometry != "polygon":
            raise ChoiceError("stats-inside-not-polygon", layer=definition.title)
        return self._open(self._require_snapshot(definition, request))

    def _require_snapshot(self, definition: LayerDefinition, request: StatsRequest) -> Snapshot:
        day = date.fromisoformat(request.as_of) if request.as_of else None
        snapshot = self._store.find_current(definition.id, day)
        if snapshot is None:
            raise NotFoundError("snapshot-none", layer=definition.title, as_of=request.as_of or "-")
        return snapshot

    def _units(self, level: Level, request: StatsRequest) -> Units:
        definition = self._library.require("district" if level == "city" else level)
        snapshot = self._require_snapshot(definition, request)
        key = (level, snapshot.name)
        units = self._known_units.get(key)
        if units is None or units.layer is not self._open(snapshot):
            layer = self._open(snapshot)
            units = read_units(level, layer, self._city.code, self._city.name.zh)
            while len(self._known_units) >= _MOST_LAYERS_OPEN:
                self._known_units.pop(next(iter(self._known_units)), None)
            self._known_units[key] = units
        return units

    def _open(self, snapshot: Snapshot) -> MeasuredLayer:
        key = (snapshot.layer, snapshot.name)
        geometry = self._library.require(snapshot.layer).geometry
        with self._opening:
            if key not in self._open_layers:
                while len(self._open_layers) >= _MOST_LAYERS_OPEN:
                    self._open_layers.pop(next(iter(self._open_layers)))
                self._open_layers[key] = MeasuredLayer(
                    snapshot,
                    self._city.crs,
                    self._tables,
                    self._shelf,
                    points=geometry == "point",
                    lines=geometry == "line",
                )
            return self._open_layers[key]

    def _snapshot_names(self, question: Question) -> dict[str, str]:
        request, sharing = question.request, question.sharing
        names = {request.layer: sharing.layer.snapshot.name}
        if sharing.inside is not None:
            names[request.inside] = sharing.inside.snapshot.name
        return names | {"units": question.units.layer.snapshot.name}

    def _unit_totals(self, question: Question) -> dict[str, UnitTotal]:
        units = question.units
        covered = _covered(question.sharing, units, question.kinds)
        judge = self._judge(question, units)
        totals = {}
        for code, unit_m2 in units.areas_m2.sort_index().items():
            net_m2 = covered.get(str(code), 0.0)
            totals[str(code)] = UnitTotal(
                unit_code=str(code),
                unit_name=units.names[str(code)],
                unit_m2=float(unit_m2),
                net_m2=net_m2,
                rest_m2=float(unit_m2) - net_m2,
                coverage=judge(str(code), float(unit_m2)),
            )
        return totals

    def _judge(self, question: Question, units: Units) -> Judge:
        """Prepare the judgement of units: both the layer and the one inside must be known."""
        sharing = question.sharing
        layers = [(question.definition, sharing.layer)]
        if sharing.inside is not None:
            layers.append((self._library.require(question.request.inside), sharing.inside))
        districts = [str(code) for code in question.districts.codes]
        known = []
        for definition, layer in layers:
            alone = Sharing(layer, None, self._tables, self._pool)
            kinds = question.kinds if layer is sharing.layer else None
            known.append((definition, layer.snapshot.manifest, _covered(alone, units, kinds)))

        def judge(code: str, unit_m2: float) -> Coverage:
            return worst(
                unit_coverage(definition, manifest, code, unit_m2, net.get(code, 0.0), districts)
                for definition, manifest, net in known
            )

        return judge

    def _sums(self, question: Question, units: Units) -> Sums:
        values = self._summed_fields(question)
        if values is None:
            return {}
        return add_fields(question.sharing.homes(units), values, units.codes, question.class_codes)

    def _summed_fields(self, question: Question) -> pd.DataFrame | None:
        names = question.summed
        return question.sharing.layer.snapshot.read_attributes(names) if names else None

    def _fill(self, request: StatsRequest, listed: list[UnitTotal]) -> bool:
        """Tell whether units fill the unit that they lie in; outside the city is measured."""
        if not request.within:
            return True
        parents = self._units(CODE_LENGTHS[len(request.within)], request)
        gap = parents.areas_m2.get(request.within, 0.0) - sum(unit.unit_m2 for unit in listed)
        return abs(float(gap)) <= CLOSURE_TOLERANCE_M2

    def _whole(self, question: Question) -> list[StatsRow]:
        """Total the whole by class, measured on its own rather than added from the rows."""
        request = question.request
        if request.within:
            level = CODE_LENGTHS[len(request.within)]
            answer = self.tabulate(replace(request, by=level, within=""))
            return [row for row in answer.rows if row.unit_code == request.within]
        sharing, code = question.sharing, self._city.code
        codes = np.array([code], dtype=object)
        net = sharing.altogether(question.kinds, net=True)
        gross = sharing.altogether(question.kinds, net=False)
        table = join_sums(net, gross, whole=code)
        city = self._units("city", request)
        coverage = self._judge(question, city)(code, float(city.areas_m2.iloc[0]))
        values = self._summed_fields(question)
        sums: Sums = {}
        if values is not None:
            homes = sharing.homes(question.units)
            everywhere = replace(homes, zone_row=np.zeros(len(homes.zone_row), dtype=np.intp))
            sums = add_fields(everywhere, values, codes, question.class_codes)
        layer_net = measure_layer(question)
        unit = UnitTotal(code, self._city.name.zh, float("nan"), 0.0, 0.0, coverage)
        return [
            make_row(question, unit, name, figures, sums, layer_net)
            for name, figures in table.get(code, {}).items()
        ]


def _covered(sharing: Sharing, units: Units, kinds: Kinds | None = None) -> dict[str, float]:
    """Measure the ground that a layer covers in each unit, counted once.

    Args:
        sharing: The layer.
        units: The units.
        kinds: Classes by which it is shared out anyway.
    """
    if kinds is None or sharing.layer.overlap:  # ground of one class may lie under another
        kinds = one_kind(sharing.layer.snapshot.manifest.feature_count)
    return sharing.among(units, kinds, net=True, by_class=False).by_unit


def _check_units(question: Question, listed: list[UnitTotal]) -> Iterator[Check]:
    """Check what units have against their area, their classes and the layers that meet."""
    sharing, units, kinds = question.sharing, question.units, question.kinds
    codes = {unit.unit_code for unit in listed}
    net = sharing.among(units, kinds, net=True)
    cells = {key: area for key, area in net.cells.items() if key[0] in codes}
    yield checks.check_classes(listed, cells, overlap=sharing.layer.overlap)
    yield checks.check_units(listed)
    if sharing.inside is not None:
        layer = replace(sharing, inside=None).among(units, kinds, net=True)
        ground = _covered(Sharing(sharing.inside, None, sharing.tables), units)
        yield checks.check_inside(cells, layer.cells, ground)


def _add(rows: list[StatsRow]) -> float:
    return float(np.sum([row.area_m2 or 0.0 for row in rows]))
