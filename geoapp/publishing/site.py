"""The public view as a folder of files that any web server can give out."""

import json
import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from geoapp.catalog.disk import worded_disk
from geoapp.errors import ConflictError
from geoapp.geometry.crs import central_meridian
from geoapp.i18n import LANGS, Lang, read_words
from geoapp.publishing.figures import to_document
from geoapp.publishing.site_data import DATA, SiteLayer, describe_layer, write_shapes
from geoapp.publishing.site_page import PAGES, SCRIPTS, STYLES, SiteContent, write_page
from geoapp.settings import PACKAGE

APP: Final = "app"
MARK: Final = f"{DATA}/site.json"
FIGURES: Final = f"{DATA}/figures.json"
SITE_SCHEMA: Final = "geoapp.public_site/1"
_ASSETS: Final = PACKAGE / "ui" / "assets"
_VENDOR: Final = {
    "leaflet.js": "vendor/leaflet/dist/leaflet.js",
    "leaflet.css": "vendor/leaflet/dist/leaflet.css",
    "leaflet-LICENSE.txt": "vendor/leaflet/LICENSE",
    "leaflet.markercluster.js": "vendor/leaflet.markercluster/dist/leaflet.markercluster.js",
    "MarkerCluster.css": "vendor/leaflet.markercluster/dist/MarkerCluster.css",
    "leaflet.markercluster-LICENCE.txt": "vendor/leaflet.markercluster/MIT-LICENCE.txt",
}


def program_files() -> dict[str, Path]:
    """Map the program files of the site to those that ship."""
    own = [name for name in (*SCRIPTS, *STYLES) if name not in _VENDOR]
    found = {f"{APP}/{name}": _ASSETS / "app" / name for name in own}
    return found | {f"{APP}/{name}": _ASSETS / path for name, path in _VENDOR.items()}


def write_site(
    folder: Path, layers: Sequence[SiteLayer], contents: dict[Lang, SiteContent], gauss: str
) -> None:
    """Write all files of the site into a new folder.

    Raises:
        FileError: It cannot be written.
    """
    with worded_disk(folder):
        (folder / DATA).mkdir(parents=True)
        (folder / APP).mkdir()
        for name, path in program_files().items():
            shutil.copyfile(path, folder / name)
        for layer in layers:
            write_shapes(layer, folder, gauss)
        for lang in LANGS:
            content = contents[lang]
            page = write_page(content, lang)
            (folder / PAGES[lang]).write_text(page, encoding="utf-8")
            _write_json(folder / DATA / f"map-{lang}.json", _settings(layers, content, lang))
        content = contents["zh"]
        _write_json(folder / FIGURES, to_document(content.tables))
        _write_json(folder / MARK, _describe(layers, content))


def is_site(folder: Path) -> bool:
    """Tell whether a folder holds a public site that was written by this program."""
    try:
        said = json.loads((folder / MARK).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.get("schema") == SITE_SCHEMA


def require_room(folder: Path) -> None:
    """Stop unless a site can be put there.

    Raises:
        ConflictError: It holds something else.
    """
    taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if taken and not is_site(folder):
        raise ConflictError("site-folder-taken", folder=str(folder))


def temporary_beside(folder: Path) -> Path:
    """Name a folder in which the site is written first."""
    name = f".{folder.name}-{os.getpid()}-{secrets.token_hex(4)}"
    return folder.absolute().with_name(name)


def put_in_place(temporary: Path, folder: Path) -> None:
    """Replace an older site, or what is not there yet.

    Raises:
        FileError: It cannot be done.
    """
    with worded_disk(folder):
        old = None
        if folder.exists():
            old = temporary_beside(folder)
            folder.rename(old)
        temporary.rename(folder)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)


def _settings(layers: Sequence[SiteLayer], content: SiteContent, lang: Lang) -> dict[str, Any]:
    box, zone = content.city.extent, content.city.zone
    words = read_words(lang)
    return {
        "extent": [box.west, box.south, box.east, box.north],
        "words": {k.removeprefix("map."): v for k, v in words.items() if k.startswith("map.")},
        "key": f"public {lang}",
        "sample": content.city.sample,
        "layers": [describe_layer(layer, lang) for layer in layers],
        "gauss": {"zone": zone, "meridian": central_meridian(zone)},
        "basemap": None,
        "lang": lang,
        "link": "",
        "asks": False,
    }


def _describe(layers: Sequence[SiteLayer], content: SiteContent) -> dict[str, Any]:
    return {
        "schema": SITE_SCHEMA,
        "city": content.city.code,
        "sample": content.city.sample,
        "layers": {layer.definition.id: layer.file for layer in layers},
        "as_of": list(content.as_of),
    }


def _write_json(path: Path, document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    path.write_text(text, encoding="utf-8")
