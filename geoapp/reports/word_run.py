"""Words in a Word document, in the size and typeface of the paragraph they stand in."""

from typing import Final

from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph

LATIN: Final = "Times New Roman"


def write_run(
    paragraph: Paragraph,
    words: str,
    *,
    size: float,
    han: str = "",
    bold: bool = False,
    colour: RGBColor | None = None,
) -> None:
    """Add words to a paragraph.

    Args:
        paragraph: Where.
        words: What.
        size: Points.
        han: Typeface of Chinese characters; by default that of the style.
        bold: Whether they stand out.
        colour: By default that of the style.
    """
    run = paragraph.add_run(words)
    run.font.size, run.font.bold = Pt(size), bold or None
    if colour is not None:
        run.font.color.rgb = colour
    if han:
        run.font.name = LATIN
        fonts = run._element.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001
        fonts.set(qn("w:eastAsia"), han)
