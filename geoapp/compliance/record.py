"""Requests and results as they are stored: exact, and in no language."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter

from geoapp.compliance.request import CheckRequest, Parcel
from geoapp.compliance.result import CheckResult
from geoapp.compliance.shape import from_hex, to_hex
from geoapp.compliance.stored import Difference

MOST_DIFFERENCES: Final = 50
_AGREES: Final = 1e-6  # m² or m: other versions of the libraries round the last digits otherwise
_LEFT_OUT: Final = frozenset({"serial", "made_at"})  # what storing adds

Document = dict[str, Any]
Value = str | float | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRequest:
    """A request with all that its answer depends on besides snapshots and rules.

    Attributes:
        request: The request; its day is set.
        current: It was asked of the current snapshots, not of those of a day.
        visible: Layers that whoever asked could see.
        slope_visible: Whoever asked could see height models.
    """

    request: CheckRequest
    current: bool
    visible: frozenset[str]
    slope_visible: bool


_RESULT: Final = TypeAdapter(CheckResult)


def write_result(result: CheckResult) -> Document:
    """Give a result as a document."""
    document: Document = _RESULT.dump_python(result, mode="json")
    return document


def read_result(document: Document) -> CheckResult:
    """Read what ``write_result`` gave."""
    return _RESULT.validate_python(document)


def write_request(stored: StoredRequest) -> Document:
    """Give a request as a document."""
    request = stored.request
    return {
        "purpose": request.purpose,
        "on": request.on.isoformat() if request.on else None,
        "current": stored.current,
        "balance": request.balance,
        "remedy": request.remedy,
        "visible": sorted(stored.visible),
        "slope_visible": stored.slope_visible,
        "parcels": [
            {
                "geometry": None if parcel.geometry is None else to_hex(parcel.geometry),
                "id": parcel.id,
                "name": parcel.name,
                "declared_m2": parcel.declared_m2,
                "crs": parcel.crs,
                "row": parcel.row,
            }
            for parcel in request.parcels
        ],
    }


def read_request(document: Document) -> StoredRequest:
    """Read what ``write_request`` gave."""
    parcels = [
        Parcel(**(fields | {"geometry": fields["geometry"] and from_hex(fields["geometry"])}))
        for fields in document["parcels"]
    ]
    request = CheckRequest(
        parcels=parcels,
        purpose=document["purpose"],
        on=date.fromisoformat(document["on"]) if document["on"] else None,
        balance=document["balance"],
        remedy=document["remedy"],
    )
    return StoredRequest(
        request=request,
        current=document["current"],
        visible=frozenset(document["visible"]),
        slope_visible=document["slope_visible"],
    )


def compare(before: Document, after: Document) -> list[Difference]:
    """List what differs between two results."""
    old, new = _flatten(before, ""), _flatten(after, "")
    return [
        Difference(where=where, before=old.get(where), after=new.get(where))
        for where in sorted(old.keys() | new.keys())
        if where not in _LEFT_OUT and not _agree(old, new, where)
    ]


def _agree(old: dict[str, Value], new: dict[str, Value], where: str) -> bool:
    if where not in old or where not in new:
        return False
    one, other = old[where], new[where]
    numbers = isinstance(one, float | int) and isinstance(other, float | int)
    if numbers and not isinstance(one, bool) and not isinstance(other, bool):
        return abs(float(one or 0) - float(other or 0)) <= _AGREES
    return one == other


def _flatten(value: Any, path: str) -> dict[str, Value]:
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = {str(place): item for place, item in enumerate(value)}.items()
    else:
        return {path: value}
    found: dict[str, Value] = {}
    for key, item in pairs:
        found |= _flatten(item, f"{path}.{key}" if path else str(key))
    return found
