"""From the fields of a file to the canonical fields of a layer."""

import hashlib
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geoapp.catalog.definition import LayerDefinition
from geoapp.errors import CatalogError, ChoiceError
from geoapp.importers.findings import Findings

How = Literal["stated", "remembered", "name", "none"]
_SAMPLES = 3


class Memory(Protocol):
    """Remembers how the fields of a kind of file were mapped."""

    def find(self, layer: str, signature: str) -> dict[str, str]:
        """Find the mapping last used; empty when there is none."""
        ...

    def save(self, layer: str, signature: str, mapping: dict[str, str], actor: str) -> None:
        """Remember a mapping."""
        ...


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which field of the file stands for which canonical field.

    Attributes:
        sources: Canonical name → name in the file.
        unmapped: Fields of the file that no canonical field takes; they are not stored.
        missing: Canonical fields that the file does not have; stored as empty.
    """

    sources: dict[str, str]
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field of a file and what it would be taken for.

    Attributes:
        field: Its name in the file.
        samples: Its first values that are not empty, as text.
        canonical: The field of the layer; ``""``: it is not stored.
        how: Why: stated by the person, remembered from such a file, by name or synonym.
    """

    field: str
    samples: tuple[str, ...]
    canonical: str
    how: How


@dataclass(frozen=True, slots=True)
class MappingProposal:
    """How the fields of a file would be mapped, for a person to change.

    Attributes:
        layer: The layer.
        kind: Which reader read the file.
        feature_count: Features of the file.
        choices: Every field of the file, in its order.
        missing: Canonical fields without a source; stored as empty.
        missing_required: Those of them without which nothing can be imported.
    """

    layer: str
    kind: str
    feature_count: int
    choices: tuple[FieldChoice, ...]
    missing: tuple[str, ...]
    missing_required: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.mapping/1``."""
        return {
            "schema": "geoapp.mapping/1",
            "layer": self.layer,
            "kind": self.kind,
            "feature_count": self.feature_count,
            "fields": [
                {
                    "field": choice.field,
                    "samples": list(choice.samples),
                    "canonical": choice.canonical or None,
                    "how": choice.how,
                }
                for choice in self.choices
            ],
            "missing": list(self.missing),
            "missing_required": list(self.missing_required),
        }


def sign_source(kind: str, columns: list[str]) -> str:
    """Give what tells a kind of file from others: its reader and the names of its fields."""
    names = "\n".join([kind, *sorted(column.lower() for column in columns)])
    return hashlib.sha256(names.encode()).hexdigest()


def map_fields(
    definition: LayerDefinition, columns: list[str], stated: MappingType[str, str] | None = None
) -> Mapping:
    """Find the canonical fields: as stated, else by name and synonym, any letter case.

    Args:
        definition: The layer.
        columns: Fields of the file.
        stated: Field of the file → canonical field, ``""`` to leave it out.

    Raises:
        ChoiceError: What is stated names a field that is not there, or one twice.
    """
    free = {column.lower(): column for column in columns}
    sources: dict[str, str] = {}
    left: list[str] = []
    for name, target in (stated or {}).items():
        if name.lower() not in free:
            found = ", ".join(columns) or "-"
            raise ChoiceError("mapping-source-unknown", field=name, offered=found)
        column = free.pop(name.lower())
        if not target:
            left.append(column)
        elif target not in {rule.name for rule in definition.stored_fields}:
            offered = ", ".join(rule.name for rule in definition.stored_fields)
            raise ChoiceError("mapping-target-unknown", field=target, offered=offered)
        elif target in sources:
            raise ChoiceError(
                "mapping-target-twice", field=target, first=sources[target], second=column
            )
        else:
            sources[target] = column
    for rule in definition.stored_fields:
        for name in () if rule.name in sources else (rule.name, *rule.synonyms):
            if name.lower() in free:
                sources[rule.name] = free.pop(name.lower())
                break
    missing = tuple(r.name for r in definition.stored_fields if r.name not in sources)
    unmapped = tuple(c for c in columns if c in {*free.values(), *left})
    return Mapping(sources, unmapped, missing)


def require_mapped(
    definition: LayerDefinition, mapping: Mapping, columns: list[str], file: str
) -> None:
    """Stop unless every required field has a source.

    Raises:
        CatalogError: A required field is missing; the error lists what the file has.
    """
    for rule in definition.stored_fields:
        if rule.required and rule.name in mapping.missing:
            raise CatalogError(
                "field-missing",
                file=file,
                layer=definition.title,
                field=f"{rule.title.zh} {rule.name}",
                accepted=", ".join((rule.name, *rule.synonyms)),
                found=", ".join(columns) or "-",
            )


def recall(
    definition: LayerDefinition, kind: str, columns: list[str], memory: Memory
) -> dict[str, str]:
    """Recall how such a file was mapped, as far as that still fits the layer."""
    targets = {rule.name for rule in definition.stored_fields} | {""}
    known = {column.lower() for column in columns}
    found = memory.find(definition.id, sign_source(kind, columns))
    return {
        name: target
        for name, target in found.items()
        if target in targets and name.lower() in known
    }


def propose(
    definition: LayerDefinition, kind: str, frame: pd.DataFrame, memory: Memory
) -> MappingProposal:
    """Say for which field of the layer each field of a file would be taken."""
    columns = [str(name) for name in frame.columns]
    remembered = recall(definition, kind, columns, memory)
    mapping = map_fields(definition, columns, remembered)
    targets = {source: canonical for canonical, source in mapping.sources.items()}
    recalled = {name.lower() for name in remembered}

    def choose(column: str) -> FieldChoice:
        how: How = "name" if column in targets else "none"
        if column.lower() in recalled:
            how = "remembered"
        values = frame[column].dropna().head(50).astype(str).str.strip()
        samples = tuple(values[values != ""].unique()[:_SAMPLES].tolist())
        return FieldChoice(column, samples, targets.get(column, ""), how)

    required = {rule.name for rule in definition.stored_fields if rule.required}
    return MappingProposal(
        definition.id,
        kind,
        len(frame),
        tuple(choose(column) for column in columns),
        mapping.missing,
        tuple(name for name in mapping.missing if name in required),
    )


def trim_unit_codes(table: pa.Table, length: int, findings: Findings) -> pa.Table:
    """Cut the trailing zeros that survey databases add to unit codes.

    Tells of codes that are not of the level's length, or stand twice.
    """
    codes = pd.Series(table.column("code").to_pylist(), dtype=object)
    trimmed = codes.str.slice(0, length)
    rest = codes.str.slice(length)
    wrong = (trimmed.str.len() != length) | ~trimmed.str.isdigit() | rest.str.strip("0").ne("")
    wrong |= trimmed.duplicated()
    rows = wrong.to_numpy(dtype=bool).nonzero()[0]
    findings.add(
        "unit-code-wrong",
        "error",
        rows,
        lambda place: {"value": str(codes.iloc[rows[place]]), "length": length},
    )
    place = table.schema.get_field_index("code")
    column = pa.array(trimmed.tolist(), pa.large_string())
    return table.set_column(place, "code", pc.fill_null(column, ""))
