"""Finding anything by what a person types: names, pinyin, codes, numbers, positions."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from geoapp.access.scope import is_bound
from geoapp.catalog.definition import UNIT_LEVELS, LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import ChoiceError
from geoapp.finding.answers import Answer, Answers
from geoapp.finding.gazetteer import (
    EXACT,
    KINDS,
    PREFIX,
    SIZE_WORTH,
    Entry,
    Typed,
    rate,
    rate_typo,
    read_entries,
)
from geoapp.finding.ground import Ground
from geoapp.finding.keys import KeyIndex, KeyShelf, key_fields
from geoapp.finding.territory import Shown
from geoapp.geometry.notation import MOST_CHARACTERS, Reading, read_position
from geoapp.i18n import Lang, text

SEARCH_SCHEMA: Final = "geoapp.search/1"
MOST_RESULTS: Final = 100
_POSITION_WORTH: Final = 1.2
_FAR_POSITION_WORTH: Final = 0.3
_FEWEST_FOR_PREFIX: Final = 3
_WAIT_S: Final = 2.0
_MOST_TYPOS: Final = 5
_MOST_LOOKED_THROUGH: Final = 20_000  # for the few that lie in one unit


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a person typed.

    Attributes:
        query: At most ``MOST_CHARACTERS`` characters.
        layers: In which layers; by default all that the principal may see.
        limit: Most results, up to ``MOST_RESULTS``.
    """

    query: str
    layers: tuple[str, ...] = ()
    limit: int = 20
    lang: Lang = "zh"


@dataclass
class _Entries:
    """The names of what is current, whoever asks."""

    state: tuple[str, ...] = ()
    entries: list[Entry] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Searcher:
    """Answers searches in one workspace."""

    ground: Ground
    keys: KeyShelf = field(default_factory=KeyShelf)
    _kept: _Entries = field(default_factory=_Entries)

    def on(self, ground: Ground) -> "Searcher":
        """Give the same searcher for the principal of another ground."""
        return replace(self, ground=ground)

    def search(self, request: SearchRequest) -> dict[str, Any]:
        """Find what was typed.

        Returns:
            The document ``geoapp.search/1``; notes say what could not be searched.

        Raises:
            ChoiceError: The query is too long or the limit is out of range.
            NotFoundError: A layer does not exist.
            AccessError: The principal may not see a layer that is named.
        """
        if len(request.query) > MOST_CHARACTERS:
            raise ChoiceError("query-too-long", count=len(request.query), most=MOST_CHARACTERS)
        if not 1 <= request.limit <= MOST_RESULTS:
            raise ChoiceError("limit-out-of-range", limit=request.limit, most=MOST_RESULTS)
        definitions = self.ground.choose(request.layers)
        current = self.ground.store.current()
        notes: list[str] = []
        found: list[Answer] = []
        if request.query.strip():
            found += self._find_positions(request.query)
            found += self._find_keys(request, definitions, current, notes)
            found += self._find_names(request, definitions, current)
            notes += self._note_unit(definitions, current, request.lang)
        best = _best(found)
        if len(best) > request.limit:
            notes.append(text(request.lang, "finding.more", count=request.limit))
        answers = Answers(self.ground, current, request.lang)
        return {
            "schema": SEARCH_SCHEMA,
            "q": request.query,
            "results": [answers.word(answer) for answer in best[: request.limit]],
            "notes": notes,
        }

    def prepare(self, snapshot: Snapshot) -> None:
        """Build the key indexes of a snapshot and wait for them."""
        definition = self.ground.library.require(snapshot.layer)
        for name in key_fields(definition):
            self.keys.index(snapshot, definition, name, None)

    def _find_positions(self, query: str) -> list[Answer]:
        city = self.ground.city
        readings = read_position(query, city.extent.to_extent(), city.zone)
        return [_position(reading) for reading in readings]

    def _find_keys(
        self,
        request: SearchRequest,
        definitions: Sequence[LayerDefinition],
        current: dict[str, Snapshot],
        notes: list[str],
    ) -> list[Answer]:
        found = []
        prefix = len(request.query.strip()) >= _FEWEST_FOR_PREFIX
        end = time.monotonic() + _WAIT_S
        for definition in definitions:
            snapshot = current.get(definition.id)
            if snapshot is None or definition.id in UNIT_LEVELS:
                continue
            for name in key_fields(definition):
                if name not in snapshot.columns:  # nothing to find, nothing to wait for
                    continue
                wait_s = max(0.0, end - time.monotonic())
                index = self.keys.index(snapshot, definition, name, wait_s)
                own = self.ground.shown(definition, snapshot)
                if index is None:
                    notes.append(_not_ready(definition, name, request.lang))
                    continue
                hits = _hits(index, definition, name, request, own, prefix=prefix)
                found += hits
        return found

    def _note_unit(
        self, definitions: Sequence[LayerDefinition], current: dict[str, Snapshot], lang: Lang
    ) -> list[str]:
        """Say to whoever is bound to a unit that what lies elsewhere is not among the results."""
        mine = self.ground.principal
        if not any(d.id in current and is_bound(mine, d) for d in definitions):
            return []
        return [text(lang, "finding.own_unit", own=self.ground.name_unit(mine.unit, lang))]

    def _find_names(
        self,
        request: SearchRequest,
        definitions: Sequence[LayerDefinition],
        current: dict[str, Snapshot],
    ) -> list[Answer]:
        layers = {definition.id for definition in definitions}
        if not request.layers:
            layers.add("")  # the city itself belongs to no layer
        typed = Typed.of(request.query)
        hidden = {d.id: self.ground.shown(d, current[d.id]) for d in definitions if d.id in current}
        entries = [
            entry
            for entry in self._read_entries(current)
            if entry.layer in layers and _may_see(hidden.get(entry.layer), entry.row)
        ]
        found = _rated(entries, typed, rate)
        return found or sorted(_rated(entries, typed, rate_typo), key=_order)[:_MOST_TYPOS]

    def _read_entries(self, current: dict[str, Snapshot]) -> list[Entry]:
        """Give the names of what is current; they are read anew after a publication."""
        state = tuple(sorted(f"{layer}/{snapshot.name}" for layer, snapshot in current.items()))
        kept = self._kept
        with kept.lock:
            if kept.state != state:
                kept.entries = read_entries(self.ground, current)
                kept.state = state
            return kept.entries


def _rated(
    entries: Sequence[Entry], typed: Typed, worth: Callable[[Entry, Typed], float]
) -> list[Answer]:
    rated = [(entry, worth(entry, typed)) for entry in entries]
    return [
        Answer(entry.kind, entry.layer, entry.row, entry.key, entry.name, entry.name_en, score)
        for entry, score in rated
        if score
    ]


def _hits(
    index: KeyIndex,
    definition: LayerDefinition,
    name: str,
    request: SearchRequest,
    own: Shown | None,
    *,
    prefix: bool,
) -> list[Answer]:
    kind = KINDS.get(definition.id, "feature")
    kind = kind if kind == "case" else "feature"
    made = []
    most = request.limit + 1 if own is None else _MOST_LOOKED_THROUGH
    seen = (hit for hit in index.find(request.query, most, prefix=prefix) if _may_see(own, hit.row))
    for hit in islice(seen, request.limit + 1):
        key = hit.value if name == definition.key else hit.other
        title = hit.other if name == definition.key else hit.value
        score = (EXACT if hit.exact else PREFIX) + SIZE_WORTH
        made.append(Answer(kind, definition.id, hit.row, key, title or key, "", score))
    return made


def _may_see(own: Shown | None, row: int | None) -> bool:
    """Tell whether a row is one that the principal may see; ``None``: all are."""
    return own is None or (row is not None and row in own)


def _position(reading: Reading) -> Answer:
    worth = _POSITION_WORTH if reading.inside else _FAR_POSITION_WORTH
    return Answer("coordinates", "", None, "", "", "", worth, reading)


def _best(found: list[Answer]) -> list[Answer]:
    """Order answers, the best first; of one feature only its best."""
    kept: dict[tuple[object, ...], Answer] = {}
    for answer in sorted(found, key=_order):
        where = answer.row if answer.row is not None else (answer.key, answer.reading)
        kept.setdefault((answer.layer, where), answer)
    return list(kept.values())


def _order(answer: Answer) -> tuple[float, int, str, int]:
    return -round(answer.score, 6), len(answer.title), answer.key, answer.row or 0


def _not_ready(definition: LayerDefinition, name: str, lang: Lang) -> str:
    rule = definition.find_field(name)
    label = rule.title[lang] if rule else name
    return text(lang, "finding.not_ready", layer=definition.title[lang], field=label)
