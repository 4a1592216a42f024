"""Where the three control lines overlap each other."""

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.reports.conflict_content import (
    conflict_list,
    conflict_matrix,
    conflict_statements,
    conflict_table,
)
from geoapp.ui.plain import plain
from geoapp.ui.session import choose_unit, say, wording
from geoapp.ui.table import draw_table


def draw_conflicts(workspace: Workspace) -> None:
    """Draw the conflicts by district, the matrix and the list."""
    words = wording(workspace, choose_unit())
    result = workspace.conflicts()
    for line in conflict_statements(result, words):
        st.markdown(plain(line))
    for key, table in (
        ("conflicts.by_unit", conflict_table(result, words)),
        ("conflicts.matrix", conflict_matrix(result, words)),
        ("conflicts.list", conflict_list(result, words)),
    ):
        st.markdown(f"**{say(key)}**")
        draw_table(table)
