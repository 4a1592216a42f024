"""The command that makes a map to print."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.errors import ChoiceError, FileError
from geoapp.reports.sheet_request import read_sheet_request

if TYPE_CHECKING:
    from geoapp.terminal import Session

_SUFFIXES: Final = (".pdf", ".png")


@app.command("map", help=help_text("map"))
def make_map(
    context: Context,
    output: Annotated[Path, typer.Option("-o", "--output", help=help_text("map_output"))],
    layers: Annotated[str, typer.Option("--layers", help=help_text("map_layers"))] = "",
    within: Annotated[str, typer.Option("--within", help=help_text("map_within"))] = "",
    scale: Annotated[int | None, typer.Option("--scale", help=help_text("map_scale"))] = None,
    paper: Annotated[str, typer.Option("--paper", help=help_text("map_paper"))] = "A4",
    portrait: Annotated[bool, typer.Option("--portrait", help=help_text("map_portrait"))] = False,  # noqa: FBT002
    title: Annotated[str, typer.Option("--title", help=help_text("map_title"))] = "",
    dpi: Annotated[int, typer.Option("--dpi", help=help_text("map_dpi"))] = 300,
) -> None:
    """Make a map to print."""
    session: Session = context.obj
    suffix = output.suffix.lower()
    if suffix not in _SUFFIXES:
        raise ChoiceError(
            "choice-unknown", option="output", value=output.name, offered=" ".join(_SUFFIXES)
        )
    names = [name.strip() for name in layers.split(",") if name.strip()]
    request = read_sheet_request(
        {
            "layers": [{"id": name} for name in names],
            "within": within,
            "scale": scale,
            "paper": paper,
            "orientation": "portrait" if portrait else "landscape",
            "title": title,
            "lang": session.lang,
            "dpi": dpi,
            "format": suffix[1:],
        }
    )
    content = session.open().map_sheet(request)
    try:
        output.write_bytes(content)
    except OSError as error:
        raise FileError(
            "file-unwritable", file=str(output), reason=error.strerror or "-"
        ) from error
    document = {"schema": "geoapp.map/1", "file": str(output), "bytes": len(content)}
    session.answer(document, lambda: session.console.print(session.say("cli.written", file=output)))
