"""Tables and paragraphs as a plain Word document: for printing and for pasting into texts."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from geoapp.i18n import Lang, text
from geoapp.reports.content import Cell, Table
from geoapp.reports.word_run import LATIN, write_run

MEDIA: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HAN, _HEADING = "FangSong", "SimHei"
_RED: Final = RGBColor(0xB3, 0x26, 0x1E)
_TEXT_PT, _CELL_PT, _NOTE_PT = 12.0, 8.5, 9.0
_INDENT: Final = 2 * _TEXT_PT


@dataclass(frozen=True, slots=True)
class WordPart:
    """A piece of a document: a paragraph, and a table below it.

    Attributes:
        widths: Of the columns of the table, as shares of the page; by default equal.
    """

    paragraph: str = ""
    table: Table | None = None
    widths: tuple[float, ...] = ()


def to_docx(
    title: str,
    parts: Sequence[WordPart],
    notes: Sequence[tuple[str, str]],
    *,
    banner: str,
    lang: Lang,
    wide: bool = False,
) -> bytes:
    """Write a document.

    Args:
        title: Heading.
        parts: What stands in it.
        notes: Label and text, below everything.
        banner: Shown below the heading when the data is synthetic.
        lang: Language.
        wide: Whether the page lies on its long side.
    """
    document = docx.Document()
    width_mm = _lay_out(document, wide=wide)
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write_run(heading, title, size=18, han=_HEADING, bold=True)
    if banner:
        warning = document.add_paragraph()
        warning.alignment = WD_ALIGN_PARAGRAPH.CENTER
        write_run(warning, banner, size=10, colour=_RED)
        write_run(document.sections[0].header.paragraphs[0], banner, size=9, colour=_RED)
    for part in parts:
        if part.paragraph:
            paragraph = document.add_paragraph()
            if lang == "zh":
                paragraph.paragraph_format.first_line_indent = Pt(_INDENT)
            write_run(paragraph, part.paragraph, size=_TEXT_PT)
        if part.table is not None:
            _table(document, part.table, part.widths, width_mm, lang)
    for label, note in notes:
        line = text(lang, "page.labelled", label=label, value=note)
        write_run(document.add_paragraph(), line if label else note, size=_NOTE_PT)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _lay_out(document: Document, *, wide: bool) -> float:
    """Set page and font; give the width of the text in millimetres."""
    section = document.sections[0]
    width, height = (297, 210) if wide else (210, 297)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = Mm(18 if wide else 26)
    section.top_margin = section.bottom_margin = Mm(18 if wide else 30)
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(_TEXT_PT)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _HAN)
    style.paragraph_format.space_after = Pt(3)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "", "", ""
    return float(width - 2 * (18 if wide else 26))


def _table(
    document: Document, table: Table, shares: Sequence[float], width_mm: float, lang: Lang
) -> None:
    columns = len(table.columns)
    made = document.add_table(rows=1, cols=columns)
    made.style = "Table Grid"
    made.autofit = False
    parts = shares or [1 / columns] * columns
    widths = [Mm(width_mm * part) for part in parts]
    for cell, column, width in zip(made.rows[0].cells, table.columns, widths, strict=True):
        cell.width = width
        write_run(cell.paragraphs[0], column.title, size=_CELL_PT, han=_HEADING, bold=True)
    repeated = OxmlElement("w:tblHeader")
    made.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001  no other way to it
    for row in table.rows:
        cells = made.add_row().cells
        for cell, value, width in zip(cells, row, widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            if isinstance(value, int | Decimal):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            write_run(paragraph, _word(value, lang), size=_CELL_PT)
    for label, value in table.closing:
        line = text(lang, "page.labelled", label=label, value=_word(value, lang))
        write_run(document.add_paragraph(), line, size=_NOTE_PT)


def _word(cell: Cell, lang: Lang) -> str:
    if cell is None:
        return text(lang, "coverage.no_data")
    return cell if isinstance(cell, str) else f"{cell:,}"
