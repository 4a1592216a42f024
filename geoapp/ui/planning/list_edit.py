"""Entering, changing and taking off single entries of the planner's lists."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.errors import InputError
from geoapp.planning.ledger import Written
from geoapp.planning.plan import LEVELS, STATUSES, Plan
from geoapp.planning.quantity import UNITS, dimension_of
from geoapp.planning.storage_ledger import Entry
from geoapp.planning.target import Target, read_indicators
from geoapp.planning.tracker import Item, TrackerDefinition
from geoapp.ui.case_state import attempt
from geoapp.ui.plain import plain
from geoapp.ui.planning.list_files import word_written
from geoapp.ui.session import current_lang, say

_NEW: Final = ""
_FIRST_DAY: Final = date(1950, 1, 1)
_LAST_DAY: Final = date(2200, 12, 31)


def edit_target(workspace: Workspace) -> None:
    """Draw the form of a target."""
    entries = {entry.key: entry for entry in workspace.targets.entries()}
    entry = _choose(entries, "target", lambda one: _word_target(workspace, one))
    held = Target.model_validate(entry.content) if entry else None
    indicators, lang = read_indicators(), current_lang()
    name = _select("indicator", list(indicators), held and held.indicator,
                       lambda one: indicators[one].title[lang], frozen=entry)  # fmt: skip
    with st.form(_form("target", entry) + name):
        code = _choose_unit(workspace, held.unit_code if held else "", frozen=entry)
        value = st.text_input(say("planning_page.value"), value=str(held.value) if held else "")
        offered = [u for u in UNITS if dimension_of(u) == dimension_of(indicators[name].unit)]
        unit = _select("measure", offered, held and held.unit, lambda u: say(f"quantity.unit_{u}"))
        document = st.text_input(say("planning_page.document"), value=held.document if held else "")
        dated = _day("dated", held.dated if held else None)
        due = _day("due", held.due if held else None, frozen=entry)
        note = st.text_input(say("planning_page.note"), value=held.note if held else "")
        reason = st.text_input(say("planning_page.reason"))
        save, remove = _buttons(entry)
    seen = _seen("target", entry)
    if save:
        _act("target", lambda: workspace.targets.enter(
            Target(indicator=name, unit_code=code, value=_number(value), unit=unit,
                   document=document, dated=dated, due=due, note=note),
            seen=seen, reason=reason,
        ))  # fmt: skip
    if remove and entry:
        _act("target", lambda: workspace.targets.remove(entry.key, seen, reason=reason))
    _draw_history(workspace.targets.history(entry.key) if entry else ())


def edit_item(workspace: Workspace, tracker: TrackerDefinition) -> None:
    """Draw the form of an item of a tracker."""
    desk = workspace.trackers
    entries = {one.entry.key: one.entry for one in desk.show(tracker.id).items}
    entry = _choose(entries, f"item-{tracker.id}", lambda one: f"{one.key} {one.content['name']}")
    held = Item.model_validate(entry.content) if entry else None
    with st.form(_form(f"item-{tracker.id}", entry)):
        number = st.text_input(say("planning_page.number"), value=held.number if held else "",
                               disabled=entry is not None)  # fmt: skip
        name = st.text_input(say("planning_page.item_name"), value=held.name if held else "")
        code = _choose_unit(workspace, held.unit_code if held else "")
        stage, total, done = _progress(tracker, held)
        due = _day("due", held.due_on if held else None)
        done_on = _day("done_on", held.done_on if held else None)
        office = st.text_input(say("planning_page.office"), value=held.office if held else "")
        note = st.text_input(say("planning_page.note"), value=held.note if held else "")
        reason = st.text_input(say("planning_page.reason"))
        save, remove = _buttons(entry)
    seen = _seen(f"item-{tracker.id}", entry)

    def write() -> Written:
        kept = held.model_dump() if held else {}
        known = tracker.find_stage(stage)
        item = Item.model_validate(kept | {
            "number": number.strip(), "name": name, "unit_code": code, "stage": stage,
            "total": _number(total),
            "done": Decimal(bool(known and known.done)) if tracker.counts == "items"
            else _number(done),
            "due_on": due, "done_on": done_on, "office": office, "note": note,
        })  # fmt: skip
        return desk.enter(tracker.id, item, seen=seen, reason=reason)

    if save:
        _act(f"item-{tracker.id}", write)
    if remove and entry:
        _act(f"item-{tracker.id}", lambda: desk.remove(tracker.id, entry.key, seen, reason=reason))
    _draw_history(desk.history(tracker.id, entry.key) if entry else ())


def edit_plan(workspace: Workspace) -> None:
    """Draw the form of a plan."""
    entries = {entry.key: entry for entry in workspace.plans.entries()}
    entry = _choose(entries, "plan", lambda one: str(one.content["title"]))
    held = Plan.model_validate(entry.content) if entry else None
    units = {unit.code: workspace.name_unit(unit.code, current_lang())
             for unit in workspace.unit_names}  # fmt: skip
    units = {workspace.city.code: workspace.city.name[current_lang()]} | units
    with st.form(_form("plan", entry)):
        number = st.text_input(say("planning_page.number"), value=held.number if held else "",
                               disabled=entry is not None)  # fmt: skip
        title = st.text_input(say("planning_page.plan_title"), value=held.title if held else "")
        level = _select("plan_level", list(LEVELS), held and held.level,
                        lambda one: say(f"plan.level_{one}"))  # fmt: skip
        codes = st.multiselect(say("planning_page.units"), list(units),
                               default=list(held.unit_codes) if held else [],
                               format_func=lambda code: f"{units[code]} {code}")  # fmt: skip
        status = _select("status", list(STATUSES), held and held.status,
                         lambda one: say(f"plan.status_{one}"))  # fmt: skip
        approved = _day("approved_on", held.approved_on if held else None)
        document = st.text_input(say("planning_page.document"), value=held.document if held else "")
        note = st.text_input(say("planning_page.note"), value=held.note if held else "")
        reason = st.text_input(say("planning_page.reason"))
        save, remove = _buttons(entry)
    seen = _seen("plan", entry)
    if save:
        _act("plan", lambda: workspace.plans.enter(
            Plan(number=number.strip(), title=title, level=level, unit_codes=tuple(codes),
                 status=status, approved_on=approved, document=document, note=note),
            seen=seen, reason=reason,
        ))  # fmt: skip
    if remove and entry:
        _act("plan", lambda: workspace.plans.remove(entry.key, seen, reason=reason))
    _draw_history(workspace.plans.history(entry.key) if entry else ())


def _progress(tracker: TrackerDefinition, held: Item | None) -> tuple[str, str, str]:
    """Draw how far an item is: by its stage, or by numbers."""
    if tracker.counts == "items":
        stages = {stage.id: stage.title[current_lang()] for stage in tracker.stages}
        stage = _select("stage", list(stages), held and held.stage, lambda one: stages[one])
        return stage, "1", "0"
    total = st.text_input(say("planning_page.total"), value=str(held.total) if held else "")
    done = st.text_input(say("planning_page.done"), value=str(held.done) if held else "0")
    return "", total, done


def _choose(entries: Mapping[str, Entry], key: str, word: Callable[[Entry], str]) -> Entry | None:
    chosen = st.selectbox(
        say("planning_page.entry"),
        [_NEW, *entries],
        format_func=lambda one: word(entries[one]) if one else say("planning_page.new_entry"),
        key=f"{key}-entry",
    )
    return entries.get(chosen)


def _seen(key: str, entry: Entry | None) -> int:
    """Give the version that stood in the form when it was first drawn, not the one by now."""
    now = (entry.key, entry.version) if entry else (_NEW, 0)
    slot = f"{key}-seen"
    held: tuple[str, int] = st.session_state.setdefault(slot, now)
    if held[0] != now[0]:
        held = st.session_state[slot] = now
    return held[1]


def _form(key: str, entry: Entry | None) -> str:
    """Name a form, so that another entry, or another version of it, begins with its own values."""
    return f"{key}-form-{entry.key if entry else ''}-{_seen(key, entry)}"


def _select(
    name: str, offered: Sequence[Any], held: Any, word: Callable[[Any], str],
    *, frozen: Entry | None = None,
) -> Any:  # fmt: skip
    place = list(offered).index(held) if held in offered else 0
    return st.selectbox(say(f"planning_page.{name}"), offered, index=place, format_func=word,
                        disabled=frozen is not None)  # fmt: skip


def _choose_unit(workspace: Workspace, held: str, *, frozen: Entry | None = None) -> str:
    lang = current_lang()
    names = {workspace.city.code: workspace.city.name[lang]}
    names |= {unit.code: workspace.name_unit(unit.code, lang) for unit in workspace.unit_names}
    return str(_select("unit", list(names), held, lambda code: f"{names[code]} {code}",
                       frozen=frozen))  # fmt: skip


def _day(name: str, held: date | None, *, frozen: Entry | None = None) -> date | None:
    found = st.date_input(say(f"planning_page.{name}"), value=held, min_value=_FIRST_DAY,
                          max_value=_LAST_DAY, disabled=frozen is not None,
                          format="YYYY-MM-DD")  # fmt: skip
    return found if isinstance(found, date) else None


def _buttons(entry: Entry | None) -> tuple[bool, bool]:
    with st.container(horizontal=True):
        save = st.form_submit_button(say("planning_page.save"), type="primary")
        remove = st.form_submit_button(say("planning_page.take_off"), disabled=entry is None)
    return save, remove


def _number(written: str) -> Decimal:
    try:
        found = Decimal(written.replace(",", "").replace("，", "").strip())
    except InvalidOperation as error:
        raise InputError("planning-number-wrong", value=written[:40]) from error
    if not found.is_finite():
        raise InputError("planning-number-wrong", value=written[:40])
    return found


def _act(key: str, write: Callable[[], Written | None]) -> None:
    """Do it with the version that was on the screen, and draw the page anew."""

    def act() -> str:
        written = write()
        return word_written(written) if written else say("planning_page.taken_off")

    attempt(act)
    st.session_state.pop(f"{key}-seen", None)  # what stands there now is drawn anew
    st.rerun()


def _draw_history(entries: Sequence[Entry]) -> None:
    if not entries:
        return
    st.caption(say("planning_page.history"))
    for one in entries:
        state = say("planning_page.was_removed" if one.removed else "planning_page.was_written")
        words = say(
            "planning_page.version",
            version=one.version,
            at=one.at[:16].replace("T", " "),
            actor=one.actor,
            state=state,
            reason=one.reason,
        )
        st.markdown(f"- {plain(words)}")


def _word_target(workspace: Workspace, entry: Entry) -> str:
    target, lang = Target.model_validate(entry.content), current_lang()
    title = read_indicators()[target.indicator].title[lang]
    return " · ".join(filter(None, (
        title, workspace.name_unit(target.unit_code, lang), str(target.due or ""),
    )))  # fmt: skip
