"""The ways in: coordinates, a file, a feature of a layer, a saved parcel; and the question."""

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path, PurePath
from typing import Any, Final

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.result import CheckResult, ParcelResult
from geoapp.errors import GeoAppError, NotFoundError
from geoapp.i18n import word_error
from geoapp.importers.bundle import unbundled
from geoapp.importers.pasted import read_pasted
from geoapp.importers.problem import Problem
from geoapp.ui.check_state import Held, Question, ask, current_question, find_held, hold
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say
from geoapp.ui.uploaded import require_distinct

SUFFIXES: Final = (
    "txt", "csv", "xlsx", "xls", "zip", "shp", "shx", "dbf", "prj", "cpg", "gpkg", "geojson",
    "json", "kml", "kmz", "dxf", "parquet",
)  # fmt: skip
_WAYS: Final = ("draw", "paste", "upload", "saved")
_HELD_FILE: Final = "check-file"
_WIDEST_M: Final = 2000.0


def draw_ways_in(workspace: Workspace) -> None:
    """Draw the ways in; what is taken replaces the parcel that was looked at."""
    way = st.segmented_control(
        say("check_page.way"),
        _WAYS,
        default="draw",
        key="check_way",
        format_func=lambda name: say(f"check_page.way_{name}"),
        required=True,
    )
    if way == "paste":
        _paste(workspace)
    elif way == "upload":
        _upload(workspace)
    elif way == "saved":
        _saved(workspace)
    else:
        st.caption(say("check_page.draw_how"))


def draw_question(workspace: Workspace) -> None:
    """Draw what is asked of the parcel: purpose, day, and for a line its width."""
    held, before = find_held(), current_question()
    purposes = workspace.purposes()
    lang = current_lang()
    left, right = st.columns(2)
    names = list(purposes)
    purpose = left.selectbox(
        say("check_page.purpose"),
        names,
        index=names.index(before.purpose) if before.purpose in names else 0,
        format_func=lambda name: purposes[name][lang],
    )
    on = right.date_input(
        say("check_page.on"),
        value=before.on,
        min_value=date(2000, 1, 1),
        format="YYYY-MM-DD",
        help=say("check_page.on_help"),
    )
    width, balance = before.width_m, before.balance
    if held is not None and held.is_line:
        width = st.number_input(
            say("check_page.width"), 0.5, _WIDEST_M, value=before.width_m, step=0.5, format="%.1f"
        )
    if held is not None and held.declared_m2 is not None:
        balance = st.checkbox(say("check_page.balance"), value=before.balance)
    day = on if isinstance(on, date) else None
    ask(Question(purpose, day, balance, float(width)))


def draw_particulars(workspace: Workspace) -> None:
    """Draw name, number and declared area of the parcel, and what to do with it."""
    held = find_held()
    if held is None:
        return
    with st.expander(say("check_page.particulars"), icon=":material/edit_note:"):
        for note in held.notes:
            st.caption(f":material/info: {plain(note)}")
        name = st.text_input(say("check_page.name"), value=held.name, max_chars=80)
        if not held.is_line:
            left, right = st.columns(2)
            number = left.text_input(say("check_page.number"), value=held.id, max_chars=40)
            declared = right.number_input(
                say("check_page.declared"), min_value=0.01, value=held.declared_m2, format="%.2f"
            )
        else:
            number, declared = held.id, held.declared_m2
        if (name, number, declared) != (held.name, held.id, held.declared_m2):
            hold(
                Held(held.geometry, name, number, declared, held.crs, held.notes, held.bring),
                bring=False,
            )
            st.rerun()
        if not held.is_line:
            st.button(
                say("check_page.save_draft"),
                icon=":material/bookmark_add:",
                disabled=not name.strip(),
                help=say("check_page.save_draft_help"),
                on_click=_save_draft,
                args=(workspace, held),
            )


def take_pick(workspace: Workspace, layer: str, row: str, snapshot: str) -> None:
    """Take a feature of a layer, as the map's card names it.

    Raises:
        NotFoundError: There is no such feature.
        AccessError: The principal may not see the layer.
    """
    title = workspace.library.require(layer).title
    if not row.isdecimal():
        raise NotFoundError("row-unknown", layer=title, row=row[:20] or "-")
    found = workspace.find_parcel(layer, int(row), snapshot=snapshot)
    if found.geometry is not None:
        hold(Held(found.geometry, found.name, found.id, None, found.crs))


def word_notes(problems: Sequence[Problem]) -> tuple[str, ...]:
    """Word what was decided while reading, with the line where there is one."""
    lang = current_lang()
    worded = []
    for one in problems:
        words = say(f"problem.{one.code}", **one.facts)
        line = say("check_page.in_line", line=one.line, note=words) if one.line else words
        worded.append(line)
    del lang
    return tuple(worded)


def _paste(workspace: Workspace) -> None:
    with st.form("check_paste", border=False):
        text = st.text_area(
            say("check_page.paste"),
            height=170,
            placeholder=say("check_page.paste_example"),
            help=say("check_page.paste_help"),
        )
        sent = st.form_submit_button(say("check_page.paste_take"), icon=":material/south_east:")
    if not sent:
        return
    if "[" in text and "@" in text:  # an office's text with header and parcel rows
        with tempfile.TemporaryDirectory(prefix="geoapp-paste-") as folder:
            file = Path(folder) / "pasted.txt"
            file.write_text(text, encoding="utf-8")
            _hold_first(_read_file(workspace, [file]))
        return
    extent = workspace.city.extent.to_extent()
    pasted = read_pasted(text, extent, workspace.city.zone)
    hold(Held(pasted.geometry, notes=word_notes(pasted.notes)))
    st.rerun()


def _upload(workspace: Workspace) -> None:
    files = st.file_uploader(
        say("check_page.upload"),
        type=list(SUFFIXES),
        accept_multiple_files=True,
        help=say("check_page.upload_help"),
        key="check_upload",
    )
    if not files:
        st.session_state.pop(_HELD_FILE, None)
        return
    crs = st.text_input(say("check_page.crs"), value="auto", help=say("check_page.crs_help"))
    stamp = (tuple(file.file_id for file in files), crs)
    if st.session_state.get(_HELD_FILE, (None,))[0] != stamp:
        with saved_files(files) as saved, unbundled(saved) as paths:
            result = _read_file(workspace, paths, crs=crs)
        st.session_state[_HELD_FILE] = (stamp, result)
        _hold_first(result)
        return
    _choose_of_file(st.session_state[_HELD_FILE][1])


def _choose_of_file(result: CheckResult) -> None:
    for problem in result.problems:
        st.warning(
            say(
                "check_page.row_problem", row=problem.row, words=plain(problem.word(current_lang()))
            )
        )
    if len(result.parcels) < 2:
        return
    place = st.selectbox(
        say("check_page.which"),
        range(len(result.parcels)),
        format_func=lambda at: _label(result.parcels[at]),
        help=say("check_page.which_help"),
    )
    chosen, held = result.parcels[place], find_held()
    if held is None or not shapely.equals(held.geometry, chosen.geometry):
        _hold_parcel(chosen)


def _label(parcel: ParcelResult) -> str:
    names = dict.fromkeys(part for part in (parcel.id, parcel.name) if part)
    return " ".join(names) or str(parcel.row)


def _hold_first(result: CheckResult) -> None:
    if result.parcels:
        _hold_parcel(result.parcels[0])
    else:
        problem = result.problems[0]
        st.error(plain(problem.word(current_lang())))


def _hold_parcel(parcel: ParcelResult) -> None:
    notes = tuple(note.word(current_lang()) for note in parcel.notes)
    declared = parcel.declared_m2
    hold(Held(parcel.geometry, parcel.name, parcel.id, declared, parcel.crs, notes))
    st.rerun()


def _read_file(workspace: Workspace, paths: list[Path], *, crs: str = "auto") -> CheckResult:
    return workspace.check([*paths], crs=crs.strip() or "auto")


class saved_files:  # noqa: N801  used as a function: with saved_files(files) as paths
    """Keeps uploaded files on disk while they are read; readers want paths.

    The pieces of a shapefile stay together; of them only the ``.shp`` is a way in.
    """

    def __init__(self, files: Sequence[Any]) -> None:
        self._files = files

    def __enter__(self) -> list[Path]:
        """Write the files; give those that hold features.

        Raises:
            FileError: Two of them have one name.
        """
        paths = []
        names = [PurePath(file.name).name for file in self._files]
        require_distinct(names)
        self._folder = tempfile.TemporaryDirectory(prefix="geoapp-upload-")
        for file, name in zip(self._files, names, strict=True):
            path = Path(self._folder.name) / name
            path.write_bytes(file.getbuffer())
            if path.suffix.lower() not in {".shx", ".dbf", ".prj", ".cpg"}:
                paths.append(path)
        return paths

    def __exit__(self, *_: object) -> None:
        """Delete them."""
        self._folder.cleanup()


def _saved(workspace: Workspace) -> None:
    drafts = {draft.name: draft for draft in workspace.drafts()}
    if not drafts:
        st.caption(say("check_page.no_drafts"))
        return
    name = st.selectbox(say("check_page.draft"), list(drafts))
    take, drop = st.columns(2)
    draft = drafts[name]
    if take.button(say("check_page.draft_take"), icon=":material/south_east:", width="stretch"):
        hold(Held(draft.geometry, draft.name, "", draft.declared_m2))
        st.rerun()
    drop.button(
        say("check_page.draft_delete"),
        icon=":material/delete:",
        width="stretch",
        on_click=workspace.delete_draft,
        args=(name,),
    )


def _save_draft(workspace: Workspace, held: Held) -> None:
    try:
        workspace.save_draft(held.name.strip(), held.geometry, declared_m2=held.declared_m2)
    except GeoAppError as error:
        st.toast(word_error(error, current_lang()), icon=":material/error:")
    else:
        st.toast(say("check_page.draft_saved", name=held.name), icon=":material/bookmark_added:")
