"""Which snapshots a city keeps."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from geoapp.catalog.city import Retention
from geoapp.catalog.storage import SnapshotEntry


@dataclass(frozen=True, slots=True)
class Sweep:
    """A snapshot that the rule does not keep.

    Attributes:
        entry: The snapshot.
        size_bytes: What it takes on disk, with all that is derived from it.
        removed: It was removed; else it would be.
    """

    entry: SnapshotEntry
    size_bytes: int
    removed: bool


def find_retired(
    entries: list[SnapshotEntry],
    rule: Retention,
    pinned: AbstractSet[tuple[str, str]],
    now: datetime,
) -> list[SnapshotEntry]:
    """Find the snapshots that nothing keeps.

    One is kept that is current or pinned, among the newest ``rule.newest`` publications of its
    layer, or published in the last ``rule.days`` days. A city without a rule keeps all.

    Args:
        entries: All snapshots, those of a layer together, newest publication first.
        rule: What the city keeps.
        pinned: Snapshots that must stay, as (layer, name).
        now: From when the days are counted.
    """
    if not rule.newest and not rule.days:
        return []
    young = now - timedelta(days=rule.days)
    retired = []
    for _, group in groupby(entries, key=lambda entry: entry.layer):
        for place, entry in enumerate(group):
            kept = entry.current or place < rule.newest or entry.published_at > young
            if not kept and (entry.layer, entry.name) not in pinned:
                retired.append(entry)
    return retired
