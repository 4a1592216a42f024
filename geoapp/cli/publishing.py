"""The command that writes the public site."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoapp.bootstrap.public_site import SiteReport
from geoapp.cli.app import Context, app, help_text

if TYPE_CHECKING:
    from geoapp.terminal import Session

_FOUND: int = 2  # exit status where the check found something
_MOST_SHOWN: int = 20


@app.command("publish", help=help_text("publish"))
def publish(
    context: Context,
    folder: Annotated[Path, typer.Argument(help=help_text("publish_folder"))],
    check: Annotated[bool, typer.Option("--check", help=help_text("publish_check"))] = False,  # noqa: FBT002
) -> None:
    """Write the public site, or check one."""
    session: Session = context.obj
    workspace = session.open()
    report = workspace.check_site(folder) if check else workspace.publish_site(folder)
    session.answer(report.to_json(), lambda: _show(session, report, check=check))
    if report.checked.leaks:
        raise typer.Exit(_FOUND)


def _show(session: "Session", report: SiteReport, *, check: bool) -> None:
    say, show, checked = session.say, session.console.print, report.checked
    for leak in checked.leaks[:_MOST_SHOWN]:
        show(f"{leak.file}: {say(f'site.leak_{leak.kind}', what=leak.what)}", markup=False)
    if checked.leaks:
        return
    if not check:
        size = f"{report.size_bytes / 1e6:.1f}"
        show(say("site.written", folder=report.folder, files=checked.files, size=size))
    facts = {"files": checked.files, "tiles": checked.tiles, "vertices": f"{checked.vertices:,}"}
    show(say("site.checked", **facts))
