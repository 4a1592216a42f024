"""What a request for a sheet may say, and where the frame then lies."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.errors import ChoiceError, CrsError, GeoAppError
from geoapp.i18n import LANGS, word_error
from geoapp.reports.sheet_content import word_scale
from geoapp.reports.sheet_frame import lay_out_frame
from geoapp.reports.sheet_grid import draw_neatline, draw_scale_bar
from geoapp.reports.sheet_request import MapSheetRequest, paper_pixels, read_sheet_request
from tests.building import make_city

WHOLE = (110.0, 28.5, 111.5, 30.0)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"scale": 3}, "sheet-scale-out-of-range"),
        ({"scale": 10**9}, "sheet-scale-out-of-range"),
        ({"centre": [111, 29]}, "sheet-scale-missing"),
        ({"bounds": [111, 29, 110, 30]}, "sheet-bounds-wrong"),
        ({"bounds": [111, 29, 112]}, "sheet-request-wrong"),
        ({"bounds": [111, 29, 112, "NaN"]}, "sheet-request-wrong"),
        ({"paper": "A0"}, "sheet-request-wrong"),
        ({"paper": "A3", "dpi": 600}, "sheet-too-many-pixels"),
        ({"dpi": 10**6}, "sheet-request-wrong"),
        ({"layers": [{"id": "landuse", "opacity": 2}]}, "sheet-request-wrong"),
        ({"layers": [{"id": "landuse"}, {"id": "landuse"}]}, "sheet-layer-twice"),
        ({"layers": [{"id": "landuse", "file": "/etc/passwd"}]}, "sheet-request-wrong"),
        ({"title": "x" * 1000}, "sheet-request-wrong"),
        ({"within": "430802' or 1"}, "sheet-request-wrong"),
        ([], "sheet-request-wrong"),
        (None, "sheet-request-wrong"),
    ],
)
def test_junk_is_refused_by_name(document, code):
    with pytest.raises(ChoiceError) as caught:
        read_sheet_request(document)
    assert caught.value.code == code
    for lang in LANGS:
        assert "{key}" not in word_error(caught.value, lang)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_whatever_comes_is_read_or_refused(junk):
    for content in (json.dumps(junk), json.dumps(junk).encode()[:-1] + b"\xff"):
        with pytest.raises(ChoiceError):
            read_sheet_request(content)


def test_a_place_elsewhere_is_refused():
    with pytest.raises(CrsError) as caught:
        lay_out_frame(MapSheetRequest(centre=(120, 29), scale=10_000), make_city(), WHOLE)
    assert caught.value.code == "sheet-outside-city"


@given(
    west=st.floats(109.7, 111.4),
    south=st.floats(28.1, 30.5),
    wide=st.floats(0.001, 0.9),
    high=st.floats(0.001, 0.4),
    paper=st.sampled_from(["A4", "A3"]),
    orientation=st.sampled_from(["landscape", "portrait"]),
)
def test_bounds_fit_into_the_frame_and_nearly_fill_it(west, south, wide, high, paper, orientation):
    bounds = (west, south, min(west + wide, 112.3), min(south + high, 30.9))
    request = MapSheetRequest(bounds=bounds, paper=paper, orientation=orientation)
    frame = lay_out_frame(request, make_city(), WHOLE)
    held = frame.geographic_bounds()
    assert held[0] <= bounds[0] + 1e-6
    assert held[1] <= bounds[1] + 1e-6
    assert held[2] >= bounds[2] - 1e-6
    assert held[3] >= bounds[3] - 1e-6
    if frame.scale > 500:
        smaller = MapSheetRequest(
            centre=((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2),
            scale=max(500, int(frame.scale * 0.6)), paper=paper, orientation=orientation,
        )  # fmt: skip
        try:
            tight = lay_out_frame(smaller, make_city(), WHOLE).geographic_bounds()
        except GeoAppError:
            return
        assert (
            tight[2] - tight[0] < bounds[2] - bounds[0]
            or tight[3] - tight[1] < bounds[3] - bounds[1]
        )


@pytest.mark.parametrize(
    ("paper", "orientation", "dpi", "pixels"),
    [
        ("A4", "landscape", 300, (3508, 2480)),
        ("A4", "portrait", 300, (2480, 3508)),
        ("A3", "landscape", 300, (4961, 3508)),
        ("A4", "landscape", 150, (1754, 1240)),
    ],
)
def test_paper_in_pixels(paper, orientation, dpi, pixels):
    request = MapSheetRequest(paper=paper, orientation=orientation, dpi=dpi)
    assert paper_pixels(request) == pixels


@given(st.integers(500, 5_000_000))
def test_scale_bar_and_ticks_are_round_and_true(scale):
    bar = draw_scale_bar(scale)
    assert bar.length_mm * scale / 1000 == pytest.approx(bar.length_m)
    assert 15 < bar.length_mm <= 42.0001
    request = MapSheetRequest(centre=(111, 29.5), scale=scale)
    frame = lay_out_frame(request, make_city(), WHOLE)
    neatline = draw_neatline(frame)
    for tick in neatline.eastings:
        assert 0 <= tick.at_mm <= frame.width_mm
        if tick.label:
            east_m = frame.west_m + tick.at_mm * scale / 1000
            assert float(tick.label) * 1000 == pytest.approx(east_m, abs=0.01)
    gaps = np.diff([tick.at_mm for tick in neatline.northings])
    assert (gaps > 27.9).all()


def test_words_of_scale_and_corners():
    assert word_scale(1_250_000) == "1:1 250 000"
    frame = lay_out_frame(MapSheetRequest(centre=(111, 29.5), scale=10_000), make_city(), WHOLE)
    degrees, kilometres = draw_neatline(frame).corners[0]
    assert degrees.startswith("110°59′")
    assert degrees.endswith("N")
    assert kilometres.startswith("49")
