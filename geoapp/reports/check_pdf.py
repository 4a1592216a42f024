"""Setting the sheet of a check as PDF with typst."""

import io
import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import segno
import typst

from geoapp.i18n import text
from geoapp.reports.check_document import CheckDocument, word_rows
from geoapp.reports.check_findings import Say
from geoapp.reports.check_pictures import CheckPictures
from geoapp.reports.content import Table
from geoapp.reports.sheet_typst import FONT, find_fonts

_TEMPLATE: Final = Path(__file__).with_name("check.typ")
_LONG_FACT: Final = {"zh": 26, "en": 44}  # characters that fit into half of the width


def set_check_pdf(
    document: CheckDocument, pictures: CheckPictures, now: datetime, *, wide_sketch: bool
) -> bytes:
    """Set a sheet.

    Args:
        document: What it says.
        pictures: Map and sketch.
        now: Written into the file.
        wide_sketch: The table of coordinates stands below the sketch, not beside it.
    """
    with tempfile.TemporaryDirectory(prefix="geoapp-check-") as name:
        folder = Path(name)
        (folder / "map.pdf").write_bytes(pictures.map_pdf)
        (folder / "sketch.pdf").write_bytes(pictures.sketch_pdf)
        words = _describe(document) | {"wide_sketch": wide_sketch, "code": None}
        if document.code:
            (folder / "code.svg").write_bytes(draw_code(document.code, "svg"))
            words["code"] = "code.svg"
        (folder / "check.json").write_text(json.dumps(words), encoding="utf-8")
        (folder / "check.typ").write_bytes(_TEMPLATE.read_bytes())
        compiler = typst.Compiler(
            folder / "check.typ", root=folder, font_paths=find_fonts(), ignore_system_fonts=True
        )
        made = compiler.compile(format="pdf", timestamp=int(now.timestamp()))
    if not isinstance(made, bytes):
        message = "a PDF is one file"
        raise TypeError(message)
    return made


def draw_code(content: str, form: str) -> bytes:
    """Draw a square code (QR) that survives a bad copy: ``svg`` or ``png``."""
    buffer = io.BytesIO()
    code = segno.make(content, error="m", micro=False)
    code.save(buffer, kind=form, scale=1 if form == "svg" else 12, border=2)
    return buffer.getvalue()


def _describe(document: CheckDocument) -> dict[str, Any]:
    say = Say(document.lang)
    return {
        "font": FONT,
        "lang": document.lang,
        "colon": "：" if document.lang == "zh" else ": ",
        "issuer": document.issuer,
        "title": document.title,
        "serial": document.serial,
        "serial_label": say("serial"),
        "serial_text": document.serial or say("unsaved"),
        "code_note": document.code_note,
        "verdict": document.verdict,
        "verdict_label": say("verdict"),
        "verdict_title": document.verdict_title,
        "verdict_note": document.verdict_note,
        "facts": document.facts,
        "long_fact": _LONG_FACT[document.lang],
        "findings": _table(document.findings),
        "remarks_title": say("remarks"),
        "remarks": [
            {"verdict": one.verdict, "heading": one.heading, "lines": one.lines}
            for one in document.remarks
        ],
        "map_title": say("map"),
        "map": "map.pdf",
        "sketch_title": say("sketch"),
        "sketch": "sketch.pdf",
        "sketch_note": document.sketch_note,
        "boundary": _table(document.boundary),
        "composition": _table(document.composition),
        "units": _table(document.units),
        "remedies": _table(document.remedies),
        "remedy_note": say("remedy_note"),
        "layers": _table(document.layers),
        "notes_title": say("notes"),
        "notes": document.notes,
        "signatures": document.signatures,
        "use": document.use,
        "banner": document.banner,
        "mark": document.mark,
        "made": document.made,
        "page_text": text(document.lang, "check_sheet.page"),
    }


def _table(table: Table | None) -> dict[str, Any] | None:
    if table is None:
        return None
    columns = [{"title": c.title, "numeric": c.kind != "text"} for c in table.columns]
    return {"title": table.title, "columns": columns, "rows": word_rows(table)}
