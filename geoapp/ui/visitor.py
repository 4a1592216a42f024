"""Who looks at a page: told by the guard when the page was opened, asked anew on every run."""

import streamlit as st

from geoapp.access.headers import ADDRESS, TOKEN
from geoapp.access.policy import PUBLIC, Principal
from geoapp.access.whence import remember_address
from geoapp.bootstrap import shared_workspace
from geoapp.errors import AccessError
from geoapp.settings import read_settings


def find_principal() -> Principal | None:
    """Give who looks at the page; ``None`` where nobody signs in.

    Raises:
        AccessError: The session under which the page was opened is over.
        NotFoundError: There is no workspace.
    """
    headers = st.context.headers
    remember_address(headers.get(ADDRESS) or "")
    if not read_settings().sign_in:
        return None
    token = headers.get(TOKEN) or ""
    if not token:
        return PUBLIC
    session = shared_workspace().accounts.find_session(token)
    if session is None:
        raise AccessError("session-over")
    return session.principal
