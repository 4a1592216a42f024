"""Who answers for fields, forests and rivers, unit by unit."""

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.reports.contact_content import contact_table
from geoapp.ui.planning.asking import choose_within
from geoapp.ui.session import current_lang, say, wording
from geoapp.ui.table import draw_table
from geoapp.values import AreaUnit


def draw_contacts(workspace: Workspace) -> None:
    """Draw the people of a unit."""
    within = choose_within(workspace, "contacts")
    found = workspace.contacts.find(unit=within)
    if not found:
        st.info(say("planning_page.no_contacts"))
        return
    place = workspace.name_unit(within or workspace.city.code, current_lang())
    draw_table(contact_table(found, wording(workspace, AreaUnit.M2), place=place))
