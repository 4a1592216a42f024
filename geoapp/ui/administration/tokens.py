"""Tokens for other software, of all accounts: what there is, and revoking one."""

from typing import TYPE_CHECKING

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.reports.content import Column
from geoapp.ui.administration.doing import do_and_tell
from geoapp.ui.plain import plain
from geoapp.ui.session import say
from geoapp.ui.table import show_rows

if TYPE_CHECKING:
    from datetime import datetime

    from geoapp.access.token import Token


def draw_tokens(workspace: Workspace) -> None:
    """Draw the tokens and the way to revoke an open one."""
    found, now = workspace.tokens.list_all(), workspace.tokens.desk.now()
    st.caption(say("token.note"))
    if not found:
        st.info(say("token.none"))
        return
    keys = ("number", "account", "label", "state", "made_at", "made_by", "expires_at", "used_at")
    show_rows(
        [Column(key, say(f"token.{key}"), "text") for key in keys],
        [
            (
                str(one.id),
                one.account,
                one.label,
                say(f"token.state_{one.state(now)}"),
                _local(one.made_at),
                one.made_by,
                _local(one.expires_at),
                _word_use(one),
            )
            for one in found
        ],
    )
    _draw_revoke(workspace, {one.id: one for one in found if one.state(now) == "open"})


def _draw_revoke(workspace: Workspace, still_open: "dict[int, Token]") -> None:
    if not still_open:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(
            say("token.choose"),
            list(still_open),
            format_func=lambda one: _word_option(still_open[one]) if one in still_open else "",
            key="token-chosen",
            width=320,
        )
        token = still_open[number]
        with st.popover(say("token.revoke"), icon=":material/key_off:"):
            facts = {"label": plain(token.label), "account": plain(token.account)}
            st.write(say("token.revoke_sure", **facts))
            pressed = st.button(say("token.revoke"), type="primary", key=f"token-{number}")
    if pressed:
        do_and_tell(
            lambda: workspace.tokens.revoke(number), say("token.revoked", label=token.label)
        )


def _word_option(token: "Token") -> str:
    return say("token.option", account=token.account, label=token.label, number=token.id)


def _word_use(token: "Token") -> str:
    if token.used_at is None:
        return say("token.never")
    return say("token.used_line", at=_local(token.used_at), address=token.used_from or "–")


def _local(moment: "datetime") -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
