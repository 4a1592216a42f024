"""All rules and tolerances of a workspace: read from files, in force on a day, fingerprinted.

A wrong file is named with key and reason and nothing else is loaded, so that a typing
mistake cannot make a rule disappear quietly.
"""

import hashlib
import tomllib
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from geoapp.catalog.definition import LayerDefinition, Record
from geoapp.catalog.library import Library
from geoapp.catalog.parsing import named_faults
from geoapp.compliance.rule import SLOPE, DatedValue, Rule, Unit, require_rising, value_on
from geoapp.errors import CatalogError, ChoiceError
from geoapp.i18n import Text

Floats = NDArray[np.float64]

SHIPPED: Final = Path(__file__).parent / "rules"
FOLDER: Final = "rules"  # of a workspace
SETTINGS_FILE: Final = "settings.toml"


class Purpose(Record):
    """Something that may be built or done.

    Attributes:
        id: Stable.
        title: What people choose.
    """

    id: str = Field(pattern="^[a-z][a-z0-9_]*$", max_length=40)
    title: Text


class Tolerance(Record):
    """A dated number that all rules share; the unit stands in its name and here."""

    unit: Unit
    title: Text
    values: tuple[DatedValue, ...] = Field(min_length=1)

    @field_validator("values")
    @classmethod
    def _sound(cls, values: tuple[DatedValue, ...]) -> tuple[DatedValue, ...]:
        require_rising(values)
        if any(dated.value is None or dated.value < 0 for dated in values):
            message = "a tolerance can be replaced, not withdrawn, and is never negative"
            raise ValueError(message)
        return values


class Tolerances(Record):
    """The tolerances by name; see ``rules/settings.toml`` for what each means."""

    overlap_m2: Tolerance
    overlap_share: Tolerance
    overlap_at_most_m2: Tolerance
    width_m: Tolerance
    adjacent_m: Tolerance
    drawing_error_mm: Tolerance
    assumed_scale: Tolerance
    searched_m: Tolerance
    shift_m: Tolerance
    declared_share: Tolerance


class SlopeTitle(Record):
    """What findings of slope are called where others name a layer."""

    title: Text


class Settings(Record):
    """Content of ``settings.toml``."""

    slope: SlopeTitle
    purpose: tuple[Purpose, ...] = Field(min_length=1)
    tolerances: Tolerances


@dataclass(frozen=True, slots=True)
class Limits:
    """The tolerances on one day, see ``rules/settings.toml``."""

    overlap_m2: float
    overlap_share: float
    overlap_at_most_m2: float
    width_m: float
    adjacent_m: float
    drawing_error_mm: float
    assumed_scale: float
    searched_m: float
    shift_m: float
    declared_share: float

    def by_name(self) -> dict[str, float]:
        """Give them by name."""
        return asdict(self)

    def least_areas(self, area_m2: Floats) -> Floats:
        """Give for ``(n,)`` areas of parcels what is more than a boundary difference, m²."""
        share = np.minimum(area_m2 * self.overlap_share, self.overlap_at_most_m2)
        return np.maximum(share, self.overlap_m2)


class RuleBook(Record):
    """All rules and tolerances."""

    rules: tuple[Rule, ...]
    settings: Settings

    @cached_property
    def digest(self) -> str:
        """Fingerprint of everything in it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def require_purpose(self, purpose: str) -> Purpose:
        """Give a purpose.

        Raises:
            ChoiceError: It is not offered.
        """
        for known in self.settings.purpose:
            if known.id == purpose:
                return known
        offered = ", ".join(known.id for known in self.settings.purpose)
        raise ChoiceError("choice-unknown", option="purpose", value=purpose[:40], offered=offered)

    def in_force(self, day: date, purpose: str) -> tuple[Rule, ...]:
        """Give the rules that apply to a purpose on a day."""
        return tuple(
            rule
            for rule in self.rules
            if rule.in_force(day) and (not rule.applies_to or purpose in rule.applies_to)
        )

    def reads_slope(self, purpose: str) -> bool:
        """Tell whether a rule for a purpose reads the height model, on whatever day."""
        return any(
            rule.layer == SLOPE and (not rule.applies_to or purpose in rule.applies_to)
            for rule in self.rules
        )

    def limits(self, day: date) -> Limits:
        """Give the tolerances on a day.

        Raises:
            ChoiceError: None had been declared by then.
        """
        found: dict[str, float] = {}
        for name in Tolerances.model_fields:
            value = value_on(getattr(self.settings.tolerances, name).values, day)
            if value is None:
                raise ChoiceError("check-date-too-early", date=day.isoformat(), tolerance=name)
            found[name] = value
        return Limits(**found)

    @classmethod
    def from_json(cls, content: str) -> Self:
        """Read what ``model_dump_json`` wrote."""
        return cls.model_validate_json(content)


def read_rulebook(workspace: Path, library: Library) -> RuleBook:
    """Read the rules that ship with the product, and those of a workspace over them.

    A rule of the workspace replaces the shipped one of the same id. Its ``settings.toml`` may
    hold purposes, which are added, and tolerances, which replace.

    Raises:
        CatalogError: A file is wrong; named with file, key and reason.
    """
    own = workspace / FOLDER
    settings = _read_settings(own / SETTINGS_FILE)
    purposes = {purpose.id for purpose in settings.purpose}
    rules: dict[str, Rule] = {}
    for folder, local in ((SHIPPED, False), (own, True)):
        seen: set[str] = set()
        for path in sorted(folder.glob("*.toml")):
            if path.name == SETTINGS_FILE:
                continue
            for number, rule in enumerate(_read_rules(path, local=local)):
                fault = "duplicate id" if rule.id in seen else _misfit(rule, library, purposes)
                if fault:
                    key = f"rule.{number} ({rule.id})"
                    raise CatalogError("definition-wrong", file=path.name, key=key, reason=fault)
                seen.add(rule.id)
                rules[rule.id] = rule
    return RuleBook(rules=tuple(rules.values()), settings=settings)


class _RuleFile(Record):
    rule: tuple[Rule, ...] = Field(min_length=1)


def _read_rules(path: Path, *, local: bool) -> tuple[Rule, ...]:
    with named_faults(path):
        content = _RuleFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        return tuple(rule.model_copy(update={"local": local}) for rule in content.rule)


def _read_settings(own: Path) -> Settings:
    """Read the shipped settings, and those of a workspace over them."""
    merged: dict[str, Any] = {"purpose": {}, "tolerances": {}}
    settings = _merge_settings(SHIPPED / SETTINGS_FILE, merged)
    return _merge_settings(own, merged) if own.is_file() else settings


def _merge_settings(path: Path, merged: dict[str, Any]) -> Settings:
    """Read one file of settings over those before, which are changed."""
    with named_faults(path):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        purposes, tolerances = table.pop("purpose", []), table.pop("tolerances", {})
        for key, given, kind in (("purpose", purposes, list), ("tolerances", tolerances, dict)):
            if not isinstance(given, kind):
                reason = "must hold tables"
                raise CatalogError("definition-wrong", file=path.name, key=key, reason=reason)
        for number, one in enumerate(purposes):
            name = one.get("id", number) if isinstance(one, dict) else number
            merged["purpose"][name] = one
        merged["tolerances"] |= tolerances
        merged |= table
        return Settings.model_validate(merged | {"purpose": list(merged["purpose"].values())})


def _misfit(rule: Rule, library: Library, purposes: set[str]) -> str:
    """Say what a rule refers to that does not exist or cannot serve; "" if nothing."""
    unknown = set(rule.applies_to) - purposes
    if unknown:
        return f"applies_to: there is no purpose {min(unknown)!r}"
    if rule.layer == SLOPE:
        return "where: slope has no classes" if rule.where else ""
    definition = next((layer for layer in library if layer.id == rule.layer), None)
    if definition is None:
        return f"layer: there is no layer {rule.layer!r}"
    if definition.geometry != "polygon" and rule.condition != "within":
        return f"condition: {rule.layer!r} has no ground; use 'within'"
    return _where_misfit(rule, definition)


def _where_misfit(rule: Rule, definition: LayerDefinition) -> str:
    if rule.where is None:
        return ""
    field = definition.find_field(rule.where.field)
    if field is None or not field.classes:
        return f"where.field: {rule.where.field!r} is no class field of {rule.layer!r}"
    unknown = set(rule.where.codes) - {value.code for value in definition.classes[field.classes]}
    return f"where.codes: {rule.where.field!r} has no class {min(unknown)!r}" if unknown else ""
