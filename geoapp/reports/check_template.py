"""Builds the Word templates of the analysis sheet: ``python -m geoapp.reports.check_template``.

What it writes is an ordinary document with places to be filled. A bureau changes it in Word
and puts its own beside the data, as ``templates/check_zh.docx`` of the workspace.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from geoapp.i18n import LANGS, Lang
from geoapp.reports.check_findings import Say

TEMPLATES: Final = Path(__file__).with_name("templates")
_LATIN: Final = "Times New Roman"
_HAN: Final = "SimSun"
_HAN_HEADING: Final = "SimHei"
_RED: Final = RGBColor(0xB3, 0x26, 0x1E)
_FAINT: Final = RGBColor(0x5B, 0x66, 0x6E)
_SHADE: Final = "F1F3F2"
_WIDTH_MM: Final = 178.0
_CELL_PT: Final = 1.5  # above and below the text of a cell
_FINDING_MM: Final = {  # words for effect and conclusion are longer in English
    "zh": (20.0, 33.0, 30.0, 20.0, 14.0, 14.0, 19.0, 12.0, 16.0),
    "en": (21.0, 29.0, 27.0, 19.0, 13.0, 14.0, 18.0, 18.0, 19.0),
}
_NUMBERS: Final = ("area_m2", "area_mu", "share", "distance_m", "north_m", "east_m", "length_m")
Column = tuple[str, str, float]  # heading, place to fill, width in mm


def template_name(lang: Lang) -> str:
    """Name the file of a language's template."""
    return f"check_{lang}.docx"


def build_check_template(lang: Lang) -> bytes:
    """Build the template of a language."""
    say = Say(lang)
    document = docx.Document()
    _lay_out(document)
    _head(document, say)
    _conclusion(document, say)
    _facts(document)
    _heading(document, "{{ findings.title }}")
    _loop(document, "row in findings.rows", _finding_columns(say))
    _remarks(document, say)
    _pictures(document, say)
    _parts(document, say)
    _notes(document, say)
    _signatures(document)
    _foot(document, say)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _lay_out(document: Document) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(16)
    section.top_margin, section.bottom_margin = Mm(16), Mm(18)
    section.footer_distance = Mm(8)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _LATIN, Pt(9)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _HAN)
    style.paragraph_format.space_after = Pt(2)
    style.paragraph_format.space_before = Pt(0)
    heading = document.styles["Heading 2"]
    heading.font.name, heading.font.size, heading.font.bold = _LATIN, Pt(11), True
    heading.font.color.rgb = RGBColor(0, 0, 0)
    heading.element.rPr.rFonts.set(qn("w:eastAsia"), _HAN_HEADING)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(9), Pt(3)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "", "", ""


def _head(document: Document, say: Say) -> None:
    table = _plain_table(document, [34.0, 110.0, 34.0])
    left, middle, right = table.rows[0].cells
    colon = _colon(say)
    _write(left.paragraphs[0], f"{say('serial')}{colon}", size=8)
    _write(left.add_paragraph(), "{{ serial_text }}", size=8, bold=True)
    _write(left.add_paragraph(), "{{ use }}", size=8, colour=_RED)
    _write(_centre(middle.paragraphs[0]), "{{ title }}", size=18, bold=True, han=_HAN_HEADING)
    _write(_centre(middle.add_paragraph()), "{{ issuer }}", size=10)
    _write(_centre(middle.add_paragraph()), "{{ banner }}", size=8, colour=_RED)
    _write(_centre(right.paragraphs[0]), "{{ code }}", size=8)
    _write(_centre(right.add_paragraph()), "{{ code_note }}", size=5.5, colour=_FAINT)


def _conclusion(document: Document, say: Say) -> None:
    table = _grid(document, [_WIDTH_MM])
    cell = table.rows[0].cells[0]
    paragraph = cell.paragraphs[0]
    _write(paragraph, f"{say('verdict')}{_colon(say)}", size=9)
    _write(paragraph, "{{ verdict_title }}", size=15, bold=True, han=_HAN_HEADING)
    _write(cell.add_paragraph(), "{{ verdict_note }}", size=8.5)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _facts(document: Document) -> None:
    """Write short facts two in a row and long ones below each other, in tables that join."""
    columns = [
        ("", "a.label", 27.0),
        ("", "a.text", 62.0),
        ("", "b.label", 27.0),
        ("", "b.text", 62.0),
    ]
    _loop(document, "a, b in fact_pairs", columns, headed=False, shaded=(0, 2))
    columns = [("", "fact.label", 27.0), ("", "fact.text", 151.0)]
    _loop(document, "fact in long_facts", columns, headed=False, shaded=(0,))


def _finding_columns(say: Say) -> list[Column]:
    names = {
        "layer": "layer",
        "rule": "rule",
        "relation": "relation",
        "area_m2": "area_column",
        "area_mu": "mu_column",
        "share": "share_column",
        "distance_m": "distance_column",
        "effect": "effect",
        "verdict": "conclusion",
    }
    columns = zip(names.items(), _FINDING_MM[say.lang], strict=True)
    return [(say(key), f"row.{name}", width) for (name, key), width in columns]


def _remarks(document: Document, say: Say) -> None:
    _line(document, "{%p if remarks %}")
    _heading(document, say("remarks"))
    _line(document, "{%p for remark in remarks %}")
    heading = document.add_paragraph()
    heading.paragraph_format.keep_with_next = True
    heading.paragraph_format.space_before = Pt(5)
    mark = "【{{ remark.verdict }}】" if say.lang == "zh" else "[{{ remark.verdict }}] "
    _write(heading, f"{{{{ loop.index }}}}. {mark}{{{{ remark.heading }}}}", size=9.5, bold=True)
    _line(document, "{%p for line in remark.lines %}")
    body = document.add_paragraph()
    body.paragraph_format.left_indent = Mm(6)
    body.paragraph_format.space_after = Pt(1)
    _write(body, "{{ line.label }}" + _colon(say), size=8.5, colour=_FAINT)
    _write(body, "{{ line.text }}", size=8.5)
    for _ in range(2):
        _line(document, "{%p endfor %}")
    _line(document, "{%p endif %}")


def _pictures(document: Document, say: Say) -> None:
    for title, picture in (("map", "map"), ("sketch", "sketch")):
        _heading(document, say(title))
        _write(_centre(document.add_paragraph()), f"{{{{ {picture} }}}}", size=9)
    _write(document.add_paragraph(), "{{ sketch_note }}", size=8, colour=_FAINT)
    _heading(document, "{{ boundary.title }}")
    widths = (12.5, 12.5, 23.5, 26.0, 14.5)
    names = ("point", "ring", "north_m", "east_m", "length_m")
    keys = ("point", "ring", "north_column", "east_column", "length_column")
    columns = [
        (say(key), f"{side}.{name}", width)
        for side in ("a", "b")
        for key, name, width in zip(keys, names, widths, strict=True)
    ]
    _loop(document, "a, b in boundary_pairs", columns)


def _parts(document: Document, say: Say) -> None:
    area: list[Column] = [
        (say("area_column"), "row.area_m2", 34.0),
        (say("mu_column"), "row.area_mu", 26.0),
        (say("share_column"), "row.share", 26.0),
    ]
    classes = [
        (say("class_code"), "row.code", 24.0),
        (say("class_title"), "row.title", 68.0),
        *area,
    ]
    units = [
        (say("unit_level"), "row.level", 26.0),
        (say("unit_code"), "row.code", 32.0),
        (say("unit_name"), "row.name", 34.0),
        *area,
    ]
    remedies = [(say("remedy"), "row.remedy", 68.0), (say("remedy_result"), "row.result", 110.0)]
    layers = [
        (say("layer"), "row.layer", 54.0),
        (say("as_of"), "row.as_of", 30.0),
        (say("scale"), "row.scale", 30.0),
        (say("snapshot"), "row.snapshot", 64.0),
    ]
    parts = (("composition", classes), ("units", units), ("remedies", remedies), ("layers", layers))
    for name, columns in parts:
        _line(document, f"{{%p if {name} %}}")
        _heading(document, f"{{{{ {name}.title }}}}")
        _loop(document, f"row in {name}.rows", columns)
        if name == "remedies":
            _write(document.add_paragraph(), say("remedy_note"), size=8, colour=_FAINT)
        _line(document, "{%p endif %}")


def _notes(document: Document, say: Say) -> None:
    _heading(document, say("notes"))
    _line(document, "{%p for note in notes %}")
    paragraph = document.add_paragraph()
    _write(paragraph, "{{ note.label }}" + _colon(say), size=8.5, bold=True)
    _write(paragraph, "{{ note.text }}", size=8.5)
    _line(document, "{%p endfor %}")


def _signatures(document: Document) -> None:
    document.add_paragraph()
    table = _grid(document, [_WIDTH_MM / 4] * 4)
    table.rows[0].height = Mm(20)
    for number, cell in enumerate(table.rows[0].cells):
        _write(cell.paragraphs[0], f"{{{{ signatures[{number}] }}}}", size=9)
    _write(document.add_paragraph(), "{{ made }}", size=7.5, colour=_FAINT)


def _foot(document: Document, say: Say) -> None:
    paragraph = _centre(document.sections[0].footer.paragraphs[0])
    _write(paragraph, f"{say('serial')}{_colon(say)}{{{{ serial_text }}}}　　", size=7.5)
    before, _, rest = say("page").partition("{page}")
    between, _, after = rest.partition("{pages}")
    _write(paragraph, before, size=7.5)
    _field(paragraph, "PAGE")
    _write(paragraph, between, size=7.5)
    _field(paragraph, "NUMPAGES")
    _write(paragraph, f"{after}　　", size=7.5)
    _write(paragraph, "{{ use }} {{ mark }}", size=7.5, colour=_RED)


def _loop(
    document: Document,
    each: str,
    columns: Sequence[Column],
    *,
    headed: bool = True,
    shaded: Sequence[int] = (),
) -> None:
    """Write a table whose middle row is repeated; rows with a tag alone vanish."""
    table = _grid(document, [width for _, _, width in columns], rows=4 if headed else 3)
    rows = list(table.rows)
    if headed:
        head = rows.pop(0)
        _repeat_on_each_page(head._tr)  # noqa: SLF001 (python-docx offers no other way)
        for cell, (title, _, _) in zip(head.cells, columns, strict=True):
            _shade(cell)
            _write(_centre(cell.paragraphs[0]), title, size=8, bold=True)
    begin, body, end = rows
    _write(begin.cells[0].paragraphs[0], f"{{%tr for {each} %}}", size=8)
    for number, (cell, (_, place, _)) in enumerate(zip(body.cells, columns, strict=True)):
        if number in shaded:
            _shade(cell)
        if place.partition(".")[2] in _NUMBERS:
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _write(cell.paragraphs[0], f"{{{{ {place} }}}}", size=8, bold=number in shaded)
    _write(end.cells[0].paragraphs[0], "{%tr endfor %}", size=8)


def _grid(document: Document, widths: Sequence[float], *, rows: int = 1) -> Table:
    table = _plain_table(document, widths, rows=rows)
    table.style = document.styles["Table Grid"]
    return table


def _plain_table(document: Document, widths: Sequence[float], *, rows: int = 1) -> Table:
    table: Table = document.add_table(rows=rows, cols=len(widths))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
            form = cell.paragraphs[0].paragraph_format
            form.space_before = form.space_after = Pt(_CELL_PT)
    return table


def _heading(document: Document, words: str) -> None:
    document.add_paragraph(words, style="Heading 2")


def _line(document: Document, tag: str) -> None:
    """Write a tag in a paragraph of its own, which vanishes when it is filled."""
    document.add_paragraph(tag)


def _write(
    paragraph: Paragraph,
    words: str,
    *,
    size: float,
    bold: bool = False,
    colour: RGBColor | None = None,
    han: str = "",
) -> None:
    run = paragraph.add_run(words)
    run.font.size, run.font.bold = Pt(size), bold or None
    if colour is not None:
        run.font.color.rgb = colour
    if han:
        run.font.name = _LATIN
        fonts = run._element.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001
        fonts.set(qn("w:eastAsia"), han)


def _centre(paragraph: Paragraph) -> Paragraph:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _shade(cell: _Cell) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001


def _repeat_on_each_page(row: object) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row.get_or_add_trPr().append(mark)  # type: ignore[attr-defined]


def _field(paragraph: Paragraph, name: str) -> None:
    """Write a number that Word keeps right."""
    run = paragraph.add_run()
    run.font.size = Pt(7.5)
    for kind, words in (("begin", ""), ("", name), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = words
        run._element.append(part)  # noqa: SLF001


def _colon(say: Say) -> str:
    return "：" if say.lang == "zh" else ": "


def main() -> None:
    """Write the templates of both languages."""
    TEMPLATES.mkdir(exist_ok=True)
    for lang in LANGS:
        (TEMPLATES / template_name(lang)).write_bytes(build_check_template(lang))


if __name__ == "__main__":
    main()
