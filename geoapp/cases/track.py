"""The two legal tracks of a case: stages, moves and clocks, read from ``workflow/*.toml``."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from geoapp.cases.case import TRACKS, Mode, TrackId
from geoapp.catalog.definition import Record, Role
from geoapp.errors import ChoiceError
from geoapp.i18n import Text

FOLDER: Final = Path(__file__).parent / "workflow"
FIRST_STAGE: Final = "lead"

Guard = Literal[
    "amounts_known",
    "announced",
    "nothing_demolished",
    "nothing_remains",
    "permit_named",
    "photo_after",
    "term_stated",
]
StageKind = Literal["open", "demolished", "closed", "exit"]


class Stage(Record):
    """A stage of a case.

    Attributes:
        kind: ``open``: worked on. ``demolished``: nothing stands, to be checked. ``closed``:
            off the list. ``exit``: it left the track without demolition.
    """

    id: str
    title: Text
    kind: StageKind


class Move(Record):
    """A step that an office may take.

    Attributes:
        source: Stages from which it is allowed.
        to: The stage after it; ``""``: the stage stays.
        document: Kind of the document that the step needs.
        roles: Who may take it.
        guards: What must hold.
        law: Its basis; ``None`` where practice alone is.
    """

    id: str
    title: Text
    source: tuple[str, ...] = Field(alias="from")
    to: str = ""
    document: str
    roles: tuple[Role, ...] = ("inspector", "planner", "administrator")
    guards: tuple[Guard, ...] = ()
    law: Text | None = None
    article: str = ""


class Clock(Record):
    """A period that a law sets.

    Attributes:
        kind: ``limit``: by then it must have happened. ``wait``: not before.
        starts: Moves that start it.
        after: It starts when that clock has run out instead.
        ends: Moves that stop it, or that have to wait for it.
        length: How many of ``unit``.
        unit: ``stated``: the day stands in the document that starts it.
        lifted_by: Kind of a document that ends the waiting, such as a court's judgement.
        confidence: ``H``: read in the statute. ``M``: the bureau has to confirm it.
    """

    id: str
    title: Text
    kind: Literal["limit", "wait"]
    starts: tuple[str, ...] = ()
    after: str = ""
    ends: tuple[str, ...]
    length: Annotated[int, Field(ge=0)] = 0
    unit: Literal["working_day", "day", "month", "stated"]
    law: Text
    article: str = ""
    lifted_by: str = ""
    confidence: Literal["H", "M"]


class _TrackFile(Record):
    id: TrackId
    title: Text
    law: Text
    demolition: dict[Mode, tuple[str, ...]]
    move: tuple[Move, ...]
    clock: tuple[Clock, ...]


class Track(Record):
    """One legal track.

    Attributes:
        demolition: By mode, the stages in which tearing down may be recorded.
    """

    id: TrackId
    title: Text
    law: Text
    stages: tuple[Stage, ...]
    demolition: dict[Mode, tuple[str, ...]]
    moves: tuple[Move, ...]
    clocks: tuple[Clock, ...]

    @model_validator(mode="after")
    def _names_exist(self) -> "Track":
        stages, moves = {stage.id for stage in self.stages}, {move.id for move in self.moves}
        clocks = {clock.id for clock in self.clocks}
        named = {stage for move in self.moves for stage in (*move.source, move.to or FIRST_STAGE)}
        named |= {stage for modes in self.demolition.values() for stage in modes}
        if unknown := named - stages:
            message = f"unknown stages {sorted(unknown)}"
            raise ValueError(message)
        if unknown := {name for c in self.clocks for name in (*c.starts, *c.ends)} - moves:
            message = f"clocks name unknown moves {sorted(unknown)}"
            raise ValueError(message)
        if unknown := {clock.after for clock in self.clocks if clock.after} - clocks:
            message = f"clocks follow unknown clocks {sorted(unknown)}"
            raise ValueError(message)
        if len(moves) != len(self.moves) or len(clocks) != len(self.clocks):
            message = "an id stands twice"
            raise ValueError(message)
        return self

    def stage(self, name: str) -> Stage:
        """Give a stage.

        Raises:
            ChoiceError: There is none of that name.
        """
        for stage in self.stages:
            if stage.id == name:
                return stage
        offered = ", ".join(stage.id for stage in self.stages)
        raise ChoiceError("choice-unknown", option="stage", value=name[:60], offered=offered)

    def move(self, name: str) -> Move:
        """Give a move.

        Raises:
            ChoiceError: There is none of that name.
        """
        for move in self.moves:
            if move.id == name:
                return move
        offered = ", ".join(move.id for move in self.moves)
        raise ChoiceError("choice-unknown", option="move", value=name[:60], offered=offered)

    def moves_from(self, stage: str) -> tuple[Move, ...]:
        """Give the moves that a stage allows, guards apart."""
        return tuple(move for move in self.moves if stage in move.source)


@cache
def read_stages() -> tuple[Stage, ...]:
    """Read the stages, in the order of the work."""
    table = tomllib.loads((FOLDER / "stages.toml").read_text(encoding="utf-8"))
    return tuple(Stage.model_validate(stage) for stage in table["stage"])


@cache
def read_track(name: TrackId) -> Track:
    """Read one track."""
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    file = _TrackFile.model_validate(table)
    return Track(
        id=file.id,
        title=file.title,
        law=file.law,
        stages=read_stages(),
        demolition=file.demolition,
        moves=file.move,
        clocks=file.clock,
    )


def read_tracks() -> dict[TrackId, Track]:
    """Read both tracks."""
    return {name: read_track(name) for name in TRACKS}


def stages_of_kind(*kinds: StageKind) -> tuple[str, ...]:
    """Name the stages of some kinds."""
    return tuple(stage.id for stage in read_stages() if stage.kind in kinds)
