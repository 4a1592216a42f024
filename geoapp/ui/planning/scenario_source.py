"""Where a boundary under consideration begins: a drawing, a file, a feature, a scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.shape import to_geojson
from geoapp.errors import GeoAppError, GeometryError
from geoapp.geometry.digits import give_back_digits
from geoapp.i18n import word_error
from geoapp.importers.bundle import unbundled
from geoapp.overlay.what_if_result import Existing
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
        replaces: The feature whose boundary is being moved.
        brought: Changes when the map should go to it.
    """

    geometry: shapely.Geometry
    replaces: Existing | None = None
    brought: str = ""

    def to_map(self) -> dict[str, object]:
        """Give it as the map takes it."""
        return to_geojson(self.geometry)


def held_boundary() -> Boundary | None:
    """Give the boundary that is on the map."""
    found = st.session_state.get(_HELD)
    return found if isinstance(found, Boundary) else None


def hold_boundary(boundary: Boundary | None) -> None:
    """Put another boundary on the map."""
    st.session_state[_HELD] = boundary


def take_drawing(drawn: shapely.Geometry | None) -> None:
    """Take what was drawn; what was not moved stays the very place that it was.

    The map knows places to a millimetre; without this every unmoved corner would be moved by less.
    """
    before = held_boundary()
    if drawn is None:
        hold_boundary(None)
    elif before is None:
        hold_boundary(Boundary(drawn))
    else:
        exact = give_back_digits(drawn, before.geometry)
        hold_boundary(Boundary(exact, before.replaces, before.brought))


def take_picked(workspace: Workspace, pick: Mapping[str, str]) -> None:
    """Begin from the feature that was picked on the map."""
    layer, row = pick["layer"], pick["row"]
    found = workspace.find_parcel(layer, int(row) if row.isdecimal() else -1, snapshot=pick["v"])
    replaces = Existing(layer, found.id) if found.id else None
    if found.geometry is None:
        raise GeometryError("feature-without-area", layer=layer)
    hold_boundary(Boundary(found.geometry, replaces, brought=f"{layer} {row}"))


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
    if not files or st.session_state.get(_TAKEN) == stamp:
        return
    with saved_files(files) as saved, unbundled(saved) as paths:
        found = workspace.check([*paths])
    st.session_state[_TAKEN] = stamp
    if not found.parcels:
        st.error(plain(found.problems[0].word(current_lang())))
        return
    if len(found.parcels) > 1:
        st.info(say("scenario.first_of", count=len(found.parcels)))
    hold_boundary(Boundary(found.parcels[0].geometry, brought="file " + " ".join(stamp)))


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
    hold_boundary(Boundary(shape, Existing(layer, key.strip()), brought=f"{layer} {key}"))


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
        one = kept[label]
        hold_boundary(Boundary(one.geometry, one.replaces, brought=label))
