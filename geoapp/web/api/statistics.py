"""Statistics and the list of layers for other programs: the documents of the command line."""

import json
from datetime import date
from typing import Any, Final

from geoapp.bootstrap import Workspace
from geoapp.bootstrap.layer_list import list_layers
from geoapp.errors import ChoiceError
from geoapp.overlay.result import LEVELS, Level
from geoapp.web.api.answering import Reply
from geoapp.web.api.asked import Asked
from geoapp.web.api.links import JSON

STATS_PARAMETERS: Final = ("layer", "by", "class", "inside", "within", "as_of")
_SHOWN: Final = 40


def answer_stats(workspace: Workspace, asked: Asked) -> Reply:
    """Answer with the document ``geoapp.stats/1``."""
    values = asked.values
    if "layer" not in values:
        raise ChoiceError("api-parameter-missing", name="layer")
    result = workspace.stats(
        values["layer"],
        by=_read_level(values.get("by", "district")),
        class_field=values.get("class", ""),
        inside=values.get("inside", ""),
        within=values.get("within", ""),
        as_of=_read_date(values.get("as_of", "")),
    )
    document = result.to_json()
    return Reply(JSON, lambda: _write(document), tuple(sorted(result.snapshots.items())))


def answer_layers(workspace: Workspace, asked: Asked) -> Reply:
    """Answer with the document ``geoapp.layers/1``."""
    return Reply(JSON, lambda: _write(list_layers(workspace, asked.lang)))


def _write(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _read_level(written: str) -> Level:
    for level in LEVELS:
        if level == written:
            return level
    raise ChoiceError(
        "choice-unknown", option="by", value=written[:_SHOWN], offered=", ".join(LEVELS)
    )


def _read_date(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise ChoiceError("date-wrong", value=written[:_SHOWN]) from error
