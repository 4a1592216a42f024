"""What a view shows as an official paragraph: to copy, to download, every number traced."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from geoapp.reports.content import Wording
from geoapp.reports.planning_word import write_prose_word
from geoapp.reports.traced import Prose, trace_table
from geoapp.ui.session import say
from geoapp.ui.table import draw_table

_MIME: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def draw_paragraph(make: Callable[[], Prose], words: Wording, *, key: str) -> None:
    """Draw the paragraph of a view; nothing is computed for it until it is unfolded.

    Args:
        make: Writes it.
        words: How it is worded.
        key: Names the block.
    """
    block = st.expander(
        say("prose.block"), icon=":material/article:", key=f"{key}-prose", on_change="rerun"
    )
    if not block.open:
        return
    with block:
        prose = make()
        # Copied as one: a synthetic figure never leaves without its mark.
        st.code("\n".join(filter(None, (prose.banner, prose.text))), language=None, wrap_lines=True)
        st.caption(f"{say('prose.copy')} {say('prose.unfold')}")
        if prose.traces:
            draw_table(trace_table(prose, words))
        st.download_button(
            say("prose.download"),
            data=lambda: write_prose_word(prose, words),
            file_name=f"{prose.title}.docx".replace("/", "-"),
            mime=_MIME,
            icon=":material/download:",
            on_click="ignore",
            key=f"{key}-prose-docx",
        )
