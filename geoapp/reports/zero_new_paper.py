"""The statement that nothing new was built, as a Word document."""

import io
from collections.abc import Callable

import docx
from docx.oxml.ns import qn

from geoapp.cases.patch import read_verdicts
from geoapp.cases.zero_new import ZeroNewStatement
from geoapp.i18n import Lang, text


def write_zero_new(
    statement: ZeroNewStatement, lang: Lang, name_unit: Callable[[str], str]
) -> bytes:
    """Write the statement with the figures that it rests on.

    Args:
        statement: As computed; a refused one cannot come here.
        lang: Language.
        name_unit: Names a unit by its code.
    """

    def say(key: str, **facts: object) -> str:
        return text(lang, f"case_page.{key}", **facts)

    document = docx.Document()
    style = document.styles["Normal"]
    style.font.name = "Times New Roman"
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "FangSong")
    if statement.sample:
        document.add_paragraph(text(lang, "sample.banner"))
    document.add_heading(say("tab_statement"), level=1)
    head = "zero_yes" if statement.zero else "zero_no"
    document.add_paragraph(say(head, violations=statement.violations, cases=statement.cases))
    unit = name_unit(statement.unit) if statement.unit else say("whole_city")
    titles: dict[str, str] = {one.id: one.title[lang] for one in read_verdicts().verdict}
    rows = [
        (say("filter_unit"), unit),
        (say("zero_window"), f"{statement.first} – {statement.last}"),
        (say("zero_batches"), ", ".join(batch.name for batch in statement.batches)),
        *(
            (say(f"zero_{key}"), str(getattr(statement, key)))
            for key in ("reviewed", "violations", "cases", "open_cases")
        ),
        *((titles.get(key, key), str(count)) for key, count in statement.by_verdict.items()),
        (say("zero_made"), f"{statement.made_by}, {statement.made_at[:16].replace('T', ' ')} UTC"),
        (say("zero_hash"), statement.head),
    ]
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for label, words in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, words
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
