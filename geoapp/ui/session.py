"""What one browser session has chosen: language, unit of area; and the workspace it looks at."""

from datetime import datetime
from typing import Final, Literal

import streamlit as st

from geoapp.bootstrap import Workspace, shared_workspace
from geoapp.i18n import LANGS, Lang, require_lang, text
from geoapp.reports.content import Wording
from geoapp.settings import read_settings
from geoapp.ui.visitor import find_principal
from geoapp.values import AreaUnit

_LANG: Final = "lang"
_UNIT: Final = "area_unit"
_NAMES: Final[dict[Lang, str]] = {"zh": "中文", "en": "English"}  # each in its own words


def open_workspace() -> Workspace:
    """Give the workspace as whoever looks at the page may see it, asked anew on every run.

    Raises:
        AccessError: The session under which the page was opened is over.
        NotFoundError: There is no workspace.
    """
    return shared_workspace(find_principal())


def current_lang() -> Lang:
    """Give the language of this session: chosen, in the address, or of the settings."""
    chosen = st.session_state.get(_LANG) or st.query_params.get(_LANG) or read_settings().lang
    return require_lang(chosen) if chosen in LANGS else "zh"


def say(key: str, /, **facts: object) -> str:
    """Word a key in the session's language."""
    return text(current_lang(), key, **facts)


def choose_lang() -> Lang:
    """Draw the language switch."""
    lang = current_lang()
    st.segmented_control(
        say("app.language"),
        LANGS,
        default=lang,
        key=_LANG,
        format_func=lambda value: _NAMES[value],
        label_visibility="collapsed",
        required=True,
        on_change=_keep_lang,
    )
    return current_lang()


def _keep_lang() -> None:
    """Write the choice into the address, so that it survives a reload and a copied link."""
    st.query_params[_LANG] = st.session_state[_LANG]


def choose_unit(width: int | Literal["stretch"] = "stretch") -> AreaUnit:
    """Draw the choice of the unit of area; it is kept from page to page."""
    kept = chosen_unit()
    units = list(AreaUnit)
    chosen = st.selectbox(
        say("unit.label"),
        units,
        index=units.index(kept),
        format_func=lambda unit: say(f"unit.{unit}"),
        width=width,
    )
    st.session_state[_UNIT] = chosen
    return chosen


def chosen_unit() -> AreaUnit:
    """Give the unit of area that was chosen."""
    return AreaUnit(st.session_state.get(_UNIT, AreaUnit.HA))


def keep_unit(unit: AreaUnit) -> None:
    """Choose the unit of area, before its choice is drawn."""
    st.session_state[_UNIT] = unit


def wording(workspace: Workspace, unit: AreaUnit) -> Wording:
    """Say how tables are worded in this session."""
    lang = current_lang()
    return Wording(
        lang,
        unit,
        lambda code, name: workspace.name_unit(code, lang, fallback=name),
        lambda layer: workspace.library.require(layer).title[lang],
        datetime.now().astimezone(),
    )
