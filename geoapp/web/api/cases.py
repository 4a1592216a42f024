"""The register of demolition cases for other programs: to read, never to write."""

import json
from collections.abc import Sequence
from typing import Any, Final, get_args

from geoapp.bootstrap import Workspace
from geoapp.cases.case import MODES, SOURCES, CaseFilter, SortKey, require_offered
from geoapp.cases.case_json import case_file_to_json, cases_to_json, figures_to_json
from geoapp.cases.storage_figures import CaseGrouping
from geoapp.cases.track import read_stages
from geoapp.errors import ChoiceError
from geoapp.web.api.answering import Reply
from geoapp.web.api.asked import Asked
from geoapp.web.api.links import JSON

FILTER_PARAMETERS: Final = ("within", "text", "stage", "mode", "source", "overdue")
LIST_PARAMETERS: Final = (*FILTER_PARAMETERS, "sort", "offset", "limit")
PROGRESS_PARAMETERS: Final = ("by", *FILTER_PARAMETERS)
MOST: Final = 500
_USUAL: Final = 50


def answer_cases(workspace: Workspace, asked: Asked) -> Reply:
    """Answer with the document ``geoapp.cases/1``: some cases, and how many there are."""
    values = asked.values
    sort: SortKey = _choose("sort", values.get("sort", "due_on"), get_args(SortKey))
    offset = _read_count("offset", values.get("offset", "0"), 0, 10**9)
    limit = _read_count("limit", values.get("limit", str(_USUAL)), 1, MOST)
    wanted = _read_filter(workspace, asked)
    page = workspace.cases.register.select(wanted, sort=sort, offset=offset, limit=limit)
    return _reply(cases_to_json(page, offset=offset))


def answer_case(workspace: Workspace, asked: Asked) -> Reply:
    """Answer with the document ``geoapp.case/1``: a case with its history and next steps."""
    cases = workspace.cases
    case = cases.register.show(asked.names["case"])
    events, deadlines = cases.register.events(case.id), cases.register.deadlines(case.id)
    offered = cases.mover.offered(case.id)
    return _reply(case_file_to_json(case, events, deadlines, offered, asked.lang))


def answer_progress(workspace: Workspace, asked: Asked) -> Reply:
    """Answer with the document ``geoapp.case-progress/1``: figures beside what was reported."""
    by: CaseGrouping = _choose("by", asked.values.get("by", "district"), get_args(CaseGrouping))
    wanted = _read_filter(workspace, asked)
    progress = workspace.cases.progress
    rows, curve = progress.cases(by, wanted), progress.curve(wanted)
    reported = progress.reported() if wanted == CaseFilter() else ()
    sample = workspace.city.sample
    return _reply(figures_to_json(by, rows, curve, reported, asked.lang, sample=sample))


def _read_filter(workspace: Workspace, asked: Asked) -> CaseFilter:
    values = asked.values
    chosen: dict[str, Any] = {}
    for name, offered in (
        ("stage", tuple(stage.id for stage in read_stages())),
        ("mode", MODES),
        ("source", SOURCES),
    ):
        words = tuple(word for word in values.get(name, "").split(",") if word)
        for word in words:
            require_offered(word, name, offered)
        chosen[name] = words
    overdue = _choose("overdue", values.get("overdue", "0"), ("0", "1")) == "1"
    return CaseFilter(
        unit=values.get("within", ""),
        text=values.get("text", ""),
        stages=chosen["stage"],
        modes=chosen["mode"],
        sources=chosen["source"],
        overdue_on=workspace.cases.office.today if overdue else None,
    )


def _choose(name: str, value: str, offered: Sequence[str]) -> Any:
    require_offered(value, name, tuple(offered))
    return value


def _read_count(name: str, value: str, least: int, most: int) -> int:
    if value.isascii() and value.isdigit() and least <= int(value) <= most:
        return int(value)
    raise ChoiceError("choice-unknown", option=name, value=value[:20], offered=f"{least} … {most}")


def _reply(document: dict[str, Any]) -> Reply:
    return Reply(JSON, lambda: json.dumps(document, ensure_ascii=False, allow_nan=False))
