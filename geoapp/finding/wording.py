"""A feature in words: its class, official area and attributes, as plain text."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from geoapp.catalog.definition import ClassValue, FieldRule, LayerDefinition
from geoapp.i18n import Lang, text
from geoapp.values import AreaUnit, convert_area, to_kilometres


def word_title(definition: LayerDefinition, row: int, values: Mapping[str, Any], lang: Lang) -> str:
    """Name a feature: by its name, its key, or its place in the layer."""
    name = ""
    if lang == "en":
        name = _plain(values.get(f"{definition.name_field}_en"))
    found = name or _plain(values.get(definition.name_field)) or word_key(definition, values)
    return found or text(lang, "finding.unnamed", layer=definition.title[lang], row=row + 1)


def word_key(definition: LayerDefinition, values: Mapping[str, Any]) -> str:
    """Give the key of a feature, empty where it has none."""
    return _plain(values.get(definition.key))


def word_class(
    definition: LayerDefinition, values: Mapping[str, Any], lang: Lang
) -> dict[str, str] | None:
    """Give the class as it is stored, not the coarser one that the map may show."""
    rule = definition.find_field(definition.class_field)
    if rule is None:
        return None
    stored = definition.find_field(rule.derive_from) if rule.derive_from else rule
    code = _plain(values.get(stored.name)) if stored else ""
    if stored is None or not code:
        return None
    value = _class_value(definition, stored, code)
    if value is None:
        return {"code": code, "title": code, "fill": definition.style.fill}
    return {"code": code, "title": value.title[lang], "fill": value.fill}


def word_area(area_m2: float | None, unit: AreaUnit, lang: Lang) -> str:
    """Word an official area in a unit."""
    if area_m2 is None:
        return ""
    return f"{convert_area(area_m2, unit):,} {text(lang, f'unit.{unit}')}"


def word_length(length_m: float | None, lang: Lang) -> str:
    """Word the length of a line; empty where there is none."""
    if length_m is None:
        return ""
    return text(lang, "finding.in_km", value=f"{to_kilometres(length_m):,}")


def word_attributes(
    definition: LayerDefinition, values: Mapping[str, Any], lang: Lang
) -> Iterator[dict[str, str]]:
    """Word the attributes that have a value, derived classes among them."""
    for rule in definition.fields:
        value = (
            _derived(definition, rule, values)
            if rule.derive_from
            else _plain(values.get(rule.name))
        )
        if not value:
            continue
        if rule.type == "integer":
            value = value.replace(",", "")
        if rule.classes:
            known = _class_value(definition, rule, value)
            title = known.title[lang] if known else ""
            value = value if title in {"", value} else f"{value} {title}"
        elif rule.unit in {"m2", "m", "degree"}:
            value = text(lang, f"finding.in_{rule.unit}", value=value)
        yield {"name": rule.name, "label": rule.title[lang], "value": value}


def _class_value(definition: LayerDefinition, rule: FieldRule, code: str) -> ClassValue | None:
    values = definition.classes.get(rule.classes, ())
    return next((value for value in values if value.code == code), None)


def _derived(definition: LayerDefinition, rule: FieldRule, values: Mapping[str, Any]) -> str:
    origin = definition.find_field(rule.derive_from)
    code = _plain(values.get(rule.derive_from))
    value = _class_value(definition, origin, code) if origin and code else None
    if value is None:
        return ""
    return value.group if rule.derive_by == "group" else value.parent or value.code


def _plain(value: object) -> str:
    """Write a stored value as a person would; nothing for what is missing."""
    if value is None or value != value:  # noqa: PLR0124  not a number
        return ""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,}"
    return str(value).strip()
