"""Trackers: lists of things that are to be done, with what is done and what is left.

A tracker is data (``trackers.toml``); a workspace may add its own as ``trackers/*.toml``.
"""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator

from geoapp.catalog.definition import Record
from geoapp.catalog.parsing import named_faults
from geoapp.errors import CatalogError, NotFoundError
from geoapp.i18n import Text
from geoapp.planning.quantity import Unit

FOLDER: Final = "trackers"  # in the workspace
_FILE: Final = "trackers.toml"
_ID: Final = "^[a-z][a-z0-9_]{0,39}$"


class Stage(Record):
    """A step of the way.

    Attributes:
        synonyms: Words under which tables hand it over.
        done: Whether a thing at this stage counts as done.
    """

    id: str = Field(pattern=_ID)
    title: Text
    synonyms: tuple[str, ...] = ()
    done: bool = False


class TrackerDefinition(Record):
    """What is tracked.

    Attributes:
        counts: ``items``: each item counts once, and its stage says whether it is done.
            ``quantity``: each item states how many it is about and how many of them are done.
        unit: What is counted.
        overdue: Title of the days that an item which is not done has passed its due day;
            ``None`` where nobody counts them.
    """

    id: str = Field(pattern=_ID)
    title: Text
    note: Text | None = None
    counts: Literal["items", "quantity"] = "items"
    unit: Unit = "count"
    stages: tuple[Stage, ...] = ()
    overdue: Text | None = None

    @model_validator(mode="after")
    def _has_stages(self) -> "TrackerDefinition":
        if self.counts == "items" and not any(stage.done for stage in self.stages):
            message = f"tracker {self.id}: items need stages, one of them done"
            raise ValueError(message)
        names = [stage.id for stage in self.stages]
        if len(set(names)) != len(names):
            message = f"tracker {self.id}: a stage stands twice"
            raise ValueError(message)
        return self

    def find_stage(self, word: str) -> Stage | None:
        """Find a stage by its id, title or synonym."""
        for stage in self.stages:
            if word in {stage.id, stage.title.zh, stage.title.en, *stage.synonyms}:
                return stage
        return None


class Item(Record):
    """One thing on a list.

    Attributes:
        total: How many it is about.
        done: How many of them are done.
        area_m2: Official where the item has a shape, else as stated; ``None``: not known.
        measured: The area is official.
    """

    number: str
    name: str
    unit_code: str
    stage: str = ""
    total: Decimal = Decimal(1)
    done: Decimal = Decimal(0)
    area_m2: Decimal | None = None
    measured: bool = False
    started_on: date | None = None
    due_on: date | None = None
    done_on: date | None = None
    office: str = ""
    note: str = ""

    @property
    def left(self) -> Decimal:
        """How many are not done."""
        return self.total - self.done

    def days_overdue(self, today: date) -> int:
        """Count the days since it should have been done; 0 when it is, or has no day."""
        if self.due_on is None or self.left <= 0:
            return 0
        return max((today - self.due_on).days, 0)


class _File(Record):
    tracker: tuple[TrackerDefinition, ...]


def read_trackers(workspace: Path) -> dict[str, TrackerDefinition]:
    """Read the product's trackers and the workspace's own; the latter stand over the former.

    Raises:
        CatalogError: A file is wrong; named with file, key and reason.
    """
    own = sorted((workspace / FOLDER).glob("*.toml"))
    found: dict[str, TrackerDefinition] = {}
    for path in (Path(__file__).with_name(_FILE), *own):
        with named_faults(path):
            table = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        names = [tracker.id for tracker in table.tracker]
        if len(set(names)) != len(names):
            twice = max(names, key=names.count)
            raise CatalogError("definition-wrong", file=path.name, key=twice, reason="id twice")
        found |= {tracker.id: tracker for tracker in table.tracker}
    return found


def require_tracker(trackers: dict[str, TrackerDefinition], name: str) -> TrackerDefinition:
    """Give a tracker.

    Raises:
        NotFoundError: There is none of that name.
    """
    if name not in trackers:
        raise NotFoundError("tracker-unknown", tracker=name, offered=", ".join(trackers))
    return trackers[name]
