"""Synthetic items of two trackers, so that the sample city has something on its lists."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from geoapp.i18n import text
from geoapp.planning.tracker import Item

STAGES: Final = {
    "idle_land": ("found", "notified", "collecting", "recovered", "started"),
    "serviced_land": ("planned", "clearing", "reserved"),
}
_DONE: Final = frozenset({"recovered", "started", "reserved"})
_EACH: Final = 3  # items a district


def build_items(tracker: str, districts: Sequence[str]) -> list[Item]:
    """Give the items of a tracker: the same for the same districts."""
    stages = STAGES[tracker]
    return [
        Item(
            number=f"{code}-{place + 1}",
            name=text("zh", "demo.tracked_item", number=place + 1),
            unit_code=code,
            stage=(stage := stages[(row + place) % len(stages)]),
            done=Decimal(1 if stage in _DONE else 0),
            area_m2=Decimal(10_000 + 2_500 * place + 1_000 * row),
        )
        for row, code in enumerate(districts)
        for place in range(_EACH)
    ]
