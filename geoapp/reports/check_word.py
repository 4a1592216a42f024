"""The sheet of a check as a Word document, from a template that the bureau can edit."""

import io
from pathlib import Path
from typing import Any, Final

from docx.opc.exceptions import PackageNotFoundError
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from geoapp.errors import FileError
from geoapp.i18n import Lang
from geoapp.reports.check_document import CheckDocument, Pairs, word_rows
from geoapp.reports.check_findings import Say
from geoapp.reports.check_pdf import draw_code
from geoapp.reports.check_pictures import CheckPictures
from geoapp.reports.check_template import TEMPLATES, template_name
from geoapp.reports.content import Table

FOLDER: Final = "templates"  # in the workspace
_LONG_FACT: Final = {"zh": 24, "en": 40}
_CODE_MM: Final = 22
_WIDTH_MM: Final = 174.0


def find_template(workspace: Path, lang: Lang) -> Path:
    """Find the template of a language: the workspace's own, else the product's."""
    own = workspace / FOLDER / template_name(lang)
    return own if own.is_file() else TEMPLATES / template_name(lang)


def write_check_word(document: CheckDocument, pictures: CheckPictures, template: Path) -> bytes:
    """Fill a template.

    Args:
        document: What the sheet says.
        pictures: Map and sketch.
        template: The Word file.

    Raises:
        FileError: The template is no Word file, or a place in it cannot be filled.
    """
    try:
        word = DocxTemplate(str(template))
        words = _describe(document) | _images(word, document, pictures)
        # A template is somebody's file: it may name places, and reach nothing else.
        word.render(words, SandboxedEnvironment(autoescape=True))
        buffer = io.BytesIO()
        word.save(buffer)
    except (TemplateError, PackageNotFoundError, KeyError, ValueError, OSError) as error:
        raise FileError("template-wrong", file=template.name, reason=str(error)[:200]) from error
    return buffer.getvalue()


def _describe(document: CheckDocument) -> dict[str, Any]:
    say = Say(document.lang)
    colon = "：" if document.lang == "zh" else ":"
    short, long = _part_facts(document)
    points = _rows(document.boundary)
    half = (len(points) + 1) // 2
    blank: dict[str, str] = dict.fromkeys(points[0], "")
    return {
        "title": document.title,
        "issuer": document.issuer,
        "serial": document.serial,
        "serial_text": document.serial or say("unsaved"),
        "use": " ".join(document.use),
        "banner": document.banner,
        "mark": document.mark,
        "code_note": document.code_note,
        "verdict_title": document.verdict_title,
        "verdict_note": document.verdict_note,
        "fact_pairs": _pair(short, {"label": "", "text": ""}),
        "long_facts": long,
        "findings": _table(document.findings),
        "remarks": [
            {
                "verdict": say(f"short_{one.verdict}"),
                "heading": one.heading,
                "lines": _named(one.lines),
            }
            for one in document.remarks
        ],
        "boundary": _table(document.boundary),
        "boundary_pairs": list(zip(points[:half], [*points[half:], blank][:half], strict=True)),
        "sketch_note": document.sketch_note,
        "composition": _table(document.composition),
        "units": _table(document.units),
        "remedies": _table(document.remedies),
        "layers": _table(document.layers),
        "notes": _named(document.notes),
        "signatures": [words + colon for words in document.signatures],
        "made": document.made,
    }


def _images(word: DocxTemplate, document: CheckDocument, pictures: CheckPictures) -> dict[str, Any]:
    def place(picture: bytes, width_mm: float) -> InlineImage:
        return InlineImage(word, io.BytesIO(picture), width=Mm(width_mm))

    code = place(draw_code(document.code, "png"), _CODE_MM) if document.code else ""
    return {
        "code": code,
        "map": place(pictures.map_png, _WIDTH_MM),
        "sketch": place(pictures.sketch_png, pictures.sketch.width_mm),
    }


def _part_facts(document: CheckDocument) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    longest = _LONG_FACT[document.lang]
    facts = _named(document.facts)
    return (
        [fact for fact in facts if len(fact["text"]) <= longest],
        [fact for fact in facts if len(fact["text"]) > longest],
    )


def _pair(items: list[dict[str, str]], blank: dict[str, str]) -> list[tuple[Any, Any]]:
    whole = [*items, blank] if len(items) % 2 else items
    return list(zip(whole[::2], whole[1::2], strict=True))


def _named(pairs: Pairs) -> list[dict[str, str]]:
    return [{"label": label, "text": words} for label, words in pairs]


def _rows(table: Table) -> list[dict[str, str]]:
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, row, strict=True)) for row in word_rows(table)]


def _table(table: Table | None) -> dict[str, Any] | None:
    return None if table is None else {"title": table.title, "rows": _rows(table)}
