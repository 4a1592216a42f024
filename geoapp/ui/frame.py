"""What stands around every page: title line, sample badge, errors in one sentence."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.errors import GeoAppError, InvariantError
from geoapp.i18n import word_error
from geoapp.ui.account import draw_account
from geoapp.ui.session import choose_lang, current_lang, say

_LOG = logging.getLogger("geoapp.ui")


def draw_header(workspace: Workspace | None) -> None:
    """Draw the line above every page, and below it what the data is worth."""
    left, right = st.columns([4, 2], vertical_alignment="center")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        if workspace:
            draw_account(workspace)
        lang = choose_lang()
    with left:
        city = workspace.city.name[lang] if workspace else ""
        name = say("app.title", city=city) if city else say("app.name")
        sample = workspace is not None and workspace.city.sample
        st.markdown(f"#### {name}")
        if sample:
            st.markdown(f":small[:orange[:material/science: {say('sample.banner')}]]")


@contextmanager
def worded_errors(workspace: Workspace | None = None) -> Iterator[None]:
    """Show an error as one sentence; a fault of ours gets a reference number for the log.

    What was refused stands in the audit trail of the workspace.
    """
    try:
        yield
    except InvariantError as error:
        st.error(f"{word_error(error, current_lang())} ({_log_fault()})")
    except GeoAppError as error:
        if workspace is not None:
            with suppress(GeoAppError):
                workspace.record_refusal(error)
        st.error(word_error(error, current_lang()))
    except Exception:  # noqa: BLE001  the edge: nothing of it may reach the page
        st.error(say("page.failed", reference=_log_fault()))


def _log_fault() -> str:
    """Log the fault being handled; give the number under which it is found."""
    reference = secrets.token_hex(4)
    _LOG.exception("reference %s", reference)
    return reference
