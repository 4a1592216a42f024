"""Accounts: who may sign in, as what, and who is signed in now."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from geoapp.access.account import Account, NewAccount
from geoapp.access.accounts import ACCOUNT_ROLES
from geoapp.bootstrap import Workspace
from geoapp.errors import GeoAppError
from geoapp.i18n import word_error
from geoapp.reports.content import Column
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from geoapp.catalog.definition import Role

_TOLD: Final = "account-told"  # what was done, said once after the page is drawn anew
_MADE: Final = "account-made"  # a one-time password, shown once
_UNIT_WIDTH_PX: Final = 280


def draw_accounts(workspace: Workspace) -> None:
    """Draw the accounts, making one, and what can be done with one of them."""
    _draw_told()
    accounts = workspace.accounts.list()
    st.caption(say("account.note"))
    if accounts:
        _draw_list(workspace, accounts)
        with st.expander(say("account.create"), icon=":material/person_add:"):
            _draw_create(workspace)
        _draw_one(workspace, accounts)
    else:
        st.info(say("account.none"))
        _draw_create(workspace)


def _draw_told() -> None:
    told = st.session_state.pop(_TOLD, "")
    made: NewAccount | None = st.session_state.pop(_MADE, None)
    if told:
        st.success(plain(told))
    if made and made.password:
        st.warning(say("account.hand_over", name=plain(made.account.name)))
        st.code(made.password, language=None)


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
        _do(
            lambda: workspace.accounts.create(name, role, unit=unit),
            say("account.created", name=name.strip()),
        )


def _draw_one(workspace: Workspace, accounts: tuple[Account, ...]) -> None:
    by_name = {account.name: account for account in accounts}
    chosen = st.selectbox(say("account.choose"), list(by_name), key="account-chosen", width=320)
    account = by_name[chosen]
    _draw_role(workspace, account)
    _draw_acts(workspace, account)
    _draw_sessions(workspace, account)


def _draw_role(workspace: Workspace, account: Account) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        role, unit = _choose_role(workspace, f"account-{account.id}", account)
        same = (role, unit) == (account.role, account.unit)
        if st.button(say("account.change_role"), disabled=same, key="account-change"):
            _do(
                lambda: workspace.accounts.change_role(account.name, role, unit=unit),
                say("account.role_changed", name=account.name),
            )


def _draw_acts(workspace: Workspace, account: Account) -> None:
    face, name = workspace.accounts, account.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if account.disabled:
            if st.button(say("account.enable"), icon=":material/lock_open:"):
                _do(lambda: face.enable(name), say("account.enabled", name=name))
        elif _confirmed("account.disable", ":material/block:", account):
            _do(lambda: face.disable(name), say("account.disabled", name=name))
        if not account.sample and _confirmed("account.reset", ":material/password:", account):
            _do(lambda: face.reset_password(name), say("account.was_reset", name=name))


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
        _do(
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
        format_func=lambda code: _unit_name(workspace, code),
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


def _do(act: "Callable[[], object]", told: str) -> None:
    """Do something and draw the page anew; what is refused is said where it was asked."""
    try:
        done = act()
    except GeoAppError as error:
        st.error(plain(word_error(error, current_lang())))
        return
    st.session_state[_TOLD] = told
    if isinstance(done, NewAccount):
        st.session_state[_MADE] = done
    st.rerun()


def _unit_name(workspace: Workspace, code: str) -> str:
    return f"{workspace.name_unit(code, current_lang())} {code}"


def _local(moment: "datetime") -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
