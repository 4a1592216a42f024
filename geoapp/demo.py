"""Building the sample city: an empty workspace plus synthetic layers, all or nothing."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geoapp.bootstrap import Workspace
from geoapp.catalog.city import read_city, read_unit_names
from geoapp.catalog.definition import UNIT_LEVELS
from geoapp.catalog.founding import find_city
from geoapp.catalog.manifest import Coverage, Source
from geoapp.catalog.snapshot import FEATURES, Provenance
from geoapp.errors import ChoiceError, ConflictError
from geoapp.i18n import text
from geoapp.overlay.result import LEVELS
from geoapp.planning.plan import Plan
from geoapp.sample.build import build_layers
from geoapp.sample.patches import build_patches
from geoapp.sample.plan import read_plan
from geoapp.sample.plan_layers import Demolition
from geoapp.sample.plans import draw_plans
from geoapp.sample.rasters import write_rasters
from geoapp.sample.tracked import TRACKED, build_items
from geoapp.settings import Settings, find_folder
from geoapp.values import Progress, no_progress, part_of

DEFAULT_PARCELS: Final = 20_000
MOST_PARCELS: Final = 1_000_000
DEFAULT_SEED: Final = 430_800
IMPORTER: Final = "geoapp.sample/1"
_AS_OF: Final = date(2023, 12, 31)  # the last land survey year that the sample imitates
_BUILD_SHARE: Final = 0.7


def build_demo(
    folder: Path,
    *,
    parcels: int = DEFAULT_PARCELS,
    seed: int = DEFAULT_SEED,
    city_file: Path | None = None,
    settings: Settings | None = None,
    progress: Progress = no_progress,
) -> Workspace:
    """Build the sample city in a folder; an older sample there is replaced at the end.

    Stopping in the middle leaves everything as it was.

    Args:
        folder: The workspace.
        parcels: Number of land-use parcels.
        seed: The same seed and number give the same city.
        city_file: A ``city.toml`` with a sample plan; by default the one that ships.
        settings: By default from the environment.
        progress: Told the stage and the fraction done.

    Raises:
        ChoiceError: The number of parcels is out of range.
        ConflictError: The folder holds something that is not a sample city, or the settings
            name a register outside it.
    """
    source = city_file or find_folder("data") / "geo" / "city.toml"
    units = read_unit_names(source.parent / read_city(source).units.names)
    fewest = sum(1 for unit in units if unit.level == "village")
    if not fewest <= parcels <= MOST_PARCELS:
        raise ChoiceError(
            "demo-parcels-out-of-range", value=parcels, least=fewest, most=MOST_PARCELS
        )
    _require_sample(folder)
    temporary = folder.with_name(f".{folder.name}-building-{os.getpid()}-{secrets.token_hex(4)}")
    settings = settings or Settings()
    if settings.database_url:  # it would not be swapped together with the folder
        raise ConflictError("demo-needs-own-register")
    try:
        workspace = Workspace.init(source, temporary, settings=settings, outlines=False)
        _publish_layers(workspace, source, parcels, seed, progress)
        township = next(unit.code for unit in units if unit.level == "township")
        workspace.accounts.make_sample_accounts(township)
        workspace.close()
        _replace(folder, temporary)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    progress("demo.done", 1.0)
    return Workspace.open(folder, settings=settings)


def _require_sample(folder: Path) -> None:
    city = find_city(folder)
    if city is not None and not city.sample:
        raise ConflictError("workspace-not-sample", folder=str(folder))
    if city is None and folder.exists() and any(folder.iterdir()):
        raise ConflictError("workspace-exists", folder=str(folder))


def _publish_layers(
    workspace: Workspace, source: Path, parcels: int, seed: int, progress: Progress
) -> None:
    city = workspace.city
    outlines = gpd.read_file(source.parent / city.units.outline)
    names, plan = _unit_table(workspace), read_plan(source.parent / city.sample_plan)
    sample = build_layers(
        outlines[["code", "name", "geometry"]],
        names,
        plan,
        crs=city.crs,
        parcels=parcels,
        seed=seed,
        progress=lambda stage, done: progress(f"sample.{stage}", done * _BUILD_SHARE),
    )
    definitions = list(workspace.library)
    for step, definition in enumerate(definitions):
        begin, end = (_BUILD_SHARE + 0.1 * k / len(definitions) for k in (step, step + 1))
        progress("demo.publishing", begin)
        if definition.id in sample.layers:
            frame = _with_english_names(sample.layers[definition.id], names)
            provenance = _provenance(workspace, definition.id, frame)
            if definition.id in UNIT_LEVELS and plan.earlier:
                # Units are good from the first date on, or nothing could be asked as of it.
                provenance = replace(provenance, as_of=plan.earlier.as_of)
            if definition.id == "landuse" and plan.earlier and sample.earlier is not None:
                # The older first: what is published last is current.
                before = replace(provenance, as_of=plan.earlier.as_of)
                middle = (begin + end) / 2
                workspace.publish(
                    definition.id, sample.earlier, before, part_of(progress, begin, middle)
                )
                begin = middle
            workspace.publish(definition.id, frame, provenance, part_of(progress, begin, end))
    if "demolition" in sample.layers:
        progress("demo.cases", 0.79)
        _register_cases(workspace, sample.layers["demolition"], plan.demolition, seed)
    _enter_plans(workspace, seed)
    _enter_tracked(workspace, sample.layers)
    progress("demo.rasters", 0.8)
    write_rasters(sample, workspace.folder / "rasters")
    _warm(workspace, progress)


def _register_cases(
    workspace: Workspace, cases: gpd.GeoDataFrame, plan: Demolition, seed: int
) -> None:
    """Enter the cases of the sample's ledger into the register, and a batch of patches."""
    reason = text("zh", "demo.reason")
    snapshot = workspace.snapshot("demolition")
    workspace.cases.import_ledger(snapshot.folder / FEATURES, reason)
    workspace.cases.register.rank()
    patches = build_patches(cases, plan, seed)
    with tempfile.TemporaryDirectory(prefix="geoapp-demo-") as folder:
        file = Path(folder) / "patches.gpkg"
        patches.to_file(file, driver="GPKG")
        name = text("zh", "demo.patch_batch", year=plan.last_day.year)
        workspace.cases.patches.import_file(file, name)
    waiting = workspace.cases.patches.select(limit=len(patches)).patches
    judged = [(patch.id, patch.version) for patch in waiting if patch.id % 2]
    workspace.cases.patches.judge(judged, "no_change", "", reason, on=plan.last_day)


def _enter_plans(workspace: Workspace, seed: int) -> None:
    """Enter plans for some units; marked as all else is."""
    reason = text("zh", "demo.reason")
    units = _unit_table(workspace)
    workspace.plans.write_plans(
        [
            Plan(
                number=f"{drawn.level}:{drawn.unit}",
                title=text("zh", "demo.plan", unit=workspace.name_unit(drawn.unit, "zh")),
                level=drawn.level,
                unit_codes=(drawn.unit,),
                status=drawn.status,
            )
            for drawn in draw_plans(units, workspace.city.code, seed)
        ],
        reason=reason,
    )


def _enter_tracked(workspace: Workspace, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Put parcels on the lists whose things are parcels."""
    districts = [unit.code for unit in workspace.unit_names if unit.level == "district"]
    taken: set[str] = set()
    for tracker, tracked in TRACKED.items():
        if tracked.layer in layers:
            parcels = layers[tracked.layer]
            items, shapes = build_items(tracker, districts, parcels, taken)
            reason = text("zh", "demo.reason_tracked")
            workspace.trackers.write_items(tracker, items, shapes, reason=reason)


def _unit_table(workspace: Workspace) -> pd.DataFrame:
    return pd.DataFrame([name.model_dump() for name in workspace.unit_names])


def _with_english_names(frame: gpd.GeoDataFrame, names: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add the romanised names to layers of units."""
    if "code" not in frame.columns:
        return frame
    return frame.assign(name_en=frame["code"].map(names.set_index("code")["name_en"]).fillna(""))


def _provenance(workspace: Workspace, layer: str, frame: gpd.GeoDataFrame) -> Provenance:
    """Describe a generated layer; one that was made for some districts says so."""
    districts = [name.code for name in workspace.unit_names if name.level == "district"]
    present = set(districts)
    if "zldwdm" in frame.columns and layer == "construction_land":
        present = set(frame["zldwdm"].str.slice(0, 6))
    coverage: dict[str, Coverage] = {
        code: "complete" if code in present else "no_data" for code in districts
    }
    return Provenance(
        as_of=_AS_OF,
        source=Source(crs=workspace.city.crs, note="source.sample"),
        sample=True,
        coverage=coverage,
        importer=IMPORTER,
    )


def _warm(workspace: Workspace, progress: Progress) -> None:
    """Compute what the pages ask first, so that the first visitor does not wait."""
    present = [state.definition for state in workspace.layers() if state.snapshot]
    asked = [(layer.id, level, "") for layer in present for level in LEVELS]
    asked += [
        ("landuse", level, layer.id)
        for layer in present
        if layer.group in {"control", "protected"}
        for level in LEVELS[:-1]
    ]
    for step, (layer, level, inside) in enumerate(asked):
        progress("demo.measuring", 0.82 + 0.17 * step / len(asked))
        class_field = workspace.library.require(layer).class_field
        workspace.stats(layer, by=level, class_field=class_field, inside=inside)


def _replace(folder: Path, temporary: Path) -> None:
    if not folder.exists():
        temporary.rename(folder)
        return
    old = folder.with_name(f".{folder.name}-old-{secrets.token_hex(4)}")
    folder.rename(old)
    temporary.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
