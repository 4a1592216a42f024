"""Accounts: who may sign in, as what, and who is signed in now."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from geoapp.access.account import Account
from geoapp.access.accounts import ACCOUNT_ROLES
from geoapp.bootstrap import Workspace
from geoapp.finding.pinyin import latin_name
from geoapp.reports.content import Column
from geoapp.ui.administration.doing import do_and_tell, draw_told
from geoapp.ui.administration.link import draw_link
from geoapp.ui.administration.tokens import draw_tokens
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows

if TYPE_CHECKING:
    from datetime import datetime

    from geoapp.catalog.definition import Role

_UNIT_WIDTH_PX: Final = 280


def draw_accounts(workspace: Workspace) -> None:
    """Draw the accounts, making one, and what can be done with one of them."""
    draw_told()
    accounts = workspace.accounts.list()
    st.caption(say("account.note"))
    if accounts:
        _draw_list(workspace, accounts)
        with st.expander(say("account.create"), icon=":material/person_add:"):
            _draw_create(workspace)
        _draw_one(workspace, accounts)
        with st.expander(say("token.all_title"), icon=":material/key:"):
            draw_tokens(workspace)
    else:
        st.info(say("account.none"))
        _draw_create(workspace)


def _draw_list(workspace: Workspace, accounts: tuple[Account, ...]) -> None:
    keys = ("name", "role", "unit", "state", "signed_in_at")
    show_rows(
        [Column(key, say(f"account.{key}"), "text") for key in keys],
        [
            (
                account.name,
                say(f"access.role_{account.role}"),
                _unit_name(workspace, account.unit) if account.unit else "",
                say(f"account.state_{account.state}"),
                _local(account.signed_in_at) if account.signed_in_at else say("account.never"),
            )
            for account in accounts
        ],
    )


def _draw_create(workspace: Workspace) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(say("account.name"), key="account-new-name", width=200)
        role, unit = _choose_role(workspace, "account-new", None)
        pressed = st.button(say("account.make"), type="primary", key="account-make")
    st.caption(say("account.one_time_note"))
    if pressed:
        do_and_tell(
            lambda: workspace.accounts.create(name, role, unit=unit),
            say("account.created", name=name.strip()),
        )


def _draw_one(workspace: Workspace, accounts: tuple[Account, ...]) -> None:
    by_name = {account.name: account for account in accounts}
    chosen = st.selectbox(say("account.choose"), list(by_name), key="account-chosen", width=320)
    account = by_name[chosen]
    _draw_role(workspace, account)
    _draw_acts(workspace, account)
    draw_link(workspace, account)
    _draw_sessions(workspace, account)


def _draw_role(workspace: Workspace, account: Account) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        role, unit = _choose_role(workspace, f"account-{account.id}", account)
        same = (role, unit) == (account.role, account.unit)
        if st.button(say("account.change_role"), disabled=same, key="account-change"):
            do_and_tell(
                lambda: workspace.accounts.change_role(account.name, role, unit=unit),
                say("account.role_changed", name=account.name),
            )


def _draw_acts(workspace: Workspace, account: Account) -> None:
    face, name = workspace.accounts, account.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if account.disabled:
            if st.button(say("account.enable"), icon=":material/lock_open:"):
                do_and_tell(lambda: face.enable(name), say("account.enabled", name=name))
        elif _confirmed("account.disable", ":material/block:", account):
            do_and_tell(lambda: face.disable(name), say("account.disabled", name=name))
        if not account.sample and _confirmed("account.reset", ":material/password:", account):
            do_and_tell(lambda: face.reset_password(name), say("account.was_reset", name=name))


def _draw_sessions(workspace: Workspace, account: Account) -> None:
    sessions = workspace.accounts.sessions(account.name)
    if not sessions:
        st.caption(say("account.no_sessions"))
        return
    keys = ("session_from", "session_since", "session_seen")
    show_rows(
        [Column(key, say(f"account.{key}"), "text") for key in keys],
        [(one.address or "–", _local(one.signed_in), _local(one.seen)) for one in sessions],
    )
    if st.button(say("account.sign_out"), icon=":material/logout:"):
        do_and_tell(
            lambda: workspace.accounts.sign_out_everywhere(account),
            say("account.signed_out", name=account.name, count=len(sessions)),
        )


def _choose_role(workspace: Workspace, key: str, account: Account | None) -> "tuple[Role, str]":
    """Draw the choice of a role, and of a unit where the role has one."""
    role = st.selectbox(
        say("account.role"),
        ACCOUNT_ROLES,
        index=ACCOUNT_ROLES.index(account.role) if account else 0,
        format_func=lambda value: say(f"access.role_{value}"),
        key=f"{key}-role",
        width=160,
    )
    if role != "township":
        return role, ""
    codes = [unit.code for unit in workspace.unit_names]
    unit = st.selectbox(
        say("account.unit"),
        codes,
        index=codes.index(account.unit) if account and account.unit in codes else None,
        format_func=lambda code: f"{_unit_name(workspace, code)} {_latin(workspace, code)}",
        placeholder=say("account.choose_unit"),
        key=f"{key}-unit",
        width=_UNIT_WIDTH_PX,
    )
    return role, unit or ""


def _confirmed(key: str, icon: str, account: Account) -> bool:
    """Draw what is done only after a second press, and tell whether it was pressed."""
    with st.popover(say(key), icon=icon):
        st.write(say(f"{key}_sure", name=plain(account.name)))
        return st.button(say(key), type="primary", key=f"{key}-{account.id}")


def _latin(workspace: Workspace, code: str) -> str:
    """Give what is typed for a unit's name on a keyboard without Chinese: it is searched too."""
    return latin_name(workspace.name_unit(code, "zh"))


def _unit_name(workspace: Workspace, code: str) -> str:
    return f"{workspace.name_unit(code, current_lang())} {code}"


def _local(moment: "datetime") -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
