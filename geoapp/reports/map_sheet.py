"""A printed map: layers in a frame of the Gauss plane, set as a PDF or PNG sheet."""

from collections.abc import Callable, Sequence

from geoapp.errors import ChoiceError
from geoapp.reports.sheet_content import Setting, word_scale, word_sheet
from geoapp.reports.sheet_drawing import DrawnLayer
from geoapp.reports.sheet_frame import lay_out_frame
from geoapp.reports.sheet_labels import place_labels
from geoapp.reports.sheet_picture import write_pieces
from geoapp.reports.sheet_reading import LayerToDraw, draw_layer, order_layers
from geoapp.reports.sheet_request import check_sheet_request
from geoapp.reports.sheet_trace import Tracer
from geoapp.reports.sheet_typst import set_sheet


def make_map_sheet(
    setting: Setting,
    layers: Sequence[LayerToDraw],
    bounds: tuple[float, ...],
    name_unit: Callable[[str], str],
) -> bytes:
    """Make a sheet.

    Args:
        setting: The request, the city, who asks and when.
        layers: What is drawn, in any order.
        bounds: Shown where the request names no place: degrees.
        name_unit: Names an administrative unit by its code.

    Returns:
        PDF or PNG, as asked for.

    Raises:
        ChoiceError: There is no layer, or the paper, scale or a class is not offered.
        CrsError: The place lies outside the city.
    """
    check_sheet_request(setting.request)
    if not layers:
        raise ChoiceError("sheet-no-layers")
    ordered = order_layers(layers)
    frame = lay_out_frame(setting.request, setting.city, bounds)
    tracer = Tracer(frame)
    drawn = [draw_layer(layer, frame, tracer) for layer in ordered]
    by_id = {layer.definition.id: layer for layer in ordered}

    def name_rows(made: DrawnLayer) -> dict[int, str]:
        layer = by_id[made.definition.id]
        codes = layer.snapshot.read_attributes([made.definition.key])[made.definition.key]
        return {row: name_unit(str(code)) for row, code in enumerate(codes)}

    labels = place_labels(drawn, name_rows, frame)
    content = word_sheet(setting, frame, ordered, drawn, labels)
    return set_sheet(setting, content, frame, write_pieces(drawn, frame))


__all__ = ["make_map_sheet", "word_scale"]
