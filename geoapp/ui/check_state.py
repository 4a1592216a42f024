"""What the check page holds between reruns: the parcel, its question, its answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.request import BUILDING, Parcel
from geoapp.compliance.result import CheckResult, CorridorResult
from geoapp.compliance.shape import to_geojson

LINK: Final = ("layer", "row", "v")  # parameters of an address that names a feature
_HELD: Final = "check-held"
_QUESTION: Final = "check-question"
_ANSWER: Final = "check-answer"
_LINES: Final = (
    shapely.GeometryType.LINESTRING.value,
    shapely.GeometryType.MULTILINESTRING.value,
)
_DEFAULT_WIDTH_M: Final = 10.0


def is_line(geometry: shapely.Geometry) -> bool:
    """Tell a line from an area."""
    return int(shapely.get_type_id(geometry)) in _LINES


@dataclass(frozen=True, slots=True)
class Held:
    """The parcel or line that is being looked at.

    Attributes:
        geometry: EPSG:4490.
        name: As people call it.
        id: Its number.
        declared_m2: Area that is stated.
        crs: System in which it was given.
        notes: What was decided when it was read, worded.
        bring: Counts up whenever the map is to show the whole of it.
    """

    geometry: shapely.Geometry
    name: str = ""
    id: str = ""
    declared_m2: float | None = None
    crs: str = "EPSG:4490"
    notes: tuple[str, ...] = ()
    bring: int = 0

    @property
    def is_line(self) -> bool:
        """Whether it is a line that a width makes a corridor of."""
        return is_line(self.geometry)

    def to_parcel(self) -> Parcel:
        """Give it as a check takes it."""
        return Parcel(
            geometry=self.geometry,
            id=self.id,
            name=self.name,
            declared_m2=self.declared_m2,
            crs=self.crs,
        )

    def to_map(self) -> dict[str, Any]:
        """Give it as the map draws it."""
        return to_geojson(self.geometry)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a parcel."""

    purpose: str = BUILDING
    on: date | None = None
    balance: bool = False
    width_m: float = _DEFAULT_WIDTH_M


@dataclass(frozen=True, slots=True)
class Answer:
    """A result with what it answers.

    Attributes:
        corridor: Where a line was asked about.
    """

    key: tuple[Any, ...]
    result: CheckResult
    corridor: CorridorResult | None = None

    @property
    def stored(self) -> bool:
        """Whether it has a serial."""
        return bool(self.result.serial)


def find_held() -> Held | None:
    """Find the parcel that is being looked at."""
    held = st.session_state.get(_HELD)
    return held if isinstance(held, Held) else None


def hold(held: Held | None, *, bring: bool = True) -> None:
    """Look at a parcel, or at none.

    Args:
        held: The parcel.
        bring: The map shows the whole of it; not so where the reader drew it there.
    """
    for name in LINK:
        st.query_params.pop(name, None)  # the address no longer says what is looked at
    before = find_held()
    if held is not None:
        held = replace(held, bring=(before.bring if before else 0) + bring)
    st.session_state[_HELD] = held
    st.session_state.pop(_ANSWER, None)


def current_question() -> Question:
    """Give what is asked."""
    question = st.session_state.get(_QUESTION)
    return question if isinstance(question, Question) else Question()


def ask(question: Question) -> None:
    """Ask another question."""
    st.session_state[_QUESTION] = question


def find_answer(workspace: Workspace) -> Answer | None:
    """Answer the question for the parcel; computed anew only when something changed."""
    held, question = find_held(), current_question()
    if held is None:
        return None
    key = _key(workspace, held, question)
    answer = st.session_state.get(_ANSWER)
    if not isinstance(answer, Answer) or answer.key != key:
        answer = _compute(workspace, held, question, key, save=False)
        st.session_state[_ANSWER] = answer
    return answer


def store_answer(workspace: Workspace) -> Answer | None:
    """Compute and store the answer: it gets a serial."""
    held, question = find_held(), current_question()
    if held is None:
        return None
    answer = _compute(workspace, held, question, _key(workspace, held, question), save=True)
    st.session_state[_ANSWER] = answer
    return answer


def _compute(
    workspace: Workspace, held: Held, question: Question, key: tuple[Any, ...], *, save: bool
) -> Answer:
    if held.is_line:
        corridor = workspace.check_corridor(
            held.geometry,
            question.width_m,
            purpose=question.purpose,
            on=question.on,
            name=held.name,
            save=save,
            title=held.name,
        )
        return Answer(key, corridor.check, corridor)
    result = workspace.check(
        held.to_parcel(),
        purpose=question.purpose,
        on=question.on,
        balance=question.balance and held.declared_m2 is not None,
        remedy=True,
        save=save,
        title=held.name,
    )
    return Answer(key, result)


def _key(workspace: Workspace, held: Held, question: Question) -> tuple[Any, ...]:
    """Give what an answer depends on; another snapshot makes another answer."""
    snapshots = tuple(sorted((layer, s.name) for layer, s in workspace.store.current().items()))
    facts = (held.name, held.id, held.declared_m2, held.crs)
    return (shapely.to_wkb(held.geometry), facts, question, snapshots)


def bounds_of(geometries: Sequence[shapely.Geometry]) -> tuple[float, float, float, float]:
    """Give west, south, east and north of all, degrees."""
    west, south, east, north = shapely.total_bounds(list(geometries)).tolist()
    return west, south, east, north
