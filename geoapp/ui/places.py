"""The directory of hamlets and scenic areas, and what each district has."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.publishing.directory import Place, find_places
from geoapp.publishing.wording import word_facts, word_place
from geoapp.reports.content import Column
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows

_QUERY: Final = "q"
_DISTRICT: Final = "district"
_ZOOM: Final = 14


def draw_places(workspace: Workspace) -> None:
    """Draw search, list and cards; the address keeps what was looked for."""
    st.subheader(say("places.title"))
    places = workspace.places()
    if not places:
        st.info(say("places.empty"))
        return
    found = _choose(workspace, places)
    st.caption(say("places.found", count=len(found)) if found else say("places.none"))
    if found:
        _draw_list(workspace, found)
        _draw_one(workspace, found)
    st.caption(say("public.coarse"))
    st.subheader(say("places.cards"))
    _draw_cards(workspace)


def _choose(workspace: Workspace, places: Sequence[Place]) -> list[Place]:
    lang = current_lang()
    districts = list(dict.fromkeys(p.district for p in places if p.district))
    layers = list(dict.fromkeys(p.layer for p in places))
    first, second, third = st.columns([2, 1, 1])
    query = first.text_input(
        say("places.search"),
        value=st.query_params.get(_QUERY, ""),
        placeholder=say("places.search_hint"),
        max_chars=60,
    )
    asked = st.query_params.get(_DISTRICT, "")
    district = second.selectbox(
        say("places.district"),
        ["", *districts],
        index=districts.index(asked) + 1 if asked in districts else 0,
        format_func=lambda code: (
            workspace.name_unit(code, lang) if code else say("places.all_districts")
        ),
    )
    layer = third.selectbox(
        say("places.kind"),
        ["", *layers],
        format_func=lambda name: (
            workspace.library.require(name).title[lang] if name else say("places.all_kinds")
        ),
    )
    for name, value in ((_QUERY, query.strip()), (_DISTRICT, district)):
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)
    return [
        place
        for place in find_places(places, query)
        if district in {"", place.district} and layer in {"", place.layer}
    ]


def _draw_list(workspace: Workspace, found: Sequence[Place]) -> None:
    lang = current_lang()
    library, name_unit = workspace.library, workspace.name_unit
    columns = tuple(
        Column(key, say(f"places.{key}"), "text") for key in ("name", "kind", "where", "facts")
    )
    rows = [
        (
            place.name,
            library.require(place.layer).title[lang],
            word_place(place, name_unit, lang),
            word_facts(place, library.require(place.layer), lang),
        )
        for place in found
    ]
    show_rows(columns, rows)


def _draw_one(workspace: Workspace, found: Sequence[Place]) -> None:
    lang = current_lang()
    place = st.selectbox(
        say("places.choose"),
        found,
        index=0 if len(found) == 1 else None,
        format_func=lambda one: one.name,
        placeholder=say("places.choose_hint"),
    )
    if place is None:
        return
    definition = workspace.library.require(place.layer)
    with st.container(border=True):
        st.markdown(f"**{plain(place.name)}** · {plain(definition.title[lang])}")
        st.markdown(plain(word_place(place, workspace.name_unit, lang)))
        st.markdown(plain(word_facts(place, definition, lang)))
        shown = f"1~v{_ZOOM}_{place.latitude:.3f}_{place.longitude:.3f}"
        with st.container(horizontal=True):
            st.link_button(say("places.on_map"), f"/?map={shown}&lang={lang}")
            link = f"/places?{_QUERY}={quote(place.name)}&lang={lang}"
            st.link_button(say("places.share"), link, icon=":material/link:")


def _draw_cards(workspace: Workspace) -> None:
    cards = workspace.public_cards(current_lang())
    for start in range(0, len(cards), 2):
        for card, column in zip(cards[start : start + 2], st.columns(2), strict=False):
            with column, st.container(border=True):
                st.markdown(f"**{plain(card.title)}**")
                lines = (
                    say("page.labelled", label=plain(label), value=f"**{plain(value)}**")
                    for label, value in card.lines
                )
                st.markdown("  \n".join(lines))
    for source in dict.fromkeys(card.source for card in cards):  # the same for all of them
        st.caption(plain(source))
