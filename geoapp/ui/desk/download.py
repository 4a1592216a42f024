"""The download of a layer: choose a form, see what it loses, take the file."""

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import streamlit as st

from geoapp.access.policy import decide
from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import LayerDefinition
from geoapp.exporters.report import ExportReport
from geoapp.exporters.request import FORMATS, SUFFIXES, Encoding, Format, offered_crs
from geoapp.geometry.crs import GEOGRAPHIC, gauss_crs
from geoapp.ui.frame import worded_errors
from geoapp.ui.session import current_lang, say
from geoapp.ui.waiting import plain, shown_progress
from geoapp.values import AreaUnit, convert_area, to_kilometres

_FOLDER: Final = "desk-downloads"
_MADE: Final = "desk-made"
_MOST_BYTES: Final = 500 * 2**20  # the server holds in memory what a browser downloads
_TOWNSHIP_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class _Choice:
    layer: str
    format: Format
    within: str
    crs: str
    official_names: bool
    encoding: Encoding
    version: str


@dataclass(frozen=True, slots=True)
class _Made:
    choice: _Choice
    report: ExportReport


def offer_download(workspace: Workspace, definition: LayerDefinition, version: str = "") -> None:
    """Open the box in which a download is made.

    Args:
        workspace: The city.
        definition: The layer.
        version: Name of a snapshot; by default the current one.
    """
    title = say("data.download_title", layer=definition.title[current_lang()])

    @st.dialog(title, width="medium", icon=":material/download:")
    def box() -> None:
        with worded_errors():
            _draw_box(workspace, definition, version)

    box()


def _draw_box(workspace: Workspace, definition: LayerDefinition, version: str) -> None:
    choice = _choose(workspace, definition, version)
    if st.button(say("data.make_file"), type="primary", key="desk-make", width="stretch"):
        _make(workspace, choice)
    made = st.session_state.get(_MADE)
    if made is not None and made.choice == choice and made.report.file.is_file():
        _draw_made(definition, made.report)


def _choose(workspace: Workspace, definition: LayerDefinition, version: str) -> _Choice:
    forms = [f for f in FORMATS if f != "boundary_text" or definition.geometry == "polygon"]
    form = st.selectbox(
        say("data.format"),
        forms,
        format_func=lambda name: f"{say(f'export.format_{name}')} {SUFFIXES[name]}",
        key="desk-format",
    )
    units = _units(workspace, definition)
    within = st.selectbox(
        say("data.within"), list(units), format_func=lambda code: units[code], key="desk-within"
    )
    crs = _choose_crs(workspace, form)
    official = False
    if definition.official and form != "boundary_text":
        official = st.toggle(
            say("data.official_names", layer=definition.official.layer),
            help=say("data.official_help"),
            key="desk-official",
        )
    encoding: Encoding = "gbk"
    if form == "shapefile":
        encoding = st.segmented_control(
            say("data.encoding"),
            list(get_args(Encoding)),
            default="gbk",
            required=True,
            format_func=str.upper,
            key="desk-encoding",
        )
    return _Choice(definition.id, form, within, crs, official, encoding, version)


def _choose_crs(workspace: Workspace, form: Format) -> str:
    zone = workspace.city.zone
    offered = list(offered_crs(form, zone))
    titles = {
        GEOGRAPHIC: say("data.crs_degrees"),
        gauss_crs(zone, prefixed=True): say("data.crs_prefixed", zone=zone),
        gauss_crs(zone): say("data.crs_plain", zone=zone),
    }
    return st.selectbox(
        say("data.crs"),
        offered,
        format_func=lambda crs: f"{titles[crs]} · {crs}",
        disabled=len(offered) == 1,
        key=f"desk-crs-{len(offered)}-{offered[0]}",
    )


def _units(workspace: Workspace, definition: LayerDefinition) -> dict[str, str]:
    """Give the units that one may choose: code → name with those above it."""
    lang = current_lang()
    whole = decide(workspace.principal, "export_whole", definition).allowed
    units = {"": workspace.name_unit(workspace.city.code, lang)} if whole else {}
    current = workspace.store.current()
    for unit in workspace.unit_names:
        if unit.level not in current or (not whole and len(unit.code) < _TOWNSHIP_DIGITS):
            continue
        path = [unit.code[:length] for length in (6, 9, 12) if len(unit.code) >= length]
        units[unit.code] = " › ".join(workspace.name_unit(code, lang) for code in path)
    return dict(sorted(units.items()))


def _make(workspace: Workspace, choice: _Choice) -> None:
    lang = current_lang()
    folder = _fresh_folder()
    title = workspace.library.require(choice.layer).title[lang]
    unit = workspace.name_unit(choice.within or workspace.city.code, lang)
    # The server tells downloads apart by name and parts of their content: no two are named alike.
    name = f"{unit}_{title}_{secrets.token_hex(2)}{SUFFIXES[choice.format]}"
    with shown_progress() as progress:
        report = workspace.export(
            choice.layer,
            folder / name.replace("/", "-").replace(" ", "_"),
            within=choice.within,
            version=choice.version or None,
            format=choice.format,
            crs=choice.crs,
            official_names=choice.official_names,
            encoding=choice.encoding,
            lang=lang,
            progress=progress,
        )
    st.session_state[_MADE] = _Made(choice, report)


def _fresh_folder() -> Path:
    """Give an empty folder of this session; it goes when the session does."""
    st.session_state.pop(_MADE, None)
    st.session_state[_FOLDER] = tempfile.TemporaryDirectory(prefix="geoapp-download-")
    return Path(st.session_state[_FOLDER].name)


def _draw_made(definition: LayerDefinition, report: ExportReport) -> None:
    lang = current_lang()
    size = report.file.stat().st_size
    amount = f"{convert_area(report.area_m2, AreaUnit.HA):,} {say('unit.ha')}"
    if report.length_m is not None:
        amount = f"{to_kilometres(report.length_m):,} {say('unit.km')}"
    parts = [say("data.features", count=f"{report.feature_count:,}")]
    parts += [amount] if definition.geometry != "point" else []
    parts += [report.crs, _size(size)]
    st.markdown(f":material/check_circle: **{plain(report.file.name)}**  \n{' · '.join(parts)}")
    if report.reaching_out:
        st.info(say("export.reaching_out", count=report.reaching_out), icon=":material/info:")
    if report.losses:
        lines = "\n".join(f"- {plain(loss.word(lang))}" for loss in report.losses)
        st.warning(f"{say('export.losses')}\n\n{lines}", icon=":material/rule:")
    else:
        st.caption(say("data.no_losses"))
    if report.sample:
        st.caption(f":orange[:material/science: {say('data.marked_sample')}]")
    if size > _MOST_BYTES:
        command = f"geoapp export {definition.id} -o {report.file.suffix}"
        st.error(say("data.too_large_to_download", size=_size(size), command=command))
        return
    st.download_button(
        say("data.take_file"),
        data=report.file.read_bytes,
        file_name=report.file.name,
        icon=":material/download:",
        on_click="ignore",
        type="primary",
        width="stretch",
    )


def _size(count: int) -> str:
    return f"{count / 2**20:,.1f} MB" if count >= 2**20 else f"{max(1, count // 1024):,} kB"
