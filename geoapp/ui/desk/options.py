"""What a person states about data before it is checked: day, coverage, scale, and how strict."""

from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.importers.request import OnProblem
from geoapp.ui.desk.source import ChosenSource
from geoapp.ui.session import current_lang, say

_SCALES: Final = (0, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000)
_FIRST_DAY: Final = date(1949, 10, 1)
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Statements:
    """What was stated; ``as_of`` is ``None`` until a day is chosen."""

    as_of: date | None
    covers: tuple[str, ...]
    scale: int
    on_problem: OnProblem
    repair: bool


def state_options(workspace: Workspace, source: ChosenSource) -> Statements:
    """Draw what must or may be stated about the data."""
    lang = current_lang()
    left, middle, right = st.columns([3, 5, 3], gap="medium")
    as_of = left.date_input(
        f"{say('data.as_of')} *",
        value=None,
        min_value=_FIRST_DAY,
        max_value=date.today(),  # noqa: DTZ011  an office's calendar day
        format="YYYY-MM-DD",
        help=say("desk.as_of_help"),
        key=f"desk-as-of-{source.key}",
    )
    districts = [name.code for name in workspace.unit_names if name.level == "district"]
    covers = middle.multiselect(
        say("desk.covers"),
        [_ALL, *districts],
        format_func=lambda code: (
            say("data.all_districts") if code == _ALL else workspace.name_unit(code, lang)
        ),
        placeholder=say("desk.covers_none"),
        help=say("desk.covers_help"),
        key=f"desk-covers-{source.key}",
    )
    scale = right.selectbox(
        say("data.scale"),
        list(_SCALES),
        format_func=lambda value: f"1:{value:,}" if value else say("desk.scale_unknown"),
        help=say("desk.scale_help"),
        key=f"desk-scale-{source.key}",
    )
    strict, mended = st.columns([8, 3], gap="medium")
    on_problem: OnProblem = strict.radio(
        say("desk.on_problem"),
        list(get_args(OnProblem)),
        format_func=lambda name: say(f"desk.on_problem_{name}"),
        captions=[say(f"desk.on_problem_{name}_note") for name in get_args(OnProblem)],
        key=f"desk-on-problem-{source.key}",
    )
    repair = mended.toggle(
        say("desk.repair"),
        value=True,
        help=say("desk.repair_help"),
        key=f"desk-repair-{source.key}",
    )
    return Statements(as_of, tuple(covers), scale, on_problem, repair)
