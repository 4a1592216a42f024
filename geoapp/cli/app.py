"""The application that commands are added to, its language and its global options."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from geoapp.i18n import LANGS, Lang, require_lang, text
from geoapp.settings import Settings
from geoapp.terminal import Session


def _find_lang(arguments: list[str]) -> Lang:
    """Read the language off the raw arguments: help texts are made before parsing."""
    for index, argument in enumerate(arguments):
        value = (
            argument.partition("=")[2] if "=" in argument else "".join(arguments[index + 1 :][:1])
        )
        if argument.partition("=")[0] == "--lang" and value in LANGS:
            return require_lang(value)
    chosen = Settings().lang
    return require_lang(chosen) if chosen in LANGS else "zh"


HELP_LANG: Final = _find_lang(sys.argv)


def help_text(key: str) -> str:
    """Word the help of a command or option in the language of this run."""
    return text(HELP_LANG, f"cli.{key}")


app = typer.Typer(
    name="geoapp",
    help=help_text("name"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


Workspaces = Annotated[Path | None, typer.Option("--workspace", help=help_text("workspace"))]
Context = typer.Context


@app.callback()
def start(
    context: Context,
    workspace: Workspaces = None,
    lang: Annotated[str, typer.Option("--lang", help=help_text("lang"))] = HELP_LANG,
    as_json: Annotated[bool, typer.Option("--json", help=help_text("json"))] = False,  # noqa: FBT002
) -> None:
    """Take the global options."""
    folder = workspace or Settings().workspace
    context.obj = Session(folder, require_lang(lang), as_json=as_json)
