"""Commands on accounts: who may sign in."""

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table as ScreenTable

from geoapp.access.accounts import ACCOUNT_ROLES
from geoapp.cli.app import Context, app, help_text
from geoapp.errors import ChoiceError

if TYPE_CHECKING:
    from geoapp.access.account import Account, NewAccount, Session
    from geoapp.bootstrap import Workspace
    from geoapp.terminal import Session as Terminal

accounts = typer.Typer(help=help_text("account"), no_args_is_help=True, rich_markup_mode=None)
app.add_typer(accounts, name="account")

Name = Annotated[str, typer.Argument(help=help_text("account_name"))]
Role = Annotated[str, typer.Option("--role", help=help_text("account_role"))]
Unit = Annotated[str, typer.Option("--unit", help=help_text("account_unit"))]
OneTime = Annotated[bool, typer.Option("--one-time", help=help_text("account_one_time"))]


@accounts.command("create", help=help_text("account_create"))
def create(
    context: Context,
    name: Name,
    role: Role,
    unit: Unit = "",
    one_time: OneTime = False,  # noqa: FBT002
    issuer: Annotated[str, typer.Option("--issuer", help=help_text("account_issuer"))] = "",
    subject: Annotated[str, typer.Option("--subject", help=help_text("account_subject"))] = "",
) -> None:
    """Make an account."""
    session: Terminal = context.obj
    workspace = session.open()
    password = "" if one_time or issuer else _read_password(session)
    made = workspace.accounts.create(
        name,
        _require_role(role),
        unit=unit,
        password=password,
        issuer=issuer,
        subject=subject,
    )
    _answer_new(session, workspace, made)


@accounts.command("list", help=help_text("account_list"))
def list_accounts(context: Context) -> None:
    """List the accounts."""
    session: Terminal = context.obj
    workspace = session.open()
    found = workspace.accounts.list()
    document = {"schema": "geoapp.accounts/1", "accounts": [_to_json(one) for one in found]}
    session.answer(document, lambda: _show_accounts(session, workspace, found))


@accounts.command("role", help=help_text("account_change_role"))
def change_role(context: Context, name: Name, role: Role, unit: Unit = "") -> None:
    """Give an account another role."""
    session: Terminal = context.obj
    workspace = session.open()
    changed = workspace.accounts.change_role(name, _require_role(role), unit=unit)
    _answer(session, workspace, changed)


@accounts.command("disable", help=help_text("account_disable"))
def disable(context: Context, name: Name) -> None:
    """Shut an account."""
    session: Terminal = context.obj
    workspace = session.open()
    _answer(session, workspace, workspace.accounts.disable(name))


@accounts.command("enable", help=help_text("account_enable"))
def enable(context: Context, name: Name) -> None:
    """Open an account again."""
    session: Terminal = context.obj
    workspace = session.open()
    _answer(session, workspace, workspace.accounts.enable(name))


@accounts.command("reset", help=help_text("account_reset"))
def reset(context: Context, name: Name, one_time: OneTime = False) -> None:  # noqa: FBT002
    """Set a password that must be changed."""
    session: Terminal = context.obj
    workspace = session.open()
    password = "" if one_time else _read_password(session)
    _answer_new(session, workspace, workspace.accounts.reset_password(name, password))


@accounts.command("sessions", help=help_text("account_sessions"))
def sessions(context: Context, name: Name) -> None:
    """List the open sessions of an account."""
    session: Terminal = context.obj
    found = session.open().accounts.sessions(name)
    document = {
        "schema": "geoapp.account-sessions/1",
        "account": name,
        "sessions": [
            {
                "signed_in": one.signed_in.isoformat(),
                "seen": one.seen.isoformat(),
                "address": one.address,
            }
            for one in found
        ],
    }
    session.answer(document, lambda: _show_sessions(session, found))


@accounts.command("sign-out", help=help_text("account_sign_out"))
def sign_out(context: Context, name: Name) -> None:
    """End all sessions of an account."""
    session: Terminal = context.obj
    ended = session.open().accounts.sign_out_everywhere(name)
    document = {"schema": "geoapp.account-signed-out/1", "account": name, "sessions": ended}
    words = session.say("account.signed_out", name=name, count=ended)
    session.answer(document, lambda: session.console.print(words, markup=False))


def _read_password(session: "Terminal") -> str:
    """Read a password from the terminal, twice and unseen, or the first line of what is piped in.

    Returns:
        ``""`` where there is none: a one-time password is made.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(session.say("account.ask_password"))
    if password and password != getpass.getpass(session.say("account.ask_again")):
        raise ChoiceError("password-differs")
    return password


def _require_role(value: str) -> Any:
    if value not in ACCOUNT_ROLES:
        offered = ", ".join(ACCOUNT_ROLES)
        raise ChoiceError("choice-unknown", option="role", value=value, offered=offered)
    return value


def _answer(session: "Terminal", workspace: "Workspace", account: "Account") -> None:
    document = {"schema": "geoapp.account/1", "account": _to_json(account)}
    session.answer(document, lambda: _show_accounts(session, workspace, (account,)))


def _answer_new(session: "Terminal", workspace: "Workspace", made: "NewAccount") -> None:
    document = {"schema": "geoapp.account/1", "account": _to_json(made.account)}
    if made.password:
        document["one_time_password"] = made.password

    def show() -> None:
        _show_accounts(session, workspace, (made.account,))
        if made.password:
            words = session.say("account.one_time_password", password=made.password)
            session.console.print(words, markup=False, highlight=False)

    session.answer(document, show)


def _to_json(account: "Account") -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role,
        "unit": account.unit,
        "sample": account.sample,
        "disabled": account.disabled,
        "must_change": account.must_change,
        "issuer": account.issuer,
        "subject": account.subject,
        "created_at": account.created_at.isoformat(),
        "created_by": account.created_by,
        "signed_in_at": account.signed_in_at.isoformat() if account.signed_in_at else None,
    }


def _show_accounts(
    session: "Terminal", workspace: "Workspace", found: "tuple[Account, ...]"
) -> None:
    table = ScreenTable()
    for key in ("name", "role", "unit", "state", "signed_in_at"):
        table.add_column(session.say(f"account.{key}"), overflow="fold")
    for one in found:
        unit = f"{workspace.name_unit(one.unit, session.lang)} {one.unit}" if one.unit else ""
        at = f"{one.signed_in_at.astimezone():%Y-%m-%d %H:%M}" if one.signed_in_at else ""
        role = session.say(f"access.role_{one.role}")
        table.add_row(one.name, role, unit, session.say(f"account.state_{one.state}"), at)
    session.console.print(table)


def _show_sessions(session: "Terminal", found: "tuple[Session, ...]") -> None:
    if not found:
        session.console.print(session.say("account.no_sessions"))
    for one in found:
        facts = {
            "signed_in": f"{one.signed_in.astimezone():%Y-%m-%d %H:%M}",
            "seen": f"{one.seen.astimezone():%Y-%m-%d %H:%M}",
            "address": one.address or "-",
        }
        session.console.print(session.say("account.session_line", **facts), markup=False)
