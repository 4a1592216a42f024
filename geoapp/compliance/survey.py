"""Reading every layer that a rule asks for, once, and judging all rules on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from geoapp.catalog.snapshot import Snapshot
from geoapp.compliance.composing import LANDUSE, compose, compose_nothing
from geoapp.compliance.composition import Composition
from geoapp.compliance.facts import Facts, measure_rule
from geoapp.compliance.finding import Finding
from geoapp.compliance.judging import (
    Asked,
    Scale,
    judge_layer,
    judge_slope,
    judge_unknown,
    scale_of,
)
from geoapp.compliance.knowledge import (
    ABSENT,
    NO_RASTER,
    UNSEEN,
    Known,
    Place,
    know_declared,
    know_tiling,
)
from geoapp.compliance.netting import net_meeting
from geoapp.compliance.opening import Openings
from geoapp.compliance.rule import SLOPE, Rule
from geoapp.compliance.rulebook import RuleBook
from geoapp.compliance.slope import SlopeReader
from geoapp.compliance.source import Meeting, Source
from geoapp.overlay.kernel import Floats
from geoapp.values import Progress


@dataclass(frozen=True, slots=True)
class Materials:
    """What a check reads.

    Attributes:
        rulebook: Rules and tolerances.
        snapshots: By layer.
        visible: Layers that whoever asks may see; others count as not known.
        slope: The height model, if there is one and it may be seen.
        slope_visible: Whoever asks may see height models.
    """

    rulebook: RuleBook
    snapshots: Mapping[str, Snapshot]
    visible: frozenset[str]
    slope: SlopeReader | None = None
    slope_visible: bool = True

    def find(self, layer: str) -> Snapshot | None:
        """Find the snapshot of a layer that may be seen."""
        return self.snapshots.get(layer) if layer in self.visible else None


@dataclass(slots=True)
class Survey:
    """What was found.

    Attributes:
        findings: For each rule one for each parcel.
        compositions: One for each parcel; empty where land use may not be seen.
        facts: What was measured, by rule, for those that could be.
        layers: Layers that rules read.
        slope: The height model that was read.
    """

    findings: list[list[Finding]] = field(default_factory=list)
    compositions: list[Composition] = field(default_factory=list)
    facts: dict[str, Facts] = field(default_factory=dict)
    layers: set[str] = field(default_factory=set)
    slope: SlopeReader | None = None


class Surveyor:
    """Surveys parcels on the snapshots that are handed to it."""

    def __init__(self, openings: Openings, asked: Asked, materials: Materials) -> None:
        self._openings = openings
        self._asked = asked
        self._materials = materials
        self._places: dict[float, list[Place]] = {}
        self._known: dict[tuple[str, float], Sequence[Known]] = {}

    def survey(self, rules: Sequence[Rule], progress: Progress) -> Survey:
        """Judge all rules; layers in the order of the library."""
        found = Survey()
        order = [*(layer.id for layer in self._openings.library), SLOPE]
        wanted = {rule.layer for rule in rules} | {LANDUSE}
        layers = [layer for layer in order if layer in wanted]
        for step, layer in enumerate(layers):
            progress("check.measuring", step / len(layers))
            chosen = [rule for rule in rules if rule.layer == layer]
            if layer == SLOPE:
                self._survey_slope(chosen, found)
            else:
                self._survey_layer(layer, chosen, found)
        return found

    def _survey_layer(self, layer: str, rules: Sequence[Rule], found: Survey) -> None:
        count = len(self._asked.parcels)
        snapshot = self._materials.find(layer)
        seen = layer in self._materials.visible
        if snapshot is None:
            definition = self._openings.library.require(layer)
            state = ABSENT if seen else UNSEEN
            for rule in rules:
                finding = judge_unknown(rule, definition.title, state, self._asked)
                found.findings.append([finding] * count)
            if layer == LANDUSE and seen:
                found.compositions = compose_nothing(self._asked.parcels)
            return
        source = self._openings.open_source(layer, snapshot)
        met = source.meet(self._asked.parcels)
        net = net_meeting(source, met, None, self._asked.parcels)
        scale = scale_of(source, self._asked.limits)
        for rule in rules:
            threshold = rule.threshold_on(self._asked.on)
            facts = measure_rule(
                rule, threshold, source, met, self._asked.parcels, self._asked.limits, scale.band_m
            )
            known = self._know(source, net, scale, threshold or 0.0)
            found.findings.append(judge_layer(rule, source, facts, known, scale, self._asked))
            found.facts[rule.id] = facts
        if rules:
            found.layers.add(layer)
        if layer == LANDUSE:
            known = self._know(source, net, scale, 0.0)
            found.compositions = compose(source, net, known, self._asked.parcels)

    def _survey_slope(self, rules: Sequence[Rule], found: Survey) -> None:
        reader = self._materials.slope
        title = self._materials.rulebook.settings.slope.title
        for rule in rules:
            if reader is None:
                state = NO_RASTER if self._materials.slope_visible else UNSEEN
                finding = judge_unknown(rule, title, state, self._asked)
                found.findings.append([finding] * len(self._asked.parcels))
            else:
                found.findings.append(judge_slope(rule, reader, title, self._asked))
                found.slope = reader

    def _know(
        self, source: Source, net: Meeting, scale: Scale, threshold_m: float
    ) -> Sequence[Known]:
        key = source.definition.id, threshold_m + scale.band_m
        if key not in self._known:
            self._known[key] = self._look_up(source, net, key[1])
        return self._known[key]

    def _look_up(self, source: Source, net: Meeting, reach_m: float) -> Sequence[Known]:
        if source.definition.statistics.coverage == "tiling":
            covered = self._cover(net)
            return know_tiling(self._asked.parcels.area_m2, covered, self._asked.limits.overlap_m2)
        manifest = source.snapshot.manifest
        places = self._find_places(reach_m)
        return [know_declared(manifest, place) for place in places]

    def _cover(self, net: Meeting) -> Floats:
        sums = np.bincount(net.parcel, net.area_m2, minlength=len(self._asked.parcels))
        return sums.astype(np.float64)

    def _find_places(self, reach_m: float) -> list[Place]:
        if reach_m not in self._places:
            snapshot = self._materials.snapshots.get("district")
            if snapshot is None:
                nowhere = Place((), outside=True)
                self._places[reach_m] = [nowhere] * len(self._asked.parcels)
            else:
                divider = self._openings.open_divider("district", snapshot)
                self._places[reach_m] = divider.find_places(self._asked.parcels, reach_m)
        return self._places[reach_m]
