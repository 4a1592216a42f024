"""Storing a check and handing it on as files."""

import re
from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.check_documents import CHECK_FORMS, BatchForm, CheckForm
from geoapp.compliance.result import CheckResult
from geoapp.compliance.stored import StoredCheck
from geoapp.ui.session import current_lang, say

MIMES: Final[dict[CheckForm, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
}
_BATCH_FORMS: Final[tuple[BatchForm, ...]] = ("xlsx", "gpkg")
_UNFIT: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_LONGEST: Final = 60


def draw_documents(
    workspace: Workspace, result: CheckResult, row: int = 0, stored: StoredCheck | None = None
) -> None:
    """Offer the sheet of one parcel in every form; each is made when it is asked for."""
    lang, parcel = current_lang(), result.parcels[row]
    overrides = stored.overrides if stored else ()
    name = file_name(result.serial, parcel.name or parcel.id)
    with st.container(horizontal=True):
        for form in CHECK_FORMS:
            st.download_button(
                say(f"check_page.form_{form}"),
                data=lambda form=form: workspace.check_document(  # type: ignore[misc]
                    result, form, row=row, lang=lang, overrides=overrides
                ),
                file_name=f"{name}.{form}",
                mime=MIMES[form],
                icon=":material/download:",
                on_click="ignore",
                key=f"check_file_{form}_{result.serial}_{row}",
            )


def draw_batch_documents(workspace: Workspace, result: CheckResult) -> None:
    """Offer a check of many parcels, one row each."""
    lang = current_lang()
    name = file_name(result.serial, say("check_sheet.batch_title"))
    with st.container(horizontal=True):
        for form in _BATCH_FORMS:
            st.download_button(
                say(f"check_page.batch_{form}"),
                data=lambda form=form: workspace.batch_document(result, form, lang=lang),  # type: ignore[misc]
                file_name=f"{name}.{form}",
                mime=MIMES[form],
                icon=":material/download:",
                on_click="ignore",
                key=f"check_batch_{form}_{result.serial}",
            )


def file_name(serial: str, name: str) -> str:
    """Name a file by serial and parcel, as any system takes it."""
    whole = say("check_sheet.file_title", name=" ".join(filter(None, (serial, name))))
    return _UNFIT.sub(" ", whole).strip(" .")[:_LONGEST] or "check"
