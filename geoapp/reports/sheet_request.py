"""What a printed map is asked to show, and what of that is refused."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from geoapp.catalog.definition import Record
from geoapp.errors import ChoiceError
from geoapp.i18n import Lang

Paper = Literal["A4", "A3"]
Orientation = Literal["landscape", "portrait"]
SheetFormat = Literal["pdf", "png"]

LEAST_SCALE: Final = 500
MOST_SCALE: Final = 5_000_000
MOST_PIXELS: Final = 36_000_000
PAPERS: Final[dict[Paper, tuple[float, float]]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
MM_PER_INCH: Final = 25.4

_Name = Annotated[str, Field(max_length=80)]
_Longitude = Annotated[float, Field(ge=70, le=140, allow_inf_nan=False)]
_Latitude = Annotated[float, Field(ge=0, le=56, allow_inf_nan=False)]


class SheetLayer(Record):
    """One layer of a sheet.

    Attributes:
        opacity: Of what is filled, 0 to 1; ``None``: as the layer's style says.
        classes: Codes of the layer's class field to draw; ``None`` for all features.
    """

    id: _Name
    opacity: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    classes: tuple[_Name, ...] | None = Field(default=None, max_length=500)


class MapSheetRequest(Record):
    """A printed map.

    Attributes:
        layers: What is drawn; by default what is switched on when the map opens.
        bounds: West, south, east, north in degrees CGCS2000; the frame holds all of it.
        centre: Longitude and latitude of the middle of the frame; needs ``scale``.
        within: Code of a unit whose bounds are shown where neither of the above is given.
        scale: Denominator; ``None``: the largest round one at which the bounds fit.
        title: ``""``: the city and the layers.
        dpi: Of a PNG, and of what a PDF holds as a picture.
        snapshots: Snapshot by layer; the current one where it is not named.
    """

    layers: tuple[SheetLayer, ...] = Field(default=(), max_length=40)
    bounds: tuple[_Longitude, _Latitude, _Longitude, _Latitude] | None = None
    centre: tuple[_Longitude, _Latitude] | None = None
    within: str = Field(default="", pattern="^[0-9]{0,12}$")
    scale: int | None = None
    paper: Paper = "A4"
    orientation: Orientation = "landscape"
    title: str = Field(default="", max_length=120)
    subtitle: str = Field(default="", max_length=160)
    lang: Lang = "zh"
    dpi: int = Field(default=300, ge=72, le=600)
    format: SheetFormat = "pdf"
    snapshots: Mapping[str, _Name] = {}


def read_sheet_request(document: Any) -> MapSheetRequest:
    """Read a request from plain values, as JSON gives them.

    Raises:
        ChoiceError: A value is missing, unknown or of the wrong kind; it is named.
    """
    try:
        request = MapSheetRequest.model_validate_json(_as_json(document))
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"])[:80] or "-"
        raise ChoiceError("sheet-request-wrong", key=key, reason=str(fault["msg"])[:200]) from error
    check_sheet_request(request)
    return request


def check_sheet_request(request: MapSheetRequest) -> None:
    """Stop unless the sheet can be made, whatever the city.

    Raises:
        ChoiceError: See the code.
    """
    names = [layer.id for layer in request.layers]
    for name in names:
        if names.count(name) > 1:
            raise ChoiceError("sheet-layer-twice", layer=name)
    scale = request.scale
    if scale is not None and not LEAST_SCALE <= scale <= MOST_SCALE:
        raise ChoiceError(
            "sheet-scale-out-of-range", scale=scale, least=LEAST_SCALE, most=MOST_SCALE
        )
    if request.centre is not None and request.bounds is None and scale is None:
        raise ChoiceError("sheet-scale-missing")
    if request.bounds is not None:
        west, south, east, north = request.bounds
        if west >= east or south >= north:
            raise ChoiceError("sheet-bounds-wrong", bounds=", ".join(map(str, request.bounds)))
    width, height = paper_pixels(request)
    if width * height > MOST_PIXELS:
        raise ChoiceError(
            "sheet-too-many-pixels",
            width=width,
            height=height,
            dpi=request.dpi,
            paper=request.paper,
            most=MOST_PIXELS // 1_000_000,
        )


def paper_mm(request: MapSheetRequest) -> tuple[float, float]:
    """Give width and height of the paper, mm."""
    short, long = PAPERS[request.paper]
    return (long, short) if request.orientation == "landscape" else (short, long)


def paper_pixels(request: MapSheetRequest) -> tuple[int, int]:
    """Give width and height of the sheet as a picture."""
    width, height = (round(side / MM_PER_INCH * request.dpi) for side in paper_mm(request))
    return width, height


def _as_json(document: Any) -> bytes | str:
    if isinstance(document, bytes | str):
        return document
    return json.dumps(document)
