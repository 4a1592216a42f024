"""Linking an account to a person of the office's single sign-on, and letting go of it."""

import streamlit as st

from geoapp.access.account import Account
from geoapp.bootstrap import Workspace
from geoapp.settings import read_settings
from geoapp.ui.administration.doing import do_and_tell
from geoapp.ui.plain import plain
from geoapp.ui.session import say


def draw_link(workspace: Workspace, account: Account) -> None:
    """Draw to whom an account is linked, and the form that links it or lets go."""
    if account.sample:
        return
    linked = bool(account.issuer)
    with st.expander(say("link.title"), icon=":material/link:"):
        if linked:
            facts = {"issuer": plain(account.issuer), "id": plain(account.subject)}
            st.write(say("link.linked", **facts))
        st.caption(say("link.note"))
        with st.form(f"link-{account.id}", border=False):
            issuer = st.text_input(
                say("link.issuer"), account.issuer or read_settings().oidc_issuer, max_chars=300
            )
            subject = st.text_input(say("link.subject"), account.subject, max_chars=300)
            pressed = st.form_submit_button(say("link.save"), type="primary")
        let_go = linked and _confirmed(account)
    if pressed and not (issuer.strip() and subject.strip()):
        st.error(say("link.both"))
    elif pressed:
        do_and_tell(
            lambda: workspace.accounts.link(account.name, issuer, subject),
            say("link.saved", name=account.name),
        )
    if let_go:
        do_and_tell(
            lambda: workspace.accounts.link(account.name, "", ""),
            say("link.gone", name=account.name),
        )


def _confirmed(account: Account) -> bool:
    with st.popover(say("link.let_go"), icon=":material/link_off:"):
        key = "link.let_go_sure" if account.has_password else "link.let_go_locked"
        st.write(say(key, name=plain(account.name)))
        return st.button(say("link.let_go"), type="primary", key=f"unlink-{account.id}")
