"""Who looks at a page: told by the guard when the page was opened, asked anew on every run."""

import streamlit as st

from geoapp.access.headers import TOKEN
from geoapp.access.policy import PUBLIC, Principal
from geoapp.bootstrap import shared_workspace
from geoapp.errors import AccessError
from geoapp.settings import read_settings


def find_principal() -> Principal | None:
    """Give who looks at the page; ``None`` where nobody signs in.

    Raises:
        AccessError: The session under which the page was opened is over.
        NotFoundError: There is no workspace.
    """
    if not read_settings().sign_in:
        return None
    token = st.context.headers.get(TOKEN) or ""
    if not token:
        return PUBLIC
    session = shared_workspace().accounts.find_session(token)
    if session is None:
        raise AccessError("session-over")
    return session.principal
