"""Commands on the versions of layers, and on how well layers are known."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoapp.cli.app import Context, app, help_text
from geoapp.cli.options import read_level, read_unit
from geoapp.cli.planning import Outputs, require_forms, write_forms
from geoapp.cli.shown import show_difference, show_quality, show_snapshots
from geoapp.overlay.result import Level
from geoapp.reports.inspection_content import inspection_statements, inspection_table
from geoapp.terminal import show_table

if TYPE_CHECKING:
    from geoapp.terminal import Session

Layer = Annotated[str, typer.Argument(help=help_text("import_layer"))]


@app.command("snapshots", help=help_text("snapshots"))
def snapshots(context: Context, layer: Layer) -> None:
    """List the snapshots of a layer."""
    session: Session = context.obj
    workspace = session.open()
    current = workspace.snapshot(layer)
    entries = workspace.snapshots(layer)
    document = {
        "schema": "geoapp.snapshots/1",
        "layer": layer,
        "current": current.name,
        "names": [entry.name for entry in entries],
        "snapshots": [
            {
                "name": entry.name,
                "as_of": entry.as_of.isoformat(),
                "feature_count": entry.feature_count,
                "published_at": entry.published_at.isoformat(),
                "published_by": entry.published_by,
                "current": entry.current,
            }
            for entry in entries
        ],
    }
    session.answer(document, lambda: show_snapshots(session, entries))


@app.command("rollback", help=help_text("rollback"))
def rollback(
    context: Context,
    layer: Layer,
    snapshot: Annotated[str, typer.Argument(help=help_text("rollback_snapshot"))],
) -> None:
    """Make an earlier snapshot the current one again."""
    session: Session = context.obj
    workspace = session.open()
    before = workspace.snapshot(layer).name
    entry = workspace.rollback(layer, snapshot)
    document = {
        "schema": "geoapp.rollback/1",
        "layer": layer,
        "before": before,
        "current": entry.name,
    }
    title = workspace.library.require(layer).title[session.lang]
    facts = {"layer": title, "as_of": entry.as_of.isoformat()}
    session.answer(
        document, lambda: session.console.print(session.say("data.rolled_back", **facts))
    )


@app.command("compare", help=help_text("compare"))
def compare(
    context: Context,
    layer: Layer,
    before: Annotated[str, typer.Argument(help=help_text("compare_before"))],
    after: Annotated[str, typer.Argument(help=help_text("compare_after"))],
) -> None:
    """Tell what differs between two snapshots of a layer."""
    session: Session = context.obj
    workspace = session.open()
    with session.progress() as progress:
        difference = workspace.compare_snapshots(layer, before, after, progress)
    session.answer(difference.to_json(), lambda: show_difference(session, workspace, difference))


@app.command("quality", help=help_text("quality"))
def quality(
    context: Context,
    layers: Annotated[list[str] | None, typer.Argument(help=help_text("quality_layers"))] = None,
    by: Annotated[str, typer.Option("--by", help=help_text("quality_by"))] = "",
    within: Annotated[str, typer.Option("--within", help=help_text("within"))] = "",
    output: Outputs = None,
) -> None:
    """Tell how well each layer is known, or inspect layers."""
    session: Session = context.obj
    if layers or by or within or output:
        _inspect(session, layers or [], read_level(by or "district"), within, output or [])
        return
    workspace = session.open()
    known = workspace.quality()
    document = {
        "schema": "geoapp.quality/1",
        "city": workspace.city.code,
        "layers": [layer.to_json() for layer in known],
    }
    session.answer(document, lambda: show_quality(session, workspace, known))


def _inspect(
    session: "Session", layers: list[str], level: Level, within: str, output: list[Path]
) -> None:
    """Check stored layers, and write what was found."""
    require_forms(output)
    workspace = session.open()
    with session.progress() as progress:
        results = workspace.inspect_layers(layers, by=level, within=within, progress=progress)
    wording = session.wording(workspace, read_unit("m2"))
    write_forms(session, output, lambda form: workspace.write_inspections(results, form, wording))
    document = {
        "schema": "geoapp.inspection/1",
        "by": level,
        "within": within or None,
        "layers": [result.to_json() for result in results],
    }

    def show() -> None:
        show_table(session, inspection_table(results, wording))
        for line in inspection_statements(results, wording):
            session.console.print(line)

    session.answer(document, show)
