"""The answer on the page: verdict first, then reasons, figures and ways out."""

from dataclasses import replace
from typing import Final, Literal

import pandas as pd
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.finding import Verdict
from geoapp.compliance.result import CorridorResult, ParcelResult
from geoapp.reports.check_document import CheckDocument, Remark, word_rows
from geoapp.reports.check_findings import Say
from geoapp.reports.content import Column, Table
from geoapp.ui.check_map import COLOURS
from geoapp.ui.check_state import Answer, Held, hold
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows
from geoapp.values import METRE_DECIMALS, AreaUnit, convert_area, round_half_up

# Signs tell the verdicts apart without their colours.
SIGNS: Final[dict[Verdict, str]] = {
    "prohibited": ":material/cancel:",
    "restricted": ":material/warning:",
    "to_verify": ":material/help:",
    "no_conflict_found": ":material/radio_button_unchecked:",
}
_MOST_ROWS_OPEN: Final = 14
_SEEN_FIRST: Final = frozenset({"layer", "relation", "verdict"})
_HEIGHT_PX: Final = 520
_TONES: Final[dict[Verdict, str]] = {
    "prohibited": "red",
    "restricted": "orange",
    "to_verify": "violet",
    "no_conflict_found": "green",
}


def draw_verdict(verdict: Verdict, note: str) -> None:
    """Draw the conclusion as a banner: sign, words and colour."""
    boxes = {
        "prohibited": st.error,
        "restricted": st.warning,
        "to_verify": st.info,
        "no_conflict_found": st.success,
    }
    title = say(f"check_sheet.verdict_{verdict}")
    boxes[verdict](f"**{title}**  \n{note}", icon=SIGNS[verdict])


def draw_key_figures(parcel: ParcelResult) -> None:
    """Draw the area and what of it is prohibited or restricted."""
    with st.container(horizontal=True, gap="medium"):
        m2 = f"{convert_area(parcel.area_m2, AreaUnit.M2):,}"
        mu = f"{convert_area(parcel.area_m2, AreaUnit.MU):,}"
        st.metric(say("check_page.area"), m2, width="content")
        st.metric(say("check_page.area_mu"), mu, width="content")
        if parcel.difference_m2 is not None:
            difference = f"{round_half_up(parcel.difference_m2, 2):+,}"
            st.metric(say("check_page.difference"), difference, width="content")


def draw_remarks(document: CheckDocument) -> None:
    """Draw what somebody must act on, worst first, each with law and office."""
    if not document.remarks:
        return
    st.markdown(f"**{say('check_sheet.remarks')}**")
    for number, remark in enumerate(document.remarks, start=1):
        _draw_remark(remark, opened=number == 1)


def draw_tables(document: CheckDocument) -> None:
    """Draw the tables of the sheet, those that are asked for."""
    tables: dict[str, Table] = {document.findings.title: _conclusions_first(document.findings)}
    parts = (document.composition, document.units, document.boundary, document.layers)
    tables |= {part.title: part for part in parts if part is not None}
    for tab, table in zip(st.tabs(list(tables)), tables.values(), strict=True):
        with tab:
            draw_words(table)
    with st.expander(say("check_sheet.notes")):
        for label, words in (*document.facts, *document.notes):
            named = say("page.labelled", label=f"**{label}**", value=plain(words))
            st.markdown(f"- {named}")


def _conclusions_first(table: Table) -> Table:
    """Put what a phone must show without scrolling beside the layer."""
    order = sorted(
        range(len(table.columns)), key=lambda at: table.columns[at].key not in _SEEN_FIRST
    )
    return replace(
        table,
        columns=tuple(table.columns[at] for at in order),
        rows=tuple(tuple(row[at] for at in order) for row in table.rows),
    )


def draw_words(table: Table) -> None:
    """Draw a table as the sheet prints it: some cells of number columns are words."""
    columns = {
        column.title or column.key: [row[place] for row in word_rows(table)]
        for place, column in enumerate(table.columns)
    }
    config = {
        column.title: st.column_config.TextColumn(alignment="right")
        for column in table.columns
        if column.kind != "text"
    }
    height: int | Literal["content"] = (
        _HEIGHT_PX if len(table.rows) > _MOST_ROWS_OPEN else "content"
    )
    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        width="stretch",
        height=height,
        column_config=config,
    )


def draw_remedies(document: CheckDocument, parcel: ParcelResult, held: Held) -> None:
    """Draw the ways out of prohibitions; one can be taken on as the parcel to look at."""
    remedy = parcel.remedy
    if document.remedies is None or remedy is None or parcel.verdict != "prohibited":
        return
    st.markdown(f"**{document.remedies.title}**")
    for label, words in document.remedies.rows:
        st.markdown(f"- {say('page.labelled', label=label, value=f'**{plain(words)}**')}")
    with st.container(horizontal=True):
        shifted = remedy.shift.geometry if remedy.shift is not None else None
        ways = (("rest", remedy.rest), ("shift", shifted))
        for name, geometry in ways:
            if geometry is None:
                continue
            st.button(
                say(f"check_page.take_{name}"),
                key=f"check_take_{name}",
                icon=":material/south_east:",
                on_click=hold,
                args=(Held(geometry, say(f"check_page.name_{name}", name=held.name), held.id),),
            )
    st.caption(say("check_sheet.remedy_note"))


def draw_corridor(workspace: Workspace, corridor: CorridorResult) -> None:
    """Draw the chainage table of a line."""
    say_sheet = Say(current_lang())
    titles = {f.rule: f for f in corridor.check.parcels[0].findings}
    st.markdown(f"**{say('check_page.chainage')}**")
    facts = {
        "length": f"{round_half_up(corridor.length_m, METRE_DECIMALS):,}",
        "true": f"{round_half_up(corridor.true_length_m, METRE_DECIMALS):,}",
        "width": f"{corridor.width_m:g}",
    }
    st.caption(say("check_page.chainage_note", **facts))
    columns = (
        Column("begin", say("check_page.chainage_begin"), "text"),
        Column("end", say("check_page.chainage_end"), "text"),
        Column("length", say("check_page.chainage_length"), "number", METRE_DECIMALS),
        Column("layer", say_sheet("layer"), "text"),
        Column("rule", say_sheet("rule"), "text"),
    )
    lang = current_lang()
    rows = [
        (
            word_chainage(stretch.begin_m),
            word_chainage(stretch.end_m),
            round_half_up(stretch.length_m, METRE_DECIMALS),
            workspace.library.require(stretch.layer).title[lang],
            titles[stretch.rule].title[lang] if stretch.rule in titles else stretch.rule,
        )
        for stretch in corridor.stretches
    ]
    if rows:
        show_rows(columns, rows)
    else:
        st.caption(say("check_page.chainage_none"))


def word_chainage(metres: float) -> str:
    """Write a chainage as engineers do.

    >>> word_chainage(1234.5)
    'K1+234.50'
    """
    rounded = round_half_up(metres, METRE_DECIMALS)
    kilometres, rest = divmod(rounded, 1000)
    return f"K{int(kilometres)}+{rest:06.2f}"


def word_status(answer: Answer) -> str:
    """Say whether the answer is stored."""
    if not answer.stored:
        return say("check_page.not_stored")
    return say("check_page.stored", serial=answer.result.serial)


def _draw_remark(remark: Remark, *, opened: bool) -> None:
    tone = _TONES[remark.verdict]
    short = say(f"check_sheet.short_{remark.verdict}")
    heading = f":{tone}[{SIGNS[remark.verdict]} **{short}**] {plain(remark.heading)}"
    with st.expander(heading, expanded=opened):
        lines = [
            say("page.labelled", label=f":gray[{label}]", value=plain(words))
            for label, words in remark.lines
        ]
        st.markdown("  \n".join(lines))


assert COLOURS.keys() == SIGNS.keys() == _TONES.keys()  # noqa: S101  one of each for every verdict
