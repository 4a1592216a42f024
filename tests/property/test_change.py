"""Transition matrices against counting squares: two mosaics of random polygons, and units."""

import os

import hypothesis
from hypothesis import example, given
from hypothesis import strategies as st

from tests.comparing import compare
from tests.oracles.grid import Cells, rectangle
from tests.oracles.transition import Layer

FEW = hypothesis.settings(max_examples=int(os.environ.get("CHANGE_EXAMPLES", "20")))
CLASSES = ("水源涵养", "水土保持", "")
SIZE = 6
VILLAGES = ("439901001001", "439901001002", "439901002001", "439902001001")
UNITS = st.lists(
    st.sampled_from([*range(len(VILLAGES)), None]), min_size=SIZE * SIZE, max_size=SIZE * SIZE
)
LABELS = st.lists(st.integers(-1, 8), min_size=(SIZE + 2) ** 2, max_size=(SIZE + 2) ** 2)
CELL = st.tuples(st.integers(-1, SIZE), st.integers(-1, SIZE))
SHAPES = st.lists(
    st.tuples(st.frozensets(CELL, min_size=1, max_size=15), st.sampled_from(CLASSES)), max_size=6
)
LEVEL = st.sampled_from(["city", "district", "township", "village"])


@st.composite
def mosaics(draw: st.DrawFn) -> Layer:
    """Draw polygons of any number of parts and holes that meet edge to edge."""
    sets: dict[int, set[tuple[int, int]]] = {}
    for index, label in enumerate(draw(LABELS)):
        if label >= 0:
            x, y = divmod(index, SIZE + 2)
            sets.setdefault(label, set()).add((x - 1, y - 1))
    return [(frozenset(cells), draw(st.sampled_from(CLASSES))) for cells in sets.values()]


@st.composite
def pairs_of_mosaics(draw: st.DrawFn) -> tuple[Layer, Layer]:
    """Draw a mosaic and what became of it: kept, reclassed, moved squares, merged, gone."""
    before = draw(mosaics())
    after = [(cells, draw(st.sampled_from([name, name, *CLASSES]))) for cells, name in before]
    for _ in range(draw(st.integers(0, 3))):
        if len(after) < 2:
            break
        giver = draw(st.integers(0, len(after) - 1))
        cells, name = after.pop(giver)
        taker = draw(st.integers(0, len(after) - 1))
        moved = frozenset(draw(st.sets(st.sampled_from(sorted(cells)))))
        rest = cells - moved
        if draw(st.booleans()):
            after[taker] = (after[taker][0] | moved, after[taker][1])
        if rest:
            after.append((rest, name))
    return before, draw(st.permutations(after))


def villages_of(labels: list[int | None]) -> list[tuple[str, Cells]]:
    sets: dict[str, set[tuple[int, int]]] = {}
    for index, label in enumerate(labels):
        if label is not None:
            sets.setdefault(VILLAGES[label], set()).add(divmod(index, SIZE))
    return [(code, frozenset(cells)) for code, cells in sorted(sets.items())]


@FEW
@given(UNITS, pairs_of_mosaics(), LEVEL)
def test_a_matrix_is_what_counting_squares_gives(labels, layers, level):
    if villages := villages_of(labels):
        compare(villages, *layers, level)


@FEW
@given(UNITS, mosaics(), mosaics(), LEVEL)
def test_mosaics_that_have_nothing_in_common_are_counted_right(labels, before, after, level):
    if villages := villages_of(labels):
        compare(villages, before, after, level)


@FEW
@given(UNITS, SHAPES, SHAPES, st.integers(0, 3), LEVEL)
@example([0] * 36, [], [], 0, "district")
@example([0] * 36, [(rectangle(0, 0, 2, 2), "")] * 3, [(rectangle(0, 0, 2, 2), "")] * 2, 0, "city")
def test_layers_that_overlap_themselves_count_ground_once(labels, before, after, kept, level):
    if villages := villages_of(labels):
        compare(villages, before, [*before[:kept], *after], level)
