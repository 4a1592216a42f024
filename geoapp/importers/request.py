"""What a person asks of an import."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypedDict, get_args

from geoapp.errors import ChoiceError
from geoapp.importers.vector import AUTO, Source

OnProblem = Literal["refuse", "accept", "reject_rows"]
MakeCurrent = Literal["auto", "yes", "no"]


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import, and what the person states about it.

    Attributes:
        file: The file, a folder, the files of one shapefile, or the address of a database table.
        as_of: Day that the data describes.
        sublayer: Which layer of the file, where it holds several.
        crs: Stated system, or ``auto``.
        encoding: Stated encoding, or ``auto``.
        covers: Codes of the districts for which the file is complete, ``("all",)`` for the
            whole city. Absence means something only there.
        mapping: Field of the file → canonical field, ``""`` to leave a field out; what is not
            named is found by name and synonym.
        on_problem: What becomes of rows with errors. ``refuse``: the whole file is refused.
            ``accept``: a value that does not fit its field is left empty, which is listed; rows
            without a usable geometry still refuse the file. ``reject_rows``: they are written
            to a file of their own and the others are taken.
        repair: Invalid polygons are repaired, each one listed; else they are errors.
        scale: Denominator of the scale at which the data was compiled; 0 when not known.
        rebuild_index: Make the missing ``.shx`` of a shapefile again.
    """

    file: Source
    as_of: date
    sublayer: str = ""
    crs: str = AUTO
    encoding: str = AUTO
    covers: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    on_problem: OnProblem = "refuse"
    repair: bool = True
    scale: int = 0
    rebuild_index: bool = False


class ImportOptions(TypedDict, total=False):
    """What may be stated about an import; see ``ImportRequest``."""

    sublayer: str
    crs: str
    encoding: str
    as_of: date | None
    covers: tuple[str, ...]
    mapping: Mapping[str, str] | None
    on_problem: OnProblem
    repair: bool
    scale: int
    rebuild_index: bool


def make_request(file: Source, options: ImportOptions) -> ImportRequest:
    """Make a request of what was stated; data without a date describes today.

    Raises:
        ChoiceError: ``on_problem`` is not offered, or the scale is no scale.
    """
    on_problem = options.get("on_problem", "refuse")
    if on_problem not in get_args(OnProblem):
        offered = ", ".join(get_args(OnProblem))
        raise ChoiceError("choice-unknown", option="on_problem", value=on_problem, offered=offered)
    if options.get("scale", 0) < 0:
        raise ChoiceError(
            "choice-unknown", option="scale", value=options.get("scale"), offered="≥ 0"
        )
    return ImportRequest(
        file,
        options.get("as_of") or date.today(),  # noqa: DTZ011  an office's calendar day
        sublayer=options.get("sublayer", ""),
        crs=options.get("crs", AUTO),
        encoding=options.get("encoding", AUTO),
        covers=tuple(options.get("covers", ())),
        mapping=dict(options.get("mapping") or {}),
        on_problem=on_problem,
        repair=options.get("repair", True),
        scale=options.get("scale", 0),
        rebuild_index=options.get("rebuild_index", False),
    )
