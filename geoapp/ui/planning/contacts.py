"""Who answers for fields, forests and rivers."""

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.reports.contact_content import contact_table
from geoapp.ui.session import current_lang, say, wording
from geoapp.ui.table import draw_table


def draw_contacts(workspace: Workspace) -> None:
    """Draw the people whom the reader may see."""
    st.caption(say("contacts.private"))
    place = workspace.name_unit(workspace.city.code, current_lang())
    draw_table(contact_table(workspace.contacts.find(), wording(workspace, "ha"), place=place))
