"""Where a file to import comes from: dropped into the browser, or put into the inbox."""

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from geoapp.bootstrap import Workspace
from geoapp.ui.session import say
from geoapp.ui.uploaded import require_distinct

MOST_MB: Final = 200  # held in memory while a browser sends it
INBOX: Final = "inbox"
_FOLDER: Final = "desk-uploads"
_LONGEST_NAME: Final = 120
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f/\\:\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class ChosenSource:
    """A file, or several that belong together, on this server.

    Attributes:
        key: Tells it from every other, also from a second one of the same name.
        path: The file, or the folder of several.
        name: As the person knows it.
    """

    key: str
    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class _Kept:
    key: str
    folder: "tempfile.TemporaryDirectory[str]"  # goes with the session
    source: ChosenSource


def choose_source(workspace: Workspace) -> ChosenSource | None:
    """Draw where the file comes from; ``None`` until there is one."""
    offered = _inbox(workspace)
    left, right = st.columns([3, 2], gap="medium") if offered else (st.container(), None)
    with left:
        files = st.file_uploader(
            say("desk.drop"),
            accept_multiple_files=True,
            max_upload_size=MOST_MB,
            key=f"desk-files-{st.session_state.get('desk-round', 0)}",
            help=say("desk.drop_help"),
        )
        st.caption(say("desk.formats", most=MOST_MB, inbox=INBOX))
    if right is not None:
        with right:
            chosen = st.selectbox(
                say("desk.from_inbox"),
                [None, *offered],
                format_func=lambda path: say("desk.no_inbox_file") if path is None else path.name,
                help=say("desk.inbox_help", folder=INBOX),
                key="desk-inbox",
            )
        if chosen is not None and not files:
            changed = chosen.stat().st_mtime_ns
            return ChosenSource(f"{chosen.name}-{changed}", chosen, chosen.name)
    return _keep(files) if files else None


def forget_source() -> None:
    """Let go of what was uploaded, so that the next file begins anew."""
    st.session_state.pop(_FOLDER, None)
    st.session_state["desk-round"] = st.session_state.get("desk-round", 0) + 1


def _inbox(workspace: Workspace) -> list[Path]:
    folder = workspace.folder / INBOX
    if not folder.is_dir():
        return []
    found = [
        path for path in folder.iterdir() if not path.name.startswith(".") and not path.is_symlink()
    ]
    return sorted(found, key=lambda path: path.name)


def _keep(files: list[UploadedFile]) -> ChosenSource:
    """Write uploads to a folder of this session, once.

    Raises:
        FileError: Two of them have one name.
    """
    key = " ".join(file.file_id for file in files)
    kept: _Kept | None = st.session_state.get(_FOLDER)
    if kept is not None and kept.key == key:
        return kept.source
    names = [_safe_name(file.name) for file in files]
    require_distinct(names)
    folder = tempfile.TemporaryDirectory(prefix="geoapp-upload-")
    place = Path(folder.name)
    if len(files) > 1:
        place /= Path(names[0]).stem
        place.mkdir()
    for file, name in zip(files, names, strict=True):
        with (place / name).open("wb") as target:
            shutil.copyfileobj(file, target)
    path = place if len(files) > 1 else place / names[0]
    source = ChosenSource(key, path, ", ".join(names))
    st.session_state[_FOLDER] = _Kept(key, folder, source)
    return source


def _safe_name(name: str) -> str:
    """Give a name of a file as it was called, without what leads elsewhere or deceives."""
    cleaned = _UNSAFE.sub("_", name).strip(". ") or "file"
    stem, dot, suffix = cleaned.rpartition(".")
    if len(cleaned) <= _LONGEST_NAME:
        return cleaned
    return f"{stem[: _LONGEST_NAME - len(suffix) - 1]}{dot}{suffix}"[:_LONGEST_NAME]
