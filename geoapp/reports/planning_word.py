"""A reconciled report and an official paragraph as Word documents."""

from dataclasses import replace

from geoapp.planning.reconciling import ReconciledReport
from geoapp.reports.content import Column, Table, Wording
from geoapp.reports.reconcile_content import (
    count_lines,
    report_table,
    word_computed,
    word_doubts,
    word_gap,
    word_reported,
    word_source,
    word_state,
)
from geoapp.reports.table_word import WordPart, to_docx
from geoapp.reports.traced import Prose

_WIDTHS = (0.05, 0.13, 0.2, 0.1, 0.1, 0.1, 0.07, 0.25)


def write_report_word(result: ReconciledReport, wording: Wording) -> bytes:
    """Write the comparison of a report for printing, on A4 lying on its long side."""
    say = wording.say
    whole = report_table(result, wording)
    keys = ("item", "title", "quote", "reported", "computed", "gap", "state", "doubt")
    rows = []
    for item in result.items:
        words = "\n".join(
            say("reconcile.quoted", quote=quote.text, line=quote.line) for quote in item.item.quotes
        )
        for place, figure in enumerate(item.figures):
            because = [word_doubts(figure, wording), word_source(figure, wording)]
            rows.append(
                (
                    item.item.id,
                    figure.figure.title[wording.lang],
                    words if place == 0 else say("reconcile.ditto"),
                    word_reported(figure, wording),
                    word_computed(figure, wording),
                    word_gap(figure, wording),
                    word_state(figure, wording),
                    "\n".join(part for part in because if part),
                )
            )
    columns = tuple(Column(key, say(f"reconcile.{key}"), "text") for key in keys)
    table = Table(whole.title, columns, tuple(rows), count_lines(result, wording), (), "")
    parts = [WordPart(table=replace(table, notes=()), widths=_WIDTHS)]
    return to_docx(
        whole.title, parts, whole.notes, banner=whole.banner, lang=wording.lang, wide=True
    )


def write_prose_word(prose: Prose, wording: Wording) -> bytes:
    """Write a paragraph with its footnotes."""
    notes = [
        (wording.say("prose.notes_label"), ""),
        *((f"[{place}]", note) for place, note in enumerate(prose.notes, start=1)),
        (wording.say("notes.method_label"), wording.say("notes.method")),
        (wording.say("notes.rounding_label"), wording.say("notes.rounding")),
        (wording.say("notes.made_label"), wording.now.strftime("%Y-%m-%d %H:%M")),
    ]
    parts = [WordPart(paragraph=prose.text)]
    return to_docx(prose.title, parts, notes, banner=prose.banner, lang=wording.lang)
