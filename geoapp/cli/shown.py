"""How answers on imports and versions look on a terminal."""

from typing import TYPE_CHECKING

from rich.table import Table as ScreenTable

from geoapp.values import METRE_DECIMALS, AreaUnit, convert_area, round_half_up

if TYPE_CHECKING:
    from geoapp.bootstrap import Workspace
    from geoapp.catalog.difference import SnapshotDifference
    from geoapp.catalog.quality import LayerQuality
    from geoapp.catalog.storage import SnapshotEntry
    from geoapp.importers.report import ImportReport
    from geoapp.importers.staged import StagedImport
    from geoapp.terminal import Session

_CHANGES = ("added", "removed", "reshaped", "edited", "unchanged")
_GROUND = ("before", "after", "gained", "lost", "reclassified")


def show_problems(session: "Session", report: "ImportReport") -> None:
    """Say how many rows were left out and what was found, by kind."""
    if report.rejected_count:
        left_out = f"{report.rejected_count:,}"
        session.console.print(session.say("import.rejected", count=left_out))
    severities = {problem.code: problem.severity for problem in report.problems}
    if not report.problem_counts:
        return
    table = ScreenTable()
    for key in ("problems.severity", "problems.code", "data.feature_count"):
        table.add_column(
            session.say(key), justify="right" if key == "data.feature_count" else "left"
        )
    for code, count in report.problem_counts.items():
        severity = severities.get(code)
        table.add_row(session.say(f"severity.{severity}") if severity else "", code, f"{count:,}")
    session.console.print(table)


def show_staged(session: "Session", workspace: "Workspace", waiting: "list[StagedImport]") -> None:
    """List what waits to be published."""
    if not waiting:
        session.console.print(session.say("cli.none_staged"))
        return
    table = ScreenTable()
    for key in ("cli.id", "cli.layer", "desk.file", "cli.count", "data.state"):
        table.add_column(session.say(key), overflow="fold")
    for staged in waiting:
        report = staged.report
        state = "desk.state_refused" if report.refused else "desk.state_ready"
        table.add_row(
            staged.id,
            workspace.library.require(report.layer).title[session.lang],
            report.file,
            f"{report.feature_count:,}",
            session.say(state),
        )
    session.console.print(table)


def show_snapshots(session: "Session", entries: "list[SnapshotEntry]") -> None:
    """List the snapshots of a layer, the current one with a star."""
    for entry in entries:
        mark = "*" if entry.current else " "
        at = f"{entry.published_at.astimezone():%Y-%m-%d %H:%M}"
        session.console.print(
            f"{mark} {entry.name}  {entry.feature_count:>9,}  {at}  {entry.published_by}"
        )


def show_difference(
    session: "Session", workspace: "Workspace", difference: "SnapshotDifference"
) -> None:
    """Draw what differs between two snapshots."""
    say = session.say
    counts = [f"{say(f'data.change_{c}')} {getattr(difference, c):,}" for c in _CHANGES]
    session.console.print(" · ".join(counts))
    matched = say(f"data.matched_by_{difference.matched_by}")
    session.console.print(say("page.labelled", label=say("data.matched_by"), value=matched))
    if not difference.districts:
        return
    table = ScreenTable(title=f"{say('data.net_area')} ({say('unit.ha')})")
    table.add_column(say("level.district"))
    for name in _GROUND:
        table.add_column(say(f"data.ground_{name}"), justify="right")
    for district in difference.districts:
        name = say("data.outside_districts")
        if district.code:
            name = workspace.name_unit(district.code, session.lang, fallback=district.name)
        areas = [getattr(district, f"{part}_m2") for part in _GROUND]
        table.add_row(name, *(f"{convert_area(area, AreaUnit.HA):,}" for area in areas))
    session.console.print(table)
    closure = round_half_up(difference.closure_m2, METRE_DECIMALS)
    session.console.print(say("data.difference_closure", closure=closure))


def show_quality(session: "Session", workspace: "Workspace", layers: "list[LayerQuality]") -> None:
    """Draw how well each layer is known."""
    say = session.say
    table = ScreenTable()
    for key in ("cli.layer", "data.as_of", "data.source", "data.scale", "table.coverage"):
        table.add_column(say(key), overflow="fold")
    table.add_column(say("desk.findings"), justify="right")
    for layer in layers:
        states = [
            f"{workspace.name_unit(d.code, session.lang, fallback=d.name)} "
            f"{say(f'coverage.{d.coverage}')}"
            for d in layer.districts
        ]
        if len({district.coverage for district in layer.districts}) == 1:
            states = [say(f"coverage.{layer.districts[0].coverage}")]
        table.add_row(
            workspace.library.require(layer.layer).title[session.lang],
            layer.as_of.isoformat() if layer.as_of else say("cli.none"),
            say(layer.source_note) if layer.source_note else layer.source,
            f"1:{layer.scale:,}" if layer.scale else "",
            "\n".join(states),
            f"{sum(layer.problems.values()):,}" if layer.snapshot else "",
        )
    session.console.print(table)
