"""Setting a sheet as PDF or PNG with typst: fonts of our own, no system font, no network."""

import json
import struct
import tempfile
import zlib
from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typst

from geoapp.reports.sheet_content import Setting, SheetContent
from geoapp.reports.sheet_frame import (
    BAND_MM,
    FOOTER_MM,
    HEADER_MM,
    MARGIN_MM,
    NEATLINE_MM,
    SIDE_MM,
    Frame,
)
from geoapp.reports.sheet_picture import draw_swatch
from geoapp.reports.sheet_request import MM_PER_INCH, MapSheetRequest, paper_mm

FONT: Final = "Noto Sans CJK SC"
_TEMPLATE: Final = Path(__file__).with_name("sheet.typ")
_SWATCH_MM: Final = (6.0, 3.6)
_GAP_MM: Final = 4.0
_PNG_HEAD: Final = 33  # signature and the first chunk


def set_sheet(
    setting: Setting, content: SheetContent, frame: Frame, pieces: list[tuple[str, bytes]]
) -> bytes:
    """Set a sheet.

    Args:
        setting: Paper, format, resolution, time.
        content: What it says.
        frame: Where the map lies.
        pieces: The map from below upwards: suffix and content.

    Returns:
        A PDF, or a PNG that states its resolution.
    """
    request = setting.request
    with tempfile.TemporaryDirectory(prefix="geoapp-sheet-") as name:
        folder = Path(name)
        names = [f"piece-{k}.{suffix}" for k, (suffix, _) in enumerate(pieces)]
        for file, (_, written) in zip(names, pieces, strict=True):
            (folder / file).write_bytes(written)
        document = _describe(setting, content, frame) | {"pieces": names}
        document["legend"] = _write_legend(content, folder)
        (folder / "sheet.json").write_text(json.dumps(document), encoding="utf-8")
        (folder / "sheet.typ").write_bytes(_TEMPLATE.read_bytes())
        compiler = typst.Compiler(
            folder / "sheet.typ", root=folder, font_paths=find_fonts(), ignore_system_fonts=True
        )
        timestamp = int(setting.now.timestamp())
        made = compiler.compile(format=request.format, ppi=request.dpi, timestamp=timestamp)
    if not isinstance(made, bytes):  # a list: more than one page
        message = "a sheet has one page"
        raise TypeError(message)
    return _state_resolution(made, request.dpi) if request.format == "png" else made


def _describe(setting: Setting, content: SheetContent, frame: Frame) -> dict[str, Any]:
    width, height = paper_mm(setting.request)
    words = asdict(content)
    words.pop("legend")
    neatline = words.pop("neatline")
    return {
        **words,
        **neatline,
        "font": FONT,
        "colon": "：" if content.lang == "zh" else ": ",
        "maker": setting.maker,
        "paper": {"width": width, "height": height},
        "margin": MARGIN_MM,
        "header": HEADER_MM,
        "neatline": NEATLINE_MM,
        "footer": FOOTER_MM,
        "frame": {
            "left": frame.left_mm,
            "top": frame.top_mm,
            "width": frame.width_mm,
            "height": frame.height_mm,
        },
        "panel": _panel(setting.request, frame),
    }


def _panel(request: MapSheetRequest, frame: Frame) -> dict[str, Any]:
    """Place legend and scale: beside the frame, or below it on upright paper."""
    if request.orientation == "landscape":
        return {
            "wide": False,
            "left": frame.left_mm + frame.width_mm + NEATLINE_MM + _GAP_MM,
            "top": frame.top_mm - NEATLINE_MM,
            "width": SIDE_MM[request.paper] - _GAP_MM,
            "height": frame.height_mm + 2 * NEATLINE_MM,
        }
    return {
        "wide": True,
        "left": MARGIN_MM,
        "top": frame.top_mm + frame.height_mm + NEATLINE_MM + _GAP_MM,
        "width": paper_mm(request)[0] - 2 * MARGIN_MM,
        "height": BAND_MM[request.paper] - _GAP_MM,
    }


def _write_legend(content: SheetContent, folder: Path) -> list[dict[str, str | None]]:
    written: list[dict[str, str | None]] = []
    for number, entry in enumerate(content.legend):
        name = None
        if entry.look is not None:
            name = f"swatch-{number}.svg"
            (folder / name).write_bytes(draw_swatch(entry.look, *_SWATCH_MM))
        written.append({"title": entry.title, "swatch": name})
    return written


@lru_cache(maxsize=1)
def find_fonts() -> typst.Fonts:
    """Find the fonts that ship with the product; no other is used."""
    folder = str(files("noto_cjk_sans_otc"))
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )


def _state_resolution(png: bytes, dpi: int) -> bytes:
    """Write into a PNG how large it is on paper, where it does not say so itself."""
    if b"pHYs" in png[: _PNG_HEAD + 200]:
        return png
    per_metre = round(dpi * 1000 / MM_PER_INCH)
    body = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    chunk = struct.pack(">I", 9) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_PNG_HEAD] + chunk + png[_PNG_HEAD:]
