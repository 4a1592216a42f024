"""Reading layer definitions from their folder.

A wrong definition is named with file, key and reason; nothing else is loaded then, so that
a typing mistake cannot make a layer disappear quietly.
"""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.parsing import named_faults
from geoapp.errors import CatalogError, NotFoundError


class Library:
    """All layer definitions, in drawing order."""

    def __init__(
        self,
        definitions: list[LayerDefinition],
        schemes: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Gather definitions.

        Args:
            definitions: One for each layer.
            schemes: Class code → the schemes that have it, of all class tables.
        """
        self._by_id = {layer.id: layer for layer in sorted(definitions, key=lambda x: x.order)}
        self.schemes = dict(schemes or {})

    def __iter__(self) -> Iterator[LayerDefinition]:
        """Give the definitions, bottom of the map first."""
        return iter(self._by_id.values())

    def require(self, layer: str) -> LayerDefinition:
        """Give one definition.

        Raises:
            NotFoundError: There is no such layer; the error names those there are.
        """
        if layer not in self._by_id:
            raise NotFoundError("layer-unknown", layer=layer, offered=", ".join(self._by_id))
        return self._by_id[layer]


def read_library(folder: Path) -> Library:
    """Read every ``*.toml`` of a folder.

    Raises:
        CatalogError: A file is not TOML, a key is missing, unknown or wrong, or an id stands
            in two files; named with file, key and reason.
    """
    definitions = [read_definition(path) for path in sorted(folder.glob("*.toml"))]
    if not definitions:
        raise CatalogError("layers-empty", folder=str(folder))
    seen: dict[str, LayerDefinition] = {}
    for path, definition in zip(sorted(folder.glob("*.toml")), definitions, strict=True):
        if definition.id in seen:
            raise CatalogError("definition-wrong", file=path.name, key="id", reason="duplicate id")
        seen[definition.id] = definition
    return Library(definitions, _read_schemes(folder))


def _read_schemes(folder: Path) -> dict[str, tuple[str, ...]]:
    """Find in which schemes of the class tables each code stands."""
    found: dict[str, dict[str, None]] = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("code") and row.get("scheme"):
                    found.setdefault(row["code"], {})[row["scheme"]] = None
    return {code: tuple(schemes) for code, schemes in found.items()}


def read_definition(path: Path) -> LayerDefinition:
    """Read one layer definition, with the class tables that it names.

    Raises:
        CatalogError: See ``read_library``.
    """
    with named_faults(path):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if table.get("id") != path.stem:
            raise CatalogError(
                "definition-wrong",
                file=path.name,
                key="id",
                reason=f"must be the file's name, {path.stem!r}",
            )
        _require_tables(table, path)
        _load_class_tables(table, path)
        return LayerDefinition.model_validate(table)


def _require_tables(table: dict[str, Any], path: Path) -> None:
    """Stop unless what is read before validation has the right shape."""
    for key in ("classes", "class_tables", "class_fills"):
        content = table.get(key, {})
        flat = key == "classes" or (
            isinstance(content, dict) and all(isinstance(v, str) for v in content.values())
        )
        if not isinstance(content, dict) or not flat:
            raise CatalogError(
                "definition-wrong", file=path.name, key=key, reason="must be a table of texts"
            )


def _load_class_tables(table: dict[str, Any], path: Path) -> None:
    """Add the classes of ``class_tables`` (name = "file.csv#scheme") to ``classes``.

    Colours come from the definition's own ``class_fills``: by code, by first-level code.
    """
    fills: dict[str, str] = table.pop("class_fills", {})
    classes: dict[str, Any] = table.setdefault("classes", {})
    for name, reference in table.get("class_tables", {}).items():
        file_name, _, scheme = str(reference).partition("#")
        file = path.parent / file_name
        if not file.is_file():
            raise CatalogError(
                "definition-wrong",
                file=path.name,
                key=f"class_tables.{name}",
                reason=f"there is no file {file_name!r}",
            )
        rows = _read_class_rows(file, scheme)
        if not rows:
            raise CatalogError(
                "definition-wrong",
                file=path.name,
                key=f"class_tables.{name}",
                reason=f"{file_name!r} holds no scheme {scheme!r}",
            )
        classes[name] = [_class_value(row, rows, fills) for row in rows.values()]
        classes[f"{name}_first_level"] = [
            value for value in classes[name] if not rows[value["code"]]["parent"]
        ]


def _read_class_rows(file: Path, scheme: str) -> dict[str, dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row for row in csv.DictReader(stream) if row["scheme"] == scheme}


def _class_value(
    row: dict[str, str], rows: dict[str, dict[str, str]], fills: dict[str, str]
) -> dict[str, Any]:
    top = row
    while top["parent"] in rows:
        top = rows[top["parent"]]
    fill = fills.get(row["code"]) or fills.get(top["code"])
    value: dict[str, Any] = {
        "code": row["code"],
        "title": {"zh": row["name_zh"], "en": row["name_en"]},
        "parent": "" if top is row else top["code"],
        "group": row["group_three_classes"],
    }
    return value | ({"fill": fill} if fill else {})
