"""Photos and documents of a case: thumbnails, what is odd about each, before beside after."""

from typing import Final

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.cases.case import Case
from geoapp.cases.evidence import ROLES, NewEvidence, ShownEvidence
from geoapp.cases.photo import join_photos
from geoapp.ui.case_state import attempt
from geoapp.ui.plain import plain
from geoapp.ui.session import say

_COLUMNS: Final = 3
_GOOD: Final = frozenset({"near"})


def draw_evidence(workspace: Workspace, case: Case) -> None:
    """Draw the evidence of a case, and the form to add some."""
    shown = workspace.cases.evidence.select(case.id)
    st.markdown(f"**{say('case_page.evidence')}** ({len(shown)})")
    pair = workspace.cases.evidence.pair(case.id)
    if pair.before is not None and pair.after is not None:
        _draw_pair(workspace, pair.before.id, pair.after.id)
    if shown:
        with st.expander(say("case_page.all_evidence", count=len(shown)), expanded=len(shown) < 4):
            columns = st.columns(_COLUMNS)
            for place, one in enumerate(shown):
                with columns[place % _COLUMNS]:
                    _draw_piece(workspace, one)
    if decide(workspace.principal, "edit_cases").allowed:
        _draw_form(workspace, case)


def _draw_pair(workspace: Workspace, before: int, after: int) -> None:
    """Draw the place before and after: side by side, or one over the other."""
    old, new = (workspace.cases.evidence.thumbnail(piece) for piece in (before, after))
    if st.toggle(say("case_page.swipe"), key=f"swipe-{before}-{after}"):
        share = st.slider(
            say("case_page.swipe_share"), 0, 100, 50, key=f"share-{before}-{after}",
            label_visibility="collapsed",
        )  # fmt: skip
        words = f"{say('case_page.role_before')} | {say('case_page.role_after')}"
        st.image(join_photos(old, new, share / 100), caption=words, width="stretch")
        return
    for side, content, name in zip(st.columns(2), (old, new), ("before", "after"), strict=True):
        side.image(content, caption=say(f"case_page.role_{name}"), width="stretch")


def _draw_piece(workspace: Workspace, one: ShownEvidence) -> None:
    piece = one.evidence
    if piece.media.startswith("image/"):
        st.image(workspace.cases.evidence.thumbnail(piece.id), width="stretch")
    taken = piece.taken_at[:16].replace("T", " ") or say("case_page.unknown")
    st.caption(
        f"{say(f'case_page.role_{piece.role}')} · {plain(piece.caption or piece.name)}  \n"
        + say("case_page.taken", at=taken, by=plain(piece.added_by))
    )
    for remark in one.remarks:
        facts = {name: plain(_word(value)) for name, value in remark.facts.items()}
        colour = "green" if remark.code in _GOOD else "orange"
        st.caption(f":{colour}[{say(f'case_page.remark_{remark.code}', **facts)}]")
    st.download_button(
        say("case_page.original"),
        data=lambda: workspace.cases.evidence.read(piece.id)[1],
        file_name=piece.name,
        mime=piece.media,
        on_click="ignore",
        key=f"evidence-{piece.id}",
        type="tertiary",
    )


def _word(value: object) -> object:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:.0f}" if isinstance(value, float) else value


def _draw_form(workspace: Workspace, case: Case) -> None:
    key = f"add-{case.id}"
    # Not a popover: choosing a file would close it before anything is sent.
    with st.expander(say("case_page.add_evidence"), icon=":material/add_a_photo:"):
        st.segmented_control(
            say("case_page.role"),
            ROLES,
            default="scene",
            format_func=lambda role: say(f"case_page.role_{role}"),
            required=True,
            key=f"{key}-role",
        )
        st.file_uploader(
            say("case_page.files"),
            type=["jpg", "jpeg", "png", "tif", "tiff", "webp", "pdf", "docx"],
            accept_multiple_files=True,
            key=f"{key}-files-{case.version}",
        )
        st.text_input(say("case.caption"), key=f"{key}-caption")
        st.button(
            say("case_page.do_add"),
            key=f"{key}-do",
            type="primary",
            on_click=_add,
            args=(workspace, case, key),
        )


def _add(workspace: Workspace, case: Case, key: str) -> None:
    state = st.session_state
    files = state.get(f"{key}-files-{case.version}") or []

    def act() -> str:
        for file in files:
            new = NewEvidence(
                file.getvalue(), file.name, state[f"{key}-role"], state[f"{key}-caption"]
            )
            workspace.cases.evidence.add(case.id, new)
        return say("case_page.added", count=len(files))

    attempt(act)
