"""Who may see what of which layer, and what each role may do."""

from typing import Final, get_args

import streamlit as st

from geoapp.access.policy import ROLES_BY_ACTION
from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import Role
from geoapp.reports.content import Cell, Column
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows

_ROLES: Final[tuple[Role, ...]] = get_args(Role)
_MARK: Final = "✓"


def draw_access(workspace: Workspace) -> None:
    """Draw the access of layers as their definitions have it, and the rights of roles."""
    roles = [Column(role, say(f"access.role_{role}"), "text") for role in _ROLES]
    st.caption(say("admin.access_note"))
    staff = [role for role in roles if role.key != "public"]
    show_rows(
        (
            Column("layer", say("admin.layer"), "text"),
            Column("public_form", say("admin.public"), "text"),
            *staff,
        ),
        [_layer_row(workspace, definition.id, staff) for definition in workspace.library],
    )
    st.markdown(f"**{say('admin.role_note')}**")
    show_rows(
        (Column("action", say("admin.action"), "text"), *roles),
        [
            (say(f"access.action_{action}"), *(_MARK if r in allowed else "" for r in _ROLES))
            for action, allowed in ROLES_BY_ACTION.items()
        ],
    )


def _layer_row(workspace: Workspace, layer: str, staff: list[Column]) -> tuple[Cell, ...]:
    definition = workspace.library.require(layer)
    access = definition.access
    marks = [
        _MARK if column.key in access.view or access.public == "full" else "" for column in staff
    ]
    form = say(f"admin.public_{access.public}")
    return (definition.title[current_lang()], form, *marks)
