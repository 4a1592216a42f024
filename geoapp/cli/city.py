"""Commands that make a city, prepare it and serve it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geoapp.bootstrap import Workspace
from geoapp.cli.app import Context, app, help_text
from geoapp.demo import DEFAULT_PARCELS, DEFAULT_SEED, build_demo
from geoapp.settings import Settings

if TYPE_CHECKING:
    from geoapp.terminal import Session

DEFAULT_PORT: Final = 8501
LOOPBACK: Final = "127.0.0.1"


@app.command("init", help=help_text("init"))
def init(
    context: Context, city: Annotated[Path, typer.Argument(help=help_text("init_city"))]
) -> None:
    """Make an empty workspace for a city."""
    session: Session = context.obj
    workspace = Workspace.init(city, session.folder)
    document = {
        "schema": "geoapp.init/1",
        "folder": str(session.folder),
        "city": workspace.city.code,
    }
    facts = {"folder": session.folder, "city": workspace.city.name[session.lang]}
    session.answer(document, lambda: session.console.print(session.say("cli.init_done", **facts)))


@app.command("demo", help=help_text("demo"))
def demo(
    context: Context,
    parcels: Annotated[
        int, typer.Option("--parcels", help=help_text("demo_parcels"))
    ] = DEFAULT_PARCELS,
    seed: Annotated[int, typer.Option("--seed", help=help_text("demo_seed"))] = DEFAULT_SEED,
) -> None:
    """Build the sample city."""
    session: Session = context.obj
    with session.progress() as progress:
        workspace = build_demo(session.folder, parcels=parcels, seed=seed, progress=progress)
    document = {
        "schema": "geoapp.demo/1",
        "folder": str(session.folder),
        "parcels": parcels,
        "seed": seed,
        "snapshots": {layer: s.name for layer, s in workspace.store.current().items()},
    }
    facts = {"folder": session.folder, "parcels": parcels, "seed": seed}
    session.answer(document, lambda: session.console.print(session.say("demo.built", **facts)))


@app.command("index", help=help_text("index"))
def index(
    context: Context,
    layer: Annotated[list[str] | None, typer.Argument(help=help_text("index_layer"))] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help=help_text("index_rebuild"))] = False,  # noqa: FBT002
) -> None:
    """Prepare layers for statistics."""
    session: Session = context.obj
    workspace = session.open()
    with session.progress() as progress:
        ready = workspace.index(layer or [], rebuild=rebuild, progress=progress)
    document = {"schema": "geoapp.index/1", "snapshots": {s.layer: s.name for s in ready}}

    def show() -> None:
        for snapshot in ready:
            title = workspace.library.require(snapshot.layer).title[session.lang]
            count = snapshot.manifest.feature_count
            session.console.print(session.say("index.built", layer=title, count=count))

    session.answer(document, show)


@app.command("serve", help=help_text("serve"))
def serve(
    context: Context,
    port: Annotated[int, typer.Option("--port", help=help_text("port"))] = DEFAULT_PORT,
    address: Annotated[str, typer.Option("--address", help=help_text("address"))] = LOOPBACK,
    sign_in: Annotated[
        bool | None, typer.Option("--sign-in/--no-sign-in", help=help_text("sign_in"))
    ] = None,
) -> None:
    """Start the web app."""
    from geoapp.web.server import run_server  # noqa: PLC0415  the web stack loads slowly

    session: Session = context.obj
    signing_in = Settings().sign_in if sign_in is None else sign_in
    workspace = session.open()
    token = workspace.accounts.setup_token() if signing_in else None
    workspace.close()
    shown = f"[{address}]" if ":" in address else address
    url = f"http://{shown}:{port}"
    session.notes.print(session.say("cli.serving", url=url))
    if token:
        place = f"{url}/account/setup?token={token}"
        session.notes.print(session.say("cli.serving_setup", url=place), soft_wrap=True)
    elif not signing_in:
        session.notes.print(session.say("cli.serving_open"))
    if signing_in and not Settings().public_url.startswith("https://"):
        session.notes.print(session.say("cli.serving_plain"))
    run_server(session.folder, address, port, session.lang, sign_in=signing_in)
