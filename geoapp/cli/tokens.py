"""Commands on tokens for other software."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table as ScreenTable

from geoapp.access.token import USUAL_DAYS
from geoapp.cli.accounts import accounts
from geoapp.cli.app import Context, help_text

if TYPE_CHECKING:
    from datetime import datetime

    from geoapp.access.token import Token
    from geoapp.terminal import Session as Terminal

tokens = typer.Typer(help=help_text("account_token"), no_args_is_help=True, rich_markup_mode=None)
accounts.add_typer(tokens, name="token")

Name = Annotated[str, typer.Argument(help=help_text("account_name"))]


@tokens.command("make", help=help_text("account_token_make"))
def make(
    context: Context,
    name: Name,
    label: Annotated[str, typer.Option("--label", help=help_text("account_token_label"))],
    days: Annotated[int, typer.Option("--days", help=help_text("account_token_days"))] = USUAL_DAYS,
) -> None:
    """Make a token for an account."""
    session: Terminal = context.obj
    made = session.open().tokens.make(name, label, days=days)
    document = {
        "schema": "geoapp.token/1",
        "token": _to_json(made.token, made.token.made_at),
        "secret": made.secret,
    }

    def show() -> None:
        day = f"{made.token.expires_at.astimezone():%Y-%m-%d}"
        words = session.say("token.made", label=made.token.label, expires_at=day)
        session.console.print(words, markup=False)
        session.console.print(made.secret, markup=False, highlight=False, soft_wrap=True)
        session.console.print(session.say("token.how", name=made.token.account), markup=False)

    session.answer(document, show)


@tokens.command("list", help=help_text("account_token_list"))
def list_tokens(
    context: Context,
    name: Annotated[str, typer.Argument(help=help_text("account_token_account"))] = "",
) -> None:
    """List the tokens of an account, or all."""
    session: Terminal = context.obj
    face = session.open().tokens
    found = face.list(name) if name else face.list_all()
    now = face.desk.now()
    document = {"schema": "geoapp.tokens/1", "tokens": [_to_json(one, now) for one in found]}
    session.answer(document, lambda: _show(session, found, now))


@tokens.command("revoke", help=help_text("account_token_revoke"))
def revoke(
    context: Context,
    number: Annotated[int, typer.Argument(help=help_text("account_token_number"))],
) -> None:
    """Revoke a token."""
    session: Terminal = context.obj
    face = session.open().tokens
    revoked = face.revoke(number)
    document = {"schema": "geoapp.tokens/1", "tokens": [_to_json(revoked, face.desk.now())]}
    words = session.say("token.revoked", label=revoked.label)
    session.answer(document, lambda: session.console.print(words, markup=False))


def _to_json(token: "Token", now: "datetime") -> dict[str, Any]:
    return {
        "number": token.id,
        "account": token.account,
        "label": token.label,
        "state": token.state(now),
        "made_at": token.made_at.isoformat(),
        "made_by": token.made_by,
        "expires_at": token.expires_at.isoformat(),
        "used_at": token.used_at.isoformat() if token.used_at else None,
        "used_from": token.used_from,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
    }


def _show(session: "Terminal", found: "tuple[Token, ...]", now: "datetime") -> None:
    if not found:
        session.console.print(session.say("token.none"))
        return
    table = ScreenTable()
    for key in ("number", "account", "label", "state", "expires_at", "used_at"):
        table.add_column(session.say(f"token.{key}"), overflow="fold")
    for one in found:
        used = f"{one.used_at.astimezone():%Y-%m-%d %H:%M}" if one.used_at else ""
        table.add_row(
            str(one.id),
            one.account,
            one.label,
            session.say(f"token.state_{one.state(now)}"),
            f"{one.expires_at.astimezone():%Y-%m-%d}",
            used,
        )
    session.console.print(table)
