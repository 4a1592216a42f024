"""The words that the maps show, by what they are for; the pages fill them in."""

from collections.abc import Mapping
from typing import Final

_FRAME: Final[Mapping[str, str]] = {
    "map": "name of the map for screen readers",
    "hide": "closes the panel",
    "zoom_in": "button",
    "zoom_out": "button",
    "home": "button: show the whole extent",
    "fullscreen": "button",
    "loading": "while data is on its way; {title} = layer",
    "load_failed": "data could not be fetched; {title} = layer",
    "retry": "button beside load_failed",
    "close": "button of boxes that can be closed",
    "coordinates": "before the coordinates at the bottom, for example CGCS2000",
    "sample": "badge on maps of sample data",
}
CHOROPLETH_WORDS: Final[Mapping[str, str]] = {
    **_FRAME,
    "legend": "heading and button of the choropleth's legend",
}
WORDS: Final[Mapping[str, str]] = {
    **_FRAME,
    "layers": "heading and button of the layer panel",
    "details": "unfolds the classes, the opacity and the order of one layer",
    "opacity": "label of the opacity slider",
    "order": "place of a layer among those shown; {place}, {count}",
    "move_up": "button",
    "move_down": "button",
    "basemap": "group heading over the basemaps",
    "rasters": "group heading over hillshade and imagery",
    "empty": "note at a layer of which one may see no feature, for a township of its own unit",
    "here": "heading of the card when the place has no name",
    "looking": "heading of the card while the server is asked",
    "outside_city": "the point lies outside the city",
    "nothing_here": "no layer has anything at the point",
    "withheld_here": "before the layers that a township sees in its own unit alone",
    "also_here": "before what layers that are not drawn have there",
    "more_here": "the answer was cut",
    "no_data_here": "before the layers without data at the point",
    "no_identify": "the server cannot tell what lies at a point",
    "identify_failed": "asking what lies there failed",
    "object_gone": "the object of a link is not there",
    "link_partly": "part of a link made no sense",
    "search": "label of the search box",
    "nothing_found": "search",
    "no_search": "the server cannot search",
    "search_failed": "search",
    "distance": "button: measure a distance",
    "area": "button: measure an area",
    "measure_distance": "hint while measuring",
    "measure_area": "hint while measuring",
    "measure_failed": "measuring",
    "undo": "button while measuring",
    "finish": "button while measuring",
    "compare": "button: compare two sides",
    "divider": "the divider between the two sides",
    "left_side": "choice",
    "right_side": "choice",
    "locate": "button: my position",
    "locating": "while the position is looked for",
    "locate_insecure": "why the position cannot be told",
    "locate_refused": "why the position cannot be told",
    "locate_outside": "the position lies outside the city",
    "copy_link": "button",
    "link_copied": "note",
    "link_shown": "note: copying by hand",
    "print": "button",
    "north": "on the north arrow",
}
# Words of the print form; they stand in the locale's table ``sheet``.
SHEET_WORDS: Final = (
    "print", "title_field", "paper", "orientation", "landscape", "portrait", "scale",
    "scale_auto", "format", "make", "making", "made_file", "failed", "unreachable",
)  # fmt: skip
# Words of the drawing tools; they stand in the locale's table ``check_page``.
DRAW_WORDS: Final = (
    "draw_parcel", "draw_line", "draw_edit", "draw_clear", "draw_undo", "draw_drop",
    "draw_finish", "draw_cancel", "draw_hint", "draw_line_hint", "draw_edit_hint",
    "draw_undo_move", "draw_reset", "draw_edit_some",
)  # fmt: skip

# Of the panel that tells what a drawing holds: keys of ``scenario``.
LIVE_WORDS: Final = (
    "live_title", "live_failed", "live_partly", "live_inside", "live_share", "live_gained",
    "live_lost", "live_classes",
)  # fmt: skip
