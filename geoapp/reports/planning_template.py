"""Builds the Word template of the planner's reports: ``python -m geoapp.reports.planning_template``.

What it writes is an ordinary document with places to be filled. A bureau changes it in Word and
puts its own beside the data, as ``templates/planning.docx`` of the workspace.
"""

import io
from pathlib import Path
from typing import Final

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from geoapp.reports.word_run import LATIN, write_run

TEMPLATES: Final = Path(__file__).with_name("templates")
TEMPLATE: Final = "planning.docx"
_HAN, _HEADING = "FangSong", "SimHei"
_RED: Final = RGBColor(0xB3, 0x26, 0x1E)
_TEXT_PT: Final = 12
_CELL_PT: Final = 8.5


def build_planning_template() -> bytes:
    """Build the template."""
    document = docx.Document()
    _lay_out(document)
    write_run(_centred(document), "{{ banner }}", size=10, colour=_RED)
    write_run(_centred(document), "{{ title }}", size=18, han=_HEADING, bold=True)
    document.add_paragraph("{%p for line in statements %}")
    write_run(document.add_paragraph(), "{{ line }}", size=_TEXT_PT)
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p for part in parts %}")
    write_run(document.add_paragraph(), "{{ part.title }}", size=13, han=_HEADING, bold=True)
    _table(document)
    document.add_paragraph("{%p for line in part.closing %}")
    write_run(document.add_paragraph(), "{{ line.label }}{{ colon }}{{ line.text }}", size=10)
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endfor %}")
    write_run(document.add_paragraph(), "{{ notes_title }}", size=13, han=_HEADING, bold=True)
    document.add_paragraph("{%p for line in notes %}")
    write_run(document.add_paragraph(), "{{ line.label }}{{ colon }}{{ line.text }}", size=9)
    document.add_paragraph("{%p endfor %}")
    foot = document.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write_run(foot, "{{ title }} {{ banner }}", size=8)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _lay_out(document: Document) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin = section.bottom_margin = Mm(18)
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(_TEXT_PT)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _HAN)
    style.paragraph_format.space_after = Pt(3)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "", "", ""


def _table(document: Document) -> None:
    """Write the table whose columns and rows are both filled in."""
    table = document.add_table(rows=4, cols=3)
    table.style = "Table Grid"
    lines = (
        ("{%tc for column in part.columns %}", "{{ column }}", "{%tc endfor %}"),
        ("{%tr for row in part.rows %}", "", ""),
        ("{%tc for cell in row.cells %}", "{{ cell }}", "{%tc endfor %}"),
        ("{%tr endfor %}", "", ""),
    )
    for row, words in zip(table.rows, lines, strict=True):
        for cell, text in zip(row.cells, words, strict=True):
            bold = text == "{{ column }}"
            write_run(cell.paragraphs[0], text, size=_CELL_PT, bold=bold)


def _centred(document: Document) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def main() -> None:
    """Write the template."""
    (TEMPLATES / TEMPLATE).write_bytes(build_planning_template())


if __name__ == "__main__":
    main()
