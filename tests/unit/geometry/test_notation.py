"""Written positions: every notation comes back to where it came from, nonsense to nothing."""

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.geometry.crs import GEOGRAPHIC, gauss_crs, transform_points
from geoapp.geometry.notation import MOST_CHARACTERS, Reading, read_position
from geoapp.values import Extent

EXTENT = Extent(109.65, 28.85, 111.36, 29.82)
ZONE = 37
SECOND = 1 / 3600
longitudes = st.floats(109.66, 111.35)
latitudes = st.floats(28.86, 29.81)
WIDE = str.maketrans("0123456789.,:;()", "０１２３４５６７８９．，：；（）")


def read(text: str) -> list[Reading]:
    return read_position(text, EXTENT, ZONE)


def assert_only(text: str, longitude: float, latitude: float, off: float) -> Reading:
    found = read(text)
    assert len(found) == 1, (text, found)
    assert found[0].inside
    assert abs(found[0].longitude - longitude) <= off, (text, found)
    assert abs(found[0].latitude - latitude) <= off, (text, found)
    return found[0]


def sexagesimal(degrees: float, places: int) -> tuple[int, int, str]:
    """Take an angle apart in whole steps of the last place, so that no part reaches 60."""
    steps = round(degrees * 3600 * 10**places)
    minutes, rest = divmod(steps, 60 * 10**places)
    return minutes // 60, minutes % 60, f"{rest / 10**places:.{places}f}"


DECIMAL = [
    "{0:.6f}, {1:.6f}",
    "{1:.6f} {0:.6f}",
    "{0:.6f}，{1:.6f}",
    "{0:.6f}、{1:.6f}",
    "N{1:.6f} E{0:.6f}",
    "{1:.6f}N {0:.6f}E",
    "{0:.6f}°E {1:.6f}°N",
    "北纬{1:.6f}，东经{0:.6f}",
    "东经{0:.6f}度；北纬{1:.6f}度。",
    "经度：{0:.6f} 纬度：{1:.6f}",
    "lon={0:.6f}&lat={1:.6f}".replace("&", " "),
    "Latitude: {1:.6f}, Longitude: {0:.6f}",
    "({0:.6f}, {1:.6f})",
    "[{0:.6f};{1:.6f}]",
    "POINT ({0:.6f} {1:.6f})",
    "SRID=4490;point z({0:.6f} {1:.6f} 300.0)",
    "{0:.6f}\n{1:.6f}",
    "WGS84 {1:.6f} / {0:.6f}",
]


@given(longitudes, latitudes, st.sampled_from(DECIMAL), st.booleans())
def test_decimal_degrees(longitude, latitude, form, wide):
    text = form.format(longitude, latitude)
    if wide and "POINT" not in text.upper():
        text = text.translate(WIDE)
    assert assert_only(text, longitude, latitude, 0.6e-6).notation == "degrees"


@given(longitudes, latitudes)
def test_geojson(longitude, latitude):
    point = {"type": "Point", "coordinates": [longitude, latitude]}
    assert_only(json.dumps(point), longitude, latitude, 0.0)
    assert_only(json.dumps({"type": "Feature", "geometry": point}), longitude, latitude, 0.0)


SECONDS = [
    "{d}°{m}′{s}″",
    "{d}°{m}'{s}\"",
    "{d}º{m}’{s}”",
    "{d}°{m}'{s}''",
    "{d}度{m}分{s}秒",
    "{d}:{m}:{s}",
    "{d} {m} {s}",
    "{d}° {m}' {s}\"",
    "{d}d{m}m{s}s".replace("d{", "° {").replace("m{", "' {").replace("}s", '}"'),
]
ORDERS = [
    "{lon} {lat}",
    "{lat} {lon}",
    "{lat}, {lon}",
    "E{lon} N{lat}",
    "{lat}N {lon}E",
    "东经{lon}，北纬{lat}",
]


@given(
    longitudes,
    latitudes,
    st.sampled_from(list(product(SECONDS, ORDERS))),
    st.integers(0, 4),
)
def test_degrees_minutes_seconds(longitude, latitude, form, places):
    part, order = form
    lon, lat = (
        part.format(d=d, m=m, s=s)
        for d, m, s in (sexagesimal(longitude, places), sexagesimal(latitude, places))
    )
    found = assert_only(
        order.format(lon=lon, lat=lat), longitude, latitude, 0.51 * SECOND / 10**places
    )
    assert found.notation == "seconds"


@given(longitudes, latitudes, st.sampled_from(ORDERS), st.booleans())
def test_degrees_and_minutes(longitude, latitude, order, marked):
    def write(degrees: float) -> str:
        whole, minutes = divmod(round(degrees * 60 * 10**4), 60 * 10**4)
        mark = "°{}′" if marked else " {}"
        return f"{whole}" + mark.format(f"{minutes / 10**4:.4f}")

    text = order.format(lon=write(longitude), lat=write(latitude))
    assert assert_only(text, longitude, latitude, 0.51e-4 / 60).notation == "minutes"


@given(longitudes, latitudes)
def test_packed_digits_beside_letters(longitude, latitude):
    (d, m, s), (d2, m2, s2) = sexagesimal(longitude, 0), sexagesimal(latitude, 0)
    text = f"E{d}{m:02d}{int(s):02d} N{d2}{m2:02d}{int(s2):02d}"
    assert assert_only(text, longitude, latitude, 0.51 * SECOND).notation == "seconds"


METRES = [
    "{e:.2f}, {n:.2f}",
    "{n:.2f} {e:.2f}",
    "X={n:.2f} Y={e:.2f}",
    "x: {e:.2f}; y: {n:.2f}",
    "纵坐标X＝{n:.2f}，横坐标Y＝{e:.2f}",
    "POINT({e:.2f} {n:.2f})",
    "{e:,.2f}; {n:,.2f}",
    "N {n:.2f} E {e:.2f}",
    "{n:.2f}米 {e:.2f}米",
]
PLANES = [
    (gauss_crs(ZONE), "metres", 0),
    (gauss_crs(ZONE, prefixed=True), "metres_zone", 37),
    ("EPSG:4497", "metres_six", 19),
]


@given(longitudes, latitudes, st.sampled_from(METRES), st.sampled_from(PLANES))
def test_metres(longitude, latitude, form, plane):
    crs, notation, _ = plane
    moved = transform_points(np.array([[longitude, latitude]]), GEOGRAPHIC, crs)[0]
    found = assert_only(form.format(e=moved[0], n=moved[1]), longitude, latitude, 1e-7)
    assert found.notation == notation
    assert found.assumed == (notation == "metres")
    assert found.zone == (19 if notation == "metres_six" else 37)


@pytest.mark.parametrize("zone", range(25, 46))
def test_the_prefix_tells_the_zone(zone):
    crs = gauss_crs(zone, prefixed=True)
    there = np.array([[3 * zone + 0.4, 31.0]])
    east, north = transform_points(there, GEOGRAPHIC, crs)[0]
    found = read(f"{north:.3f} {east:.3f}")
    assert [(r.zone, r.notation, r.assumed) for r in found] == [(zone, "metres_zone", False)]
    assert found[0].longitude == pytest.approx(3 * zone + 0.4, abs=1e-7)


def test_a_zone_that_is_written_beside_is_taken():
    found = read("38带 449394.9 3223789.9")
    assert [(r.zone, r.assumed, r.inside) for r in found] == [(38, False, False)]
    assert read("99带 449394.9 3223789.9") == []


def test_the_city_settles_the_order_and_outside_every_order_is_given():
    assert [r.swapped for r in read("29.1 110.4")] == [True]
    far = read("30 40")
    assert {(r.longitude, r.latitude) for r in far} == {(30.0, 40.0), (40.0, 30.0)}
    assert not any(r.inside for r in far)


def test_west_and_south_are_negative_and_no_sign_stands_twice():
    south = read("29.1S 110.4W")
    assert [(r.longitude, r.latitude) for r in south] == [(-110.4, -29.1)]
    assert read("-29.1S 110.4E") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hello",
        "教字垭",
        "110.478",
        "1 2 3",
        "430802 110",
        "110°78'10\" 29°10'10\"",
        "110 28 71 29 7 46",
        "110.5 28 42 29 7 46",
        "N29 N30",
        "29N 30S",
        "E110 W29",
        "nan nan",
        "inf, 3",
        "1e5 1e6",
        "{}",
        "{",
        '{"type":"Point","coordinates":[1]}',
        '{"type":"Point","coordinates":["a","b"]}',
        '{"type":"Point","coordinates":[1e999,2]}',
        '{"type":"LineString","coordinates":[1,2]}',
        "POINT EMPTY",
        "POINT()",
        "[" * 300,
        '{"a":' * 70,
        "(110.4, 29.1) OR 1=1",
        "110.4, 29.1; DROP TABLE snapshot",
        "°°°",
        "1" * 399,
        "9999999999999999999999 99999999999999999999999999",
        "110.478,29.129" + " " * MOST_CHARACTERS,
    ],
)
def test_nonsense_is_no_position(text):
    assert read(text) == []


@given(st.text(max_size=60))
def test_no_text_is_an_error(text):
    for reading in read(text):
        assert -180 <= reading.longitude <= 180
        assert -90 <= reading.latitude <= 90


@given(
    st.text(alphabet="0123456789.,-+ °'\":;NESWXYnesw度分秒北纬东经带()[]{}POINT=/\n", max_size=80)
)
def test_no_text_of_such_signs_is_an_error(text):
    for reading in read(text):
        assert -180 <= reading.longitude <= 180
        assert -90 <= reading.latitude <= 90
