"""One case: what it is, what happened, what may happen next."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.cases.case import Case
from geoapp.cases.constraint import ScorePart
from geoapp.cases.deadline import Deadline
from geoapp.cases.event import Event
from geoapp.ui.answers import draw_case_answers
from geoapp.ui.case_edit import draw_edit
from geoapp.ui.case_evidence import draw_evidence
from geoapp.ui.case_map import draw_footprint
from geoapp.ui.case_moves import draw_moves
from geoapp.ui.case_past import draw_past_steps
from geoapp.ui.case_state import leave_case, open_case
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say


def draw_case(workspace: Workspace, number: str) -> None:
    """Draw a case."""
    st.button(
        say("case_page.back"), icon=":material/arrow_back:", on_click=leave_case, type="tertiary"
    )
    case = workspace.cases.register.show(int(number) if number.isdigit() else number)
    events = workspace.cases.register.events(case.id)
    _draw_head(workspace, case)
    with st.container():
        _draw_alerts(workspace, case, events)
    left, right = st.columns([3, 2], gap="medium")
    # Each part in a box of its own: what is unfolded in one stays so when another one grows.
    with left:
        _box(draw_moves, workspace, case)
        _box(draw_past_steps, workspace, case)
        _box(draw_footprint, workspace, case)
        _box(draw_evidence, workspace, case)
        _draw_timeline(workspace, case, events)
    with right:
        _box(_draw_deadlines, workspace, case)
        _box(draw_case_answers, workspace, case)
        _box(_draw_context, workspace, case)
        _box(_draw_imagery, workspace, case)
        _box(draw_edit, workspace, case)


def _box(draw: Callable[[Workspace, Case], None], workspace: Workspace, case: Case) -> None:
    with st.container():
        draw(workspace, case)


def _draw_head(workspace: Workspace, case: Case) -> None:
    lang = current_lang()
    units = (case.units.district, case.units.township, case.units.village)
    place = " · ".join(workspace.name_unit(code, lang) for code in units if code)
    st.markdown(f"#### {plain(case.case_no)} :blue-badge[{say(f'case.stage_{case.stage}')}]")
    track = say(f"case_page.track_{case.track}")
    facts = [place, track, say(f"case.owner_{case.owner_kind}"), case.cause]
    people = [case.office, case.inspector]
    found = say("case_page.found_by", day=case.found_on, source=say(f"case.source_{case.source}"))
    st.caption(" · ".join(plain(fact) for fact in [*facts, *people, found] if fact))
    left, done = case.remaining, case.demolished
    with st.container(horizontal=True, gap="small"):
        _metric("case.households", case.registered.households, done.households, left.households)
        _metric(
            "case_page.land_m2",
            case.registered.land_area_m2,
            done.land_area_m2,
            left.land_area_m2,
        )
        _metric(
            "case_page.floor_m2",
            case.registered.floor_area_m2,
            done.floor_area_m2,
            left.floor_area_m2,
        )
    st.caption(say("case_page.never_added"))


def _metric(
    key: str, whole: Decimal | int | None, done: Decimal | int, left: Decimal | int | None
) -> None:
    unknown = say("case_page.unknown")
    st.metric(
        say(key),
        unknown if whole is None else f"{whole:,}",
        delta=say(
            "case_page.done_left",
            done=f"{done:,}",
            left=unknown if left is None else f"{left:,}",
        ),
        delta_color="off",
        delta_arrow="off",
        border=True,
        width="content",
    )


def _draw_alerts(workspace: Workspace, case: Case, events: Sequence[Event]) -> None:
    """Say what makes the case doubtful; the other case is one click away."""
    if case.previous is not None:
        old = workspace.cases.register.show(case.previous)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(say("case_page.rebuilt", case=old.case_no), icon=":material/domain_add:")
            st.button(
                say("case_page.open", case=old.case_no), on_click=open_case, args=(old.case_no,)
            )
    today = workspace.cases.office.today
    if case.due_on is not None and case.due_on < today:
        days = (today - case.due_on).days
        st.warning(say("case_page.late", day=case.due_on, days=days), icon=":material/alarm:")
    for doubt in (doubt for event in events for doubt in event.facts.get("doubts", ())):
        if doubt["kind"] != "rebuilt":
            st.warning(
                say(
                    f"case_page.doubt_{doubt['kind']}",
                    case=doubt["case_no"],
                    shared_m2=f"{float(doubt['shared_m2']):.2f}",
                ),
                icon=":material/content_copy:",
            )
    if case.permit:
        st.info(
            say("case_page.permit_named", permit=plain(case.permit)), icon=":material/verified:"
        )
    for cover in workspace.cases.permits.covers(case.id):
        st.info(
            say(
                "case_page.permit_covers",
                permit=plain(cover.permit.reference),
                share=f"{cover.share * 100:.1f}",
            ),
            icon=":material/verified:",
        )


def _draw_deadlines(workspace: Workspace, case: Case) -> None:
    deadlines = workspace.cases.register.deadlines(case.id)
    if not deadlines:
        return
    st.markdown(f"**{say('case_page.deadlines')}**")
    today = workspace.cases.office.today
    for one in deadlines:
        st.markdown(_word_deadline(one, late=one.overdue(today)))


def _word_deadline(one: Deadline, *, late: bool) -> str:
    lang = current_lang()
    state = "ended" if not one.running else "late" if late else one.clock.kind
    line = say(
        f"case_page.deadline_{state}",
        clock=plain(one.clock.title[lang]),
        day=one.due_on,
        ended=one.ended_on or "-",
    )
    basis = f"{plain(one.clock.law[lang])} {plain(one.clock.article)}".strip()
    marks = [basis]
    if not one.certain:
        marks.append(say("case_page.uncertain", years=", ".join(map(str, one.unknown_years))))
    if one.clock.confidence == "M":
        marks.append(say("case_page.to_confirm"))
    return f"- {line}  \n  :small[:gray[{' · '.join(marks)}]]"


def _draw_context(workspace: Workspace, case: Case) -> None:
    """Draw what the footprint has of the control layers, and how urgent that makes it."""
    assessed = workspace.cases.register.assess(case.id)
    st.markdown(f"**{say('case_page.context')}**")
    if assessed is None:
        st.caption(say("case_page.context_none"))
        return
    context, score = assessed
    lang = current_lang()
    for overlap in context.overlaps:
        title = workspace.library.require(overlap.layer).title[lang]
        if overlap.area_m2 is None:
            st.markdown(f"- {title}: :orange[{say('coverage.no_data')}]")
        elif overlap.area_m2 > 0:
            st.markdown(f"- {title}: **{overlap.area_m2:,.2f} m²**")
    if not any(overlap.area_m2 for overlap in context.overlaps):
        st.caption(say("case_page.context_clear"))
    with st.expander(say("case_page.priority", points=f"{score.points:.1f}")):
        for part in score.parts:
            st.markdown(f"- {_word_part(part)}: **+{part.points:g}**")
        if not score.parts:
            st.caption(say("case_page.priority_none"))


def _word_part(part: ScorePart) -> str:
    title = plain(part.title[current_lang()]) if part.title else ""
    if part.key in {"unknown", "large", "old"}:
        measure = "-" if part.measure is None else f"{part.measure:,.0f}"
        return say(f"case_page.priority_{part.key}", title=title, measure=measure)
    return f"{title} ({part.measure or 0.0:,.2f} m²)"


def _draw_imagery(workspace: Workspace, case: Case) -> None:
    with st.expander(say("case_page.imagery"), icon=":material/satellite_alt:"):
        if not st.button(say("case_page.compare"), key=f"compare-{case.id}"):
            return
        found = workspace.cases.compare_images(case.id)
        if found is None:
            st.caption(say("case_page.images_missing"))
            return
        st.markdown(f"**{say(f'case_page.image_{found.answer}')}**")
        change = say("case_page.unknown") if found.change is None else f"{found.change:.2f}"
        st.caption(
            say("case_page.image_measure", why=say(f"case_page.why_{found.why}"), change=change,
                pixels=f"{found.pixels:.0f}", pixel_m=f"{found.pixel_m:.2f}")
        )  # fmt: skip


def _draw_timeline(workspace: Workspace, case: Case, events: Sequence[Event]) -> None:
    """Draw the history, newest first: who did what, why, with which document."""
    papers = {paper.event: paper for paper in workspace.cases.mover.documents(case.id)}
    st.markdown(f"**{say('case_page.timeline')}**")
    for event in reversed(events):
        with st.container(border=True):
            title, detail = _word_event(workspace, case, event)
            st.markdown(f"**{event.on}** · {title}  \n{detail}")
            st.caption(
                say(
                    "case_page.entered",
                    actor=plain(event.actor),
                    at=event.at[:16].replace("T", " "),
                )
            )
            paper = papers.get(event.seq)
            if paper is not None:
                st.download_button(
                    paper.number,
                    data=partial(workspace.cases.mover.read_document, paper),
                    file_name=paper.name,
                    mime=paper.media,
                    icon=":material/description:",
                    on_click="ignore",
                    key=f"paper-{paper.id}",
                    type="tertiary",
                )


def _word_event(workspace: Workspace, case: Case, event: Event) -> tuple[str, str]:
    lang = current_lang()
    title = say(f"case.event_{event.kind}")
    if event.move:
        moves = {move.id: move for move in workspace.cases.office.track(case.track).moves}
        title = moves[event.move].title[lang] if event.move in moves else event.move
    if event.from_stage and event.to_stage and event.from_stage != event.to_stage:
        before, after = say(f"case.stage_{event.from_stage}"), say(f"case.stage_{event.to_stage}")
        title += f" ({before} → {after})"
    parts = [plain(event.reason)] if event.reason else []
    if event.mode:
        parts.append(
            say(
                "case_page.torn",
                mode=say(f"case.mode_{event.mode}"),
                households=event.amounts.households,
                land=event.amounts.land_area_m2,
                floor=event.amounts.floor_area_m2,
            )
        )
    if event.document:
        name = say(f"case.document_{event.document_kind}")
        parts.append(plain(f"{name} {event.document}"))
    changed = [key for key, value in event.facts.items() if isinstance(value, list | tuple)]
    if event.kind == "edited":
        parts += [_word_change(key, event.facts[key]) for key in changed]
    return title, "  \n".join(parts)


def _word_change(key: str, pair: Sequence[object]) -> str:
    title = say(f"case_page.changed_{key}")
    if key == "footprint":
        return title
    before, after = (plain("–" if value in {None, ""} else value) for value in pair)
    return f"{title}: {before} → {after}"
