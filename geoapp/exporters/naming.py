"""Under which names the fields of a layer are written."""

from collections.abc import Callable
from typing import Final

from geoapp.catalog.definition import FieldRule, LayerDefinition, OfficialField

_MOST_BYTES: Final = 10  # bytes that a field name of a shapefile can have


def canonical_names(definition: LayerDefinition) -> dict[str, str]:
    """Name every stored field as the layer definition does."""
    return {rule.name: rule.name for rule in definition.stored_fields}


def official_names(definition: LayerDefinition) -> dict[str, str]:
    """Name every stored field as the official database does; others in capitals."""
    fields = definition.official.fields if definition.official else {}
    return {
        rule.name: fields.get(rule.name, OfficialField()).name or rule.name.upper()
        for rule in definition.stored_fields
    }


def unofficial_fields(definition: LayerDefinition) -> list[str]:
    """List the stored fields that the official database does not have."""
    known = definition.official.fields if definition.official else {}
    return [rule.name for rule in definition.stored_fields if rule.name not in known]


def shorten_names(
    definition: LayerDefinition, names: dict[str, str], encoding: str
) -> dict[str, str]:
    """Fit names into the ten bytes of a shapefile.

    A long one gives way to the first synonym that fits, so that the file maps by itself when
    it is read again; without such a synonym it is cut and numbered where two would be alike.

    Args:
        definition: The layer.
        names: Canonical field → name.
        encoding: In which the bytes are counted.
    """
    short: dict[str, str] = {}
    taken: set[str] = {name.lower() for name in names.values() if _fits(name, encoding)}
    for rule in definition.stored_fields:
        name = names[rule.name]
        if not _fits(name, encoding):
            name = _find_short(rule, name, encoding, lambda other: other.lower() not in taken)
            taken.add(name.lower())
        short[rule.name] = name
    return short


def _find_short(rule: FieldRule, name: str, encoding: str, free: Callable[[str], bool]) -> str:
    for synonym in rule.synonyms:
        if synonym.isascii() and _fits(synonym, encoding) and free(synonym):
            return synonym
    cut = name.encode(encoding)[:_MOST_BYTES].decode(encoding, "ignore")
    number = 1
    while not free(cut):
        end = str(number)
        cut = f"{cut[: _MOST_BYTES - len(end)]}{end}"
        number += 1
    return cut


def _fits(name: str, encoding: str) -> bool:
    return len(name.encode(encoding)) <= _MOST_BYTES
