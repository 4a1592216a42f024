"""The command that writes the style of a layer for QGIS."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.errors import ChoiceError, FileError

if TYPE_CHECKING:
    from geoapp.terminal import Session

_SUFFIX: Final = ".qml"


@app.command("style", help=help_text("style"))
def write_style(
    context: Context,
    layer: Annotated[str, typer.Argument(help=help_text("import_layer"))],
    output: Annotated[Path, typer.Option("-o", "--output", help=help_text("style_output"))],
) -> None:
    """Write the style of a layer for QGIS."""
    session: Session = context.obj
    if output.suffix.lower() != _SUFFIX:
        raise ChoiceError(
            "choice-unknown", option="output", value=output.name, offered=f"*{_SUFFIX}"
        )
    content = session.open().qgis_style(layer, session.lang)
    try:
        output.write_text(content, encoding="utf-8")
    except OSError as error:
        raise FileError(
            "file-unwritable", file=str(output), reason=error.strerror or "-"
        ) from error
    document = {"schema": "geoapp.style/1", "layer": layer, "file": str(output)}
    session.answer(document, lambda: session.console.print(session.say("cli.written", file=output)))
