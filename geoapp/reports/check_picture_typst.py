"""Setting the map and the sketch of a check: PDF for print, PNG for Word and the screen."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal

import typst

from geoapp.i18n import Lang, text
from geoapp.reports.check_picture import DPI, CheckPicture
from geoapp.reports.check_sketch import Sketch
from geoapp.reports.sheet_picture import draw_swatch
from geoapp.reports.sheet_typst import FONT, find_fonts

PictureFormat = Literal["pdf", "png"]
_TEMPLATE: Final = Path(__file__).with_name("check_picture.typ")
_SWATCH_MM: Final = (6.0, 3.6)
LEGEND_MM: Final = 16.0


def set_picture(picture: CheckPicture, lang: Lang, mark: str, form: PictureFormat) -> bytes:
    """Set the map with its legend below.

    Args:
        picture: The map.
        lang: Language of the words.
        mark: Watermark over it; ``""`` for none.
        form: File format.
    """
    names = [f"piece-{k}.{suffix}" for k, (suffix, _) in enumerate(picture.pieces)]
    files = dict(zip(names, (content for _, content in picture.pieces), strict=True))
    legend: list[dict[str, str | None]] = []
    for number, entry in enumerate(picture.legend):
        name = None
        if entry.look is not None:
            name = f"swatch-{number}.svg"
            files[name] = draw_swatch(entry.look, *_SWATCH_MM)
        legend.append({"title": entry.title, "swatch": name})
    document = {
        "kind": "map",
        "width": picture.width_mm,
        "height": picture.height_mm + LEGEND_MM,
        "frame": {"width": picture.width_mm, "height": picture.height_mm},
        "pieces": names,
        "legend": legend,
        "scale_text": picture.scale_text,
        "scale_bar": asdict(picture.scale_bar),
        "north": picture.north,
    }
    return _set(document, files, lang, mark, form)


def set_sketch(sketch: Sketch, lang: Lang, mark: str, form: PictureFormat) -> bytes:
    """Set the sketch; arguments as for the map."""
    document = {
        "kind": "sketch",
        "width": sketch.width_mm,
        "height": sketch.height_mm,
        "rings": sketch.rings,
        "labels": [asdict(label) for label in sketch.labels],
        "north": text(lang, "sheet.north"),
    }
    return _set(document, {}, lang, mark, form)


def _set(
    document: Mapping[str, Any],
    files: Mapping[str, bytes],
    lang: Lang,
    mark: str,
    form: PictureFormat,
) -> bytes:
    whole = {**document, "font": FONT, "lang": lang, "mark": mark}
    with tempfile.TemporaryDirectory(prefix="geoapp-check-") as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        (folder / "picture.json").write_text(json.dumps(whole), encoding="utf-8")
        (folder / "picture.typ").write_bytes(_TEMPLATE.read_bytes())
        compiler = typst.Compiler(
            folder / "picture.typ", root=folder, font_paths=find_fonts(), ignore_system_fonts=True
        )
        made = compiler.compile(format=form, ppi=DPI, timestamp=0)
    if not isinstance(made, bytes):  # a list: more than one page
        message = "a picture has one page"
        raise TypeError(message)
    return made
