"""A computed figure: its value or why there is none, by unit, and what it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from geoapp.catalog.manifest import Coverage
from geoapp.planning.quantity import Dimension

Reason = Literal["no_data", "not_visible", "one_snapshot", "no_entries", "no_cases", "no_patches",
                 "not_offered", "no_units"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """The figure in one unit; ``None`` where nothing is known."""

    unit_code: str
    value: Fraction | None
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Drill:
    """Where the things behind a figure are listed.

    Attributes:
        place: ``statistics``, ``cases``, ``patches``, ``tracker``, ``plans``, ``change`` or ``cover``.
        asked: What is chosen there, by name of the parameter.
    """

    place: str
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Computed:
    """A figure.

    Attributes:
        value: In the base unit of its dimension; ``None``: see ``reason``.
        parts: The same by unit, where it can be split.
        coverage: How much of the city the value knows.
        sources: What was read: layer → snapshot, or register → what of it.
        drill: Where to look at what is behind it.
        reason: Why there is no value.
        sample: It rests on synthetic data.
        method: Measure by which it was computed.
    """

    value: Fraction | None
    dimension: Dimension
    method: str
    parts: tuple[Part, ...] = ()
    coverage: Coverage = "complete"
    sources: Mapping[str, str] = field(default_factory=dict)
    drill: Drill | None = None
    reason: Reason | Literal[""] = ""
    sample: bool = False


def unknown(
    method: str, dimension: Dimension, reason: Reason, drill: Drill | None = None
) -> Computed:
    """Say that a figure cannot be computed."""
    return Computed(None, dimension, method, coverage="no_data", reason=reason, drill=drill)
