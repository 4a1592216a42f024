"""Where a boundary under consideration begins: a drawing, a file, a feature, a scenario."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import shapely
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from geoapp.bootstrap import Workspace
from geoapp.errors import GeoAppError, GeometryError
from geoapp.i18n import word_error
from geoapp.importers.bundle import unbundled
from geoapp.overlay.what_if_result import Existing
from geoapp.planning.scenario import Scenario
from geoapp.ui.check_input import SUFFIXES, saved_files
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say

_WAYS: Final = ("draw", "file", "feature", "scenario")
_HELD: Final = "scenario-held"
_TAKEN: Final = "scenario-file-taken"


@dataclass(frozen=True, slots=True)
class Boundary:
    """What is on the map.

    Attributes:
        geometry: EPSG:4490.
        origin: What it was when it came onto the map.
        replaces: The feature whose boundary is being moved.
        edits: The scenario that is edited, where that one moves no feature itself.
        replaced: The boundary that it is held against, where there is one.
        brought: Changes when the map should go to it.
    """

    geometry: shapely.Geometry
    origin: shapely.Geometry
    replaces: Existing | None = None
    edits: Scenario | None = None
    replaced: shapely.Geometry | None = None
    brought: str = ""

    def to_map(self) -> dict[str, Any]:
        """Give it as the map takes it; see ``whole_digits``."""
        return whole_digits(self.geometry)

    def origin_to_map(self) -> dict[str, Any] | None:
        """Give what it began from, where it is something else by now."""
        same = bool(shapely.equals_exact(self.geometry, self.origin, 0.0))
        return None if same else whole_digits(self.origin)

    def against(self) -> dict[str, Any] | None:
        """Name the boundary that it is held against as ``POST /map/what-if`` takes it."""
        if self.replaces is not None:
            return {"layer": self.replaces.layer, "feature": self.replaces.feature}
        if self.edits is not None:
            return {"scenario": self.edits.name, "version": self.edits.version}
        return None


def whole_digits(shape: shapely.Geometry) -> dict[str, Any]:
    """Give GeoJSON with every digit: places that are not moved come back as they are."""
    found: dict[str, Any] = json.loads(shapely.to_geojson(shapely.force_2d(shape)))
    return found


def held_boundary() -> Boundary | None:
    """Give the boundary that is on the map."""
    found = st.session_state.get(_HELD)
    return found if isinstance(found, Boundary) else None


def hold_boundary(boundary: Boundary | None) -> None:
    """Put another boundary on the map."""
    st.session_state[_HELD] = boundary


def take_drawing(drawn: shapely.Geometry | None) -> None:
    """Take what was drawn, in place of what is on the map."""
    before = held_boundary()
    if drawn is None:
        hold_boundary(None)
    elif before is None:
        hold_boundary(Boundary(drawn, drawn))
    else:
        hold_boundary(replace(before, geometry=drawn))


def take_restored(workspace: Workspace, drawn: shapely.Geometry, against: object) -> None:
    """Take a drawing that a reload of the page brought back, and what it was held against.

    Args:
        workspace: The city.
        drawn: The drawing; taken alone where the rest is not there any more.
        against: What the browser kept of ``Boundary.against``; it is not trusted.

    Raises:
        GeoAppError: What it was held against is gone.
    """
    hold_boundary(Boundary(drawn, drawn))
    match against:
        case {"layer": str(layer), "feature": str(key)}:
            [found] = workspace.feature(layer, key).features
            if found.geometry is not None:
                shape = shapely.from_geojson(found.geometry)
                hold_boundary(Boundary(drawn, shape, Existing(layer, key), replaced=shape))
        case {"scenario": str(name), "version": int(version)}:
            one = workspace.scenarios.require(name, version)
            hold_boundary(Boundary(drawn, one.geometry, edits=one, replaced=one.geometry))
        case _:
            pass  # nothing that this page has written


def take_picked(workspace: Workspace, pick: Mapping[str, str]) -> None:
    """Begin from the feature that was picked on the map."""
    layer, row = pick["layer"], pick["row"]
    found = workspace.find_parcel(layer, int(row) if row.isdecimal() else -1, snapshot=pick["v"])
    replaces = Existing(layer, found.id) if found.id else None
    if found.geometry is None:
        raise GeometryError("feature-without-area", layer=layer)
    _bring(found.geometry, f"{layer} {row}", replaces)


def _bring(shape: shapely.Geometry, brought: str, replaces: Existing | None = None) -> None:
    replaced = shape if replaces else None
    hold_boundary(Boundary(shape, shape, replaces, replaced=replaced, brought=brought))


def draw_sources(workspace: Workspace) -> None:
    """Draw the ways to begin; what is taken replaces what was on the map."""
    way = st.segmented_control(
        say("scenario.way"),
        _WAYS,
        default="draw",
        format_func=lambda name: say(f"scenario.way_{name}"),
        required=True,
        key="scenario-way",
    )
    try:
        if way == "file":
            _take_file(workspace)
        elif way == "feature":
            _take_feature(workspace)
        elif way == "scenario":
            _take_scenario(workspace)
        else:
            st.caption(say("planning_page.scenario_how"))
    except GeoAppError as error:
        st.error(plain(word_error(error, current_lang())))


def _take_file(workspace: Workspace) -> None:
    files = st.file_uploader(
        say("check_page.upload"),
        type=list(SUFFIXES),
        accept_multiple_files=True,
        help=say("check_page.upload_help"),
        key="scenario-file",
    )
    stamp = tuple(file.file_id for file in files or ())
    taken, note = st.session_state.get(_TAKEN, ((), None))
    if files and taken != stamp:
        note = _read_file(workspace, files, " ".join(stamp))
        st.session_state[_TAKEN] = stamp, note
    if files and note is not None:  # it stands as long as the file does
        done, words = note
        (st.info if done else st.error)(plain(words))


def _read_file(
    workspace: Workspace, files: Sequence[UploadedFile], stamp: str
) -> tuple[bool, str] | None:
    """Read the boundary of a file; what is to be said of it, or why it cannot be taken."""
    try:
        with saved_files(files) as saved, unbundled(saved) as paths:
            found = workspace.read_boundary(paths)
    except GeoAppError as error:
        return False, word_error(error, current_lang())
    _bring(found, f"file {stamp}")
    count = int(shapely.get_num_geometries(found))
    return (True, say("scenario.parts_of", count=count)) if count > 1 else None


def _take_feature(workspace: Workspace) -> None:
    lang = current_lang()
    layers = {
        state.definition.id: state.definition.title[lang]
        for state in workspace.layers()
        if state.snapshot is not None and state.definition.geometry == "polygon"
    }
    with (
        st.form("scenario-feature", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        layer = st.selectbox(
            say("statistics.layer"),
            list(layers),
            format_func=lambda name: layers[name],
            key="scenario-layer",
            width=220,
        )
        key = st.text_input(say("scenario.feature_key"), key="scenario-key", width=220)
        taken = st.form_submit_button(say("scenario.take"))
    if not taken:
        return
    [found] = workspace.feature(layer, key.strip()).features
    if found.geometry is None:
        raise GeometryError("feature-without-area", layer=layers[layer])
    shape = shapely.from_geojson(found.geometry)
    _bring(shape, f"{layer} {key}", Existing(layer, key.strip()))


def _take_scenario(workspace: Workspace) -> None:
    kept = {one.label: one for one in workspace.scenarios.all()}
    if not kept:
        st.info(say("planning_page.no_scenarios"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            say("scenario.way_scenario"), list(kept), key="scenario-from", width=320
        )
        taken = st.button(say("scenario.take"), key="scenario-take")
    if taken:
        _bring_scenario(workspace, kept[label])


def _bring_scenario(workspace: Workspace, one: Scenario) -> None:
    edits, replaced = (None, None) if one.replaces else (one, one.geometry)
    if one.replaces is not None:
        [found] = workspace.feature(one.replaces.layer, str(one.replaces.feature)).features
        replaced = shapely.from_geojson(found.geometry) if found.geometry else None
    shape = one.geometry
    hold_boundary(Boundary(shape, shape, one.replaces, edits, replaced, brought=one.label))
