"""Pasted coordinates: every notation gives the same parcel, nonsense one sentence."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.errors import GeometryError, InputError
from geoapp.geometry.measure import official_areas
from geoapp.i18n import LANGS, word_error
from geoapp.importers.pasted import read_pasted
from geoapp.values import Extent
from tests.check_results import EXAMPLE, to_degrees

EXTENT = Extent(109.65, 28.85, 111.36, 29.82)
ZONE = 37
AREA_M2 = 7059.68


def read(text):
    return read_pasted(text, EXTENT, ZONE)


def rings(write):
    blocks = []
    for number, ring in enumerate([EXAMPLE.exterior, *EXAMPLE.interiors], start=1):
        blocks.append([write(number, at, *xy) for at, xy in enumerate(ring.coords, start=1)])
    return blocks


def degrees(x, y):
    return shapely.get_coordinates(to_degrees(shapely.Point(x, y)))[0]


def sexagesimal(value, places=5):
    steps = round(value * 3600 * 10**places)
    minutes, rest = divmod(steps, 60 * 10**places)
    return f"{minutes // 60}°{minutes % 60}′{rest / 10**places:.{places}f}″"


FORMS = {
    "office rows": lambda r, n, x, y: f"J{n},{r},{y:.3f},37{x:.3f}",
    "table of Excel": lambda r, n, x, y: f"J{n}\t{r}\t{y:.3f}\t37{x:.3f}\t12.34",
    "without zone, east first": lambda _r, _n, x, y: f"{x:.3f} {y:.3f}",
    "full width": lambda _r, _n, x, y: f"{y:.3f}，{x:.3f}",
    "degrees": lambda _r, _n, x, y: "{:.9f}, {:.9f}".format(*degrees(x, y)),
    "latitude first": lambda _r, _n, x, y: "{1:.9f} {0:.9f}".format(*degrees(x, y)),
    "seconds": lambda _r, _n, x, y: " ".join(map(sexagesimal, degrees(x, y))),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_notation_gives_the_same_area(form):
    text = "\n\n".join("\n".join(block) for block in rings(FORMS[form]))
    pasted = read(text)
    assert pasted.geometry.geom_type == "Polygon"
    assert len(pasted.geometry.interiors) == 1
    area = official_areas(np.array([pasted.geometry]), "EPSG:4546")[0]
    assert area == pytest.approx(AREA_M2, abs=0.05)
    assert "pasted-ring-is-hole" in [note.code for note in pasted.notes]


def test_a_heading_is_passed_over_and_said():
    pasted = read("点号\tX\tY\n" + "\n".join(rings(FORMS["office rows"])[0]))
    assert next((n.code, n.line) for n in pasted.notes) == ("pasted-heading", 1)


def test_an_assumed_zone_and_unread_columns_are_said():
    text = "\n".join(f"{x} {y} 9.99" for x, y in EXAMPLE.exterior.coords)
    codes = [note.code for note in read(text).notes]
    assert {"pasted-metres", "pasted-zone-assumed", "pasted-columns-unread"} <= set(codes)


def test_a_ring_that_is_not_closed_is_closed_and_said():
    text = "\n".join(rings(FORMS["office rows"])[0][:-1])
    assert "pasted-ring-closed" in [note.code for note in read(text).notes]


@pytest.mark.parametrize("shape", [EXAMPLE, shapely.MultiPolygon([EXAMPLE])])
def test_wkt_and_geojson_are_taken_as_they_are(shape):
    wanted = to_degrees(shape)
    assert read(shapely.to_wkt(wanted, rounding_precision=-1)).geometry.equals(wanted)
    assert read(shapely.to_geojson(wanted)).geometry.equals(wanted)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "pasted-nothing", None),
        ("hello\nworld", "pasted-nothing", None),
        ("110.48 29.13\n1 2\n", "pasted-line-wrong", 2),
        ("110.48 29.13\nnothing", "pasted-line-wrong", 2),
        ("110.48 29.13\n110.49 29.13\n3223850 449395", "pasted-rows-differ", 3),
        ("110.48 29.13\n29.13 110.49\n110.49 29.14", "pasted-rows-differ", 2),
        ("110.48 29.13\n110.49 29.13", "pasted-ring-too-short", 1),
        ("110.48 29.13 110.49 29.14", "pasted-line-ambiguous", 1),
        ('{"type": "Point", "coordinates": [110, 29]}', "pasted-geojson-wrong", None),
        ("POLYGON((1 2, 3", "pasted-wkt-wrong", None),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text, code, line):
    with pytest.raises(GeometryError) as caught:
        read(text)
    assert caught.value.code == code
    assert caught.value.facts.get("line") == line
    assert len({word_error(caught.value, lang) for lang in LANGS}) == 2


@given(st.text(alphabet="0123456789.,;JXY°'\" \t\n-NE东经纬()[]{}:", max_size=200))
def test_any_text_gives_a_polygon_or_one_of_our_errors(text):
    try:
        found = read(text)
    except InputError as error:
        word_error(error, "zh")  # the sentence exists
    else:
        assert found.geometry.geom_type in {"Polygon", "MultiPolygon"}
