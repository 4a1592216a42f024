"""Builds the Word templates of the case documents: ``python -m geoapp.reports.case_template``.

What it writes are ordinary documents with places to be filled. A bureau changes one in Word
and puts its own beside the data, as ``templates/case_stop_order.docx`` of the workspace.
"""

import io
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from geoapp.reports.word_run import LATIN, write_run

TEMPLATES: Final = Path(__file__).with_name("templates")
_TEXTS: Final = Path(__file__).with_name("case_papers.toml")
_HAN, _HEADING = "FangSong", "SimHei"
_RED: Final = RGBColor(0xB3, 0x26, 0x1E)
_TEXT_PT: Final = 14  # as the office's regulation on documents has it, a size smaller
_INDENT: Final = 2 * _TEXT_PT
_WIDTHS_MM: Final = (52.0, 104.0)


def template_name(kind: str) -> str:
    """Name the file of a document's template."""
    return f"case_{kind}.docx"


def build_paper_template(kind: str) -> bytes:
    """Build the template of one kind of document."""
    texts = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
    entry, words = texts[kind], texts["words"]
    document = docx.Document()
    _lay_out(document)
    write_run(_centre(document.add_paragraph()), "{{ banner }}", size=10, colour=_RED)
    write_run(_centre(document.add_paragraph()), "{{ issuer }}", size=16, han=_HEADING)
    write_run(_centre(document.add_paragraph()), "{{ title }}", size=22, han=_HEADING, bold=True)
    write_run(_centre(document.add_paragraph()), "{{ number }}", size=_TEXT_PT)
    if entry["form"] == "form":
        _facts(document)
    else:
        party = document.add_paragraph()
        write_run(party, f"{words['party']}{words['party_line']}", size=_TEXT_PT)
    for paragraph in entry["text"]:
        _paragraph(document, paragraph)
    _close(document, entry, words)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _lay_out(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.top_margin, section.bottom_margin = Mm(33), Mm(30)
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(_TEXT_PT)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _HAN)
    style.paragraph_format.space_after = Pt(4)
    style.paragraph_format.line_spacing = 1.35
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "", "", ""


def _facts(document: Document) -> None:
    """Write the table that is filled with one row a fact."""
    table = document.add_table(rows=3, cols=2)
    table.style = "Table Grid"
    for row, words in zip(
        table.rows, ("{%tr for fact in facts %}", "", "{%tr endfor %}"), strict=True
    ):
        for cell, width in zip(row.cells, _WIDTHS_MM, strict=True):
            cell.width = Mm(width)
        row.cells[0].paragraphs[0].text = words
    for cell, place in zip(table.rows[1].cells, ("label", "text"), strict=True):
        write_run(cell.paragraphs[0], f"{{{{ fact.{place} }}}}", size=11)
    document.add_paragraph()


def _paragraph(document: Document, words: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.first_line_indent = Pt(_INDENT)
    write_run(paragraph, words, size=_TEXT_PT)


def _close(document: Document, entry: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Write seal, date and the lines to be signed."""
    document.add_paragraph()
    for line in ("{{ issuer }}" + words["seal"], "{{ date }}"):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        write_run(paragraph, line, size=_TEXT_PT)
    for line in entry["signatures"]:
        write_run(document.add_paragraph(), f"{line}：{words['blank']}", size=11)
    foot = _centre(document.sections[0].footer.paragraphs[0])
    write_run(foot, f"{words['case_no']} {{{{ case_no }}}}", size=9)


def _centre(paragraph: Paragraph) -> Paragraph:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def main() -> None:
    """Write the templates of all kinds."""
    texts = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
    for kind, entry in texts.items():
        if "form" in entry:
            (TEMPLATES / template_name(kind)).write_bytes(build_paper_template(kind))


if __name__ == "__main__":
    main()
