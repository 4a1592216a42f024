"""The leak check: opens every byte of a public site and compares it with what may be public.

It believes nothing that wrote the site: program files must be those that ship, data files are
read anew to their end, and whatever is not known is a finding.
"""

import hashlib
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from geoapp.catalog.definition import LayerDefinition
from geoapp.publishing.generalise import DECIMALS, on_grid
from geoapp.publishing.leak_tiles import read_archive
from geoapp.publishing.site import FIGURES, MARK, program_files
from geoapp.values import Extent

MOST_LEAKS: Final = 1000
_SLACK_DEG: Final = 1e-6
_PAGES: Final = frozenset({".html", ".json"})
_DECIMAL: Final = re.compile(rf"(?<![\d.])\d{{2,3}}\.\d{{{DECIMALS + 1},}}")
_TOKEN: Final = re.compile(r"[^\s\"'<>&,;:，。；：、()（）\[\]{}|·]{6,80}")
_IDS: Final = frozenset({"id"})
_TILE_KEYS: Final = frozenset({"id", "c", "code", "name", "n"})


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that may not be public.

    Attributes:
        kind: Key of the locale below ``site.leak_``.
        what: The value, shortened.
    """

    file: str
    kind: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a site is compared with.

    Attributes:
        layers: The layers of which the public gets features, by id.
        secrets: Numbers of cases and parcels, and other words that stand in no public data.
        figures: The document of public figures as it has to be.
        extent: Of the city: numbers within it are taken for coordinates.
    """

    layers: Mapping[str, LayerDefinition]
    secrets: Collection[str]
    figures: Mapping[str, Any]
    extent: Extent


@dataclass
class Checked:
    """What was looked at, and what was found."""

    files: int = 0
    tiles: int = 0
    vertices: int = 0
    leaks: list[Leak] = field(default_factory=list)


def check_site(folder: Path, bounds: Bounds) -> Checked:
    """Check every file of a folder."""
    checked, programs = Checked(), program_files()
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        name = path.relative_to(folder).as_posix()
        checked.files += 1
        try:
            checked.leaks += _check_file(path, name, bounds, programs, checked)
        except (ValueError, IndexError, KeyError, TypeError, OSError, EOFError):
            checked.leaks.append(Leak(name, "damaged"))
        if len(checked.leaks) > MOST_LEAKS:
            break
    return checked


def _check_file(
    path: Path, name: str, bounds: Bounds, programs: Mapping[str, Path], checked: Checked
) -> Iterator[Leak]:
    if path.is_symlink():
        yield Leak(name, "file")
        return
    content = path.read_bytes()
    if name in programs:
        if _digest(content) != _digest(programs[name].read_bytes()):
            yield Leak(name, "program")
        return
    if path.suffix == ".pmtiles":
        yield from _check_archive(content, name, path.stem, bounds, checked)
    elif path.suffix == ".geojson":
        yield from _check_features(content, name, path.stem, bounds, checked)
    elif path.suffix in _PAGES:
        yield from _check_words(content.decode(), name, bounds)
        if name == FIGURES and json.loads(content) != bounds.figures:
            yield Leak(name, "figure", "≠")
        if name == MARK:
            yield from (
                Leak(name, "layer", layer)
                for layer in json.loads(content)["layers"]
                if layer not in bounds.layers
            )
    elif path.suffix in {".png", ".jpg", ".webp"}:
        yield from _check_picture(content, name)
    else:
        yield Leak(name, "file")


def _check_features(
    content: bytes, name: str, layer: str, bounds: Bounds, checked: Checked
) -> Iterator[Leak]:
    definition = bounds.layers.get(layer)
    if definition is None:
        yield Leak(name, "layer", layer)
        return
    document = json.loads(content)
    yield from _unknown_keys(document, {"type", "features"}, name)
    for feature in document["features"]:
        yield from _unknown_keys(feature, {"type", "id", "properties", "geometry"}, name)
        yield from _unknown_keys(feature["properties"], set(definition.access.fields), name)
        yield from _check_words(json.dumps(feature["properties"], ensure_ascii=False), name, bounds)
        geometry = feature["geometry"]
        yield from _unknown_keys(geometry, {"type", "coordinates"}, name)
        positions = np.array(list(_positions(geometry["coordinates"])), dtype=float).reshape(-1, 2)
        checked.vertices += len(positions)
        if definition.access.public != "full":
            yield from _too_fine(positions, _SLACK_DEG, name)


def _check_archive(
    content: bytes, name: str, layer: str, bounds: Bounds, checked: Checked
) -> Iterator[Leak]:
    definition = bounds.layers.get(layer)
    if definition is None:
        yield Leak(name, "layer", layer)
        return
    metadata, tiles = read_archive(content)
    yield from _check_words(json.dumps(metadata, ensure_ascii=False), name, bounds)
    for tile in tiles:
        checked.tiles += 1
        for part in tile.parts:
            if part.layer != layer:
                yield Leak(name, "layer", part.layer)
            yield from (Leak(name, "attribute", key) for key in set(part.keys) - _TILE_KEYS)
            for words in part.texts:
                yield from _check_words(words, name, bounds)
            inner, slack = tile.inner(part)
            checked.vertices += len(inner)
            if definition.access.public != "full":
                yield from _too_fine(inner, slack, name)


def _check_words(words: str, name: str, bounds: Bounds) -> Iterator[Leak]:
    """Look for numbers of cases and parcels, and for coordinates that are too fine."""
    for token in set(_TOKEN.findall(words)):
        if token in bounds.secrets:
            yield Leak(name, "number", token[:40])
    box = bounds.extent
    for found in set(_DECIMAL.findall(words)):
        number = float(found)
        if box.west <= number <= box.east or box.south <= number <= box.north:
            yield Leak(name, "coordinate", found[:20])


def _check_picture(content: bytes, name: str) -> Iterator[Leak]:
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        said = set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        if picture.getexif() or said:
            yield Leak(name, "metadata")


def _unknown_keys(record: Any, known: set[str], name: str) -> Iterator[Leak]:
    if not isinstance(record, dict):
        raise TypeError(name)
    yield from (Leak(name, "attribute", str(key)[:40]) for key in record.keys() - known - _IDS)


def _too_fine(positions: np.ndarray, slack: float, name: str) -> Iterator[Leak]:
    wrong = positions[~on_grid(positions, slack)]
    for longitude, latitude in wrong[:3].tolist():
        yield Leak(name, "coordinate", f"{longitude:.6f} {latitude:.6f}")


def _positions(part: Any) -> Iterator[tuple[float, float]]:
    if part and isinstance(part[0], (int, float)):
        longitude, latitude = part
        yield float(longitude), float(latitude)
        return
    for inner in part:
        yield from _positions(inner)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
