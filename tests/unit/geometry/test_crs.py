"""Reference systems: what is taken, what is refused, and that nothing is off in silence."""

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.errors import CrsError
from geoapp.geometry.crs import (
    DatumShift,
    gauss_crs,
    gauss_zone,
    require_crs,
    require_inside,
    suggest_crs,
    to_geographic,
    transform,
)
from geoapp.values import Extent
from tests.oracles import ellipsoid

CITY = Extent(109.65, 28.85, 111.36, 29.82)
NORTH, EAST = 3223789.901, 449394.928  # of 29.13 N 110.48 E in EPSG:4546
XIAN_80 = [4610, 2361, 2382, 2333, 2344]
BEIJING_54 = [4214, 2413, 2434, 21419, 21459]
SHIFTS = {
    datum: DatumShift(datum, -80.5, 61.25, -12.75, 1.1, -0.7, 2.3, -4.5)
    for datum in ("xian80", "beijing54")
}


def at(x, y):
    return np.array([shapely.Point(x, y)])


def xy(points):
    return shapely.get_coordinates(points)[0]


def esri_prj(
    name, *, false_easting=37_500_000.0, meridian=111.0, datum="China_2000", rf=298.257222101
):
    spheroid = {
        "China_2000": "CGCS2000",
        "Xian_1980": "Xian_1980",
        "Beijing_1954": "Krasovsky_1940",
    }[datum]
    semi_major = {"China_2000": 6378137.0, "Xian_1980": 6378140.0, "Beijing_1954": 6378245.0}[datum]
    gcs = {
        "China_2000": "GCS_China_Geodetic_Coordinate_System_2000",
        "Xian_1980": "GCS_Xian_1980",
        "Beijing_1954": "GCS_Beijing_1954",
    }[datum]
    geographic = (
        f'GEOGCS["{gcs}",DATUM["D_{datum}",SPHEROID["{spheroid}",{semi_major},{rf}]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
    )
    if not name:
        return geographic
    return (
        f'PROJCS["{name}",{geographic},PROJECTION["Gauss_Kruger"],'
        f'PARAMETER["False_Easting",{false_easting}],PARAMETER["False_Northing",0.0],'
        f'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


@pytest.mark.parametrize(
    "code", [4490, 4326, 3857, 4525, 4546, 4524, 4545, 4497, 4508, 4513, 4533, 4534, 4554]
)
def test_systems_on_the_national_datum_and_wgs84_are_taken(code):
    assert require_crs(f"EPSG:{code}") == f"EPSG:{code}"
    assert require_crs(str(code)) == f"EPSG:{code}"
    assert require_crs(f"  epsg:{code} ") == f"EPSG:{code}"


@pytest.mark.parametrize("zone", range(25, 46))
def test_every_three_degree_zone_follows_the_rule_of_the_register(zone):
    prefixed, plain = gauss_crs(zone, prefixed=True), gauss_crs(zone)
    assert (prefixed, plain) == (f"EPSG:{4488 + zone}", f"EPSG:{4509 + zone}")
    easting, northing = xy(transform(at(3 * zone + 0.5, 30.0), "EPSG:4490", plain))
    assert xy(transform(at(3 * zone + 0.5, 30.0), "EPSG:4490", prefixed)) == pytest.approx(
        [easting + zone * 1_000_000, northing], abs=1e-6
    )
    assert gauss_zone(plain) == zone
    assert gauss_zone(prefixed) is None or zone >= 46


@pytest.mark.parametrize("zone", [24, 46, 0, -1])
def test_a_zone_outside_the_country_is_refused(zone):
    with pytest.raises(CrsError):
        gauss_crs(zone)


@pytest.mark.parametrize("code", XIAN_80 + BEIJING_54)
def test_old_datums_are_refused_without_local_parameters(code):
    with pytest.raises(CrsError) as caught:
        require_crs(f"EPSG:{code}")
    assert caught.value.code == "crs-datum-refused"
    assert caught.value.facts["datum"] == ("xian80" if code in XIAN_80 else "beijing54")


@pytest.mark.parametrize("code", XIAN_80 + BEIJING_54)
def test_parameters_of_the_other_old_datum_do_not_help(code):
    other = SHIFTS["beijing54" if code in XIAN_80 else "xian80"]
    with pytest.raises(CrsError):
        to_geographic(at(449394.9, 3223789.9), f"EPSG:{code}", shift=other)


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:5737",
        "EPSG:4258",
        "EPSG:4269",
        "EPSG:99999",
        "",
        "?",
        "EPSG:4978",
        "zone 37",
        "EPSG:4555555555555555555",
    ],
)
def test_what_is_unknown_vertical_or_of_another_continent_is_refused(name):
    with pytest.raises(CrsError):
        require_crs(name)


@pytest.mark.parametrize("code", [4525, 4546, 4524, 4545, 4497, 4508, 3857, 4326])
@pytest.mark.parametrize("position", [(109.68, 28.9), (110.48, 29.13), (111.33, 29.8)])
def test_a_round_trip_stays_within_a_micrometre(code, position):
    there = transform(at(*position), "EPSG:4490", f"EPSG:{code}")
    back = xy(to_geographic(there, f"EPSG:{code}"))
    metres = (np.asarray(back) - position) * [97_000, 111_000]
    assert np.abs(metres).max() < 1e-6


@pytest.mark.parametrize(("crs", "easting"), [("EPSG:4546", EAST), ("EPSG:4525", EAST + 37e6)])
def test_the_known_position_comes_out_with_east_first(crs, easting):
    assert xy(to_geographic(at(easting, NORTH), crs)) == pytest.approx([110.48, 29.13], abs=2e-8)


def test_the_known_position_in_the_neighbouring_zone():
    easting, _ = xy(transform(at(110.48, 29.13), "EPSG:4490", "EPSG:4545"))
    assert easting == pytest.approx(741385, abs=1)


@pytest.mark.parametrize(("crs", "easting"), [("EPSG:4546", EAST + 37e6), ("EPSG:4525", EAST)])
def test_a_zone_prefix_too_many_or_too_few_is_an_error_never_infinity(crs, easting):
    with pytest.raises(CrsError) as caught:
        to_geographic(at(easting, NORTH), crs)
    assert caught.value.code == "crs-does-not-fit"


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326"])
def test_swapped_longitude_and_latitude_are_found(crs):
    swapped = to_geographic(at(29.13, 110.48 - 30), crs)  # a latitude that exists
    with pytest.raises(CrsError):
        require_inside(swapped, crs, CITY, 37)
    with pytest.raises(CrsError) as caught:
        require_inside(at(29.13, 110.48), crs, CITY, 37)
    assert caught.value.code == "crs-swapped"


@pytest.mark.parametrize("crs", ["EPSG:4546", "EPSG:4525"])
def test_swapped_easting_and_northing_never_land_in_the_city(crs):
    easting = EAST if crs == "EPSG:4546" else EAST + 37e6
    with pytest.raises(CrsError):
        require_inside(to_geographic(at(NORTH, easting), crs), crs, CITY, 37)


def test_one_feature_in_the_city_is_enough():
    points = np.array([shapely.Point(100, 20), shapely.Point(110.5, 29.3)])
    require_inside(points, "EPSG:4490", CITY, 37)


@pytest.mark.parametrize(
    ("code", "datum", "meridian", "false_easting"),
    [(2382, "xian80", 111, 0.5e6), (2361, "xian80", 111, 37.5e6), (2344, "xian80", 111, 0.5e6)],
)
def test_xian_80_with_parameters_follows_an_independent_computation(
    code, datum, meridian, false_easting
):
    shift = SHIFTS[datum]
    east, north = EAST - 500_000, NORTH
    got = xy(to_geographic(at(false_easting + east, north), f"EPSG:{code}", shift=shift))
    old = ellipsoid.inverse_gauss(500_000 + east, north, meridian, ellipsoid.XIAN80)
    parameters = (shift.dx_m, shift.dy_m, shift.dz_m, shift.rx_arcsec, shift.ry_arcsec, shift.rz_arcsec, shift.scale_ppm)  # fmt: skip
    expected = ellipsoid.helmert(old, (6378140.0, 298.257), parameters)
    assert got == pytest.approx(expected, abs=2e-9)  # 0.2 mm: the printed K's give 0.1 mm


@pytest.mark.parametrize("code", [4214, 2434, 2413, 21459])
def test_beijing_54_with_parameters_follows_an_independent_computation(code):
    shift, position = SHIFTS["beijing54"], (110.5, 29.3)
    crs = pyproj.CRS.from_epsg(code)
    old = position
    if crs.is_projected:
        move = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
        old = move.transform(*position)
    got = xy(to_geographic(at(*old), f"EPSG:{code}", shift=shift))
    parameters = (shift.dx_m, shift.dy_m, shift.dz_m, shift.rx_arcsec, shift.ry_arcsec, shift.rz_arcsec, shift.scale_ppm)  # fmt: skip
    expected = ellipsoid.helmert(position, (6378245.0, 298.3), parameters)
    assert got == pytest.approx(expected, abs=2e-9)
    assert math.dist(got, position) > 1e-4  # the shift really was applied


@pytest.mark.parametrize(
    ("prj", "expected"),
    [
        (esri_prj("CGCS2000_3_Degree_GK_Zone_37"), "EPSG:4525"),
        (esri_prj("CGCS2000_3_Degree_GK_CM_111E", false_easting=500_000.0), "EPSG:4546"),
        (esri_prj("CGCS2000_GK_Zone_19", false_easting=19_500_000.0), "EPSG:4497"),
        (esri_prj(""), "EPSG:4490"),
    ],
)
def test_prj_files_of_the_national_datum_are_recognised(prj, expected):
    assert require_crs(prj) == expected


def test_a_local_plane_keeps_its_own_meridian_whatever_its_name_says():
    """A file that calls itself CM 111E but is drawn around 110°30'."""
    prj = esri_prj("CGCS2000_3_Degree_GK_CM_111E", false_easting=500_000.0, meridian=110.5)
    x, y = xy(to_geographic(at(500_000.0, NORTH), prj))
    assert x == pytest.approx(110.5, abs=1e-9)
    assert 29.0 < y < 29.3


@pytest.mark.parametrize(
    ("name", "datum", "rf"),
    [
        ("Xian_1980_3_Degree_GK_Zone_37", "Xian_1980", 298.257),
        ("Xian_1980_3_Degree_GK_CM_111E", "Xian_1980", 298.257),
        ("", "Xian_1980", 298.257),
        ("Beijing_1954_3_Degree_GK_Zone_37", "Beijing_1954", 298.3),
        ("", "Beijing_1954", 298.3),
    ],
)
def test_prj_files_of_old_datums_are_refused(name, datum, rf):
    with pytest.raises(CrsError) as caught:
        require_crs(esri_prj(name, datum=datum, rf=rf))
    assert caught.value.code == "crs-datum-refused"


def test_a_plane_on_an_ellipsoid_without_a_datum_is_refused():
    with pytest.raises(CrsError) as caught:
        require_crs("+proj=tmerc +lon_0=111 +k=1 +x_0=500000 +ellps=krass +type=crs")
    assert caught.value.code == "crs-datum-unknown"


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (110.48, 29.13, ("EPSG:4490", False)),
        (29.13, 110.48, ("EPSG:4490", True)),
        (449394.9, 3223789.9, ("EPSG:4546", False)),
        (3223789.9, 449394.9, ("EPSG:4546", True)),
        (37449394.9, 3223789.9, ("EPSG:4525", False)),
        (3223789.9, 37449394.9, ("EPSG:4525", True)),
        (36741385.0, 3223789.9, ("EPSG:4524", False)),
        (19449394.9, 3223789.9, ("EPSG:4497", False)),
        (0.0, 0.0, None),
        (1e9, 1e9, None),
    ],
)
def test_the_size_of_the_numbers_suggests_a_system(x, y, expected):
    assert suggest_crs(x, y, 37) == expected


@given(st.floats(min_value=-1e12, max_value=1e12), st.floats(min_value=-1e12, max_value=1e12))
def test_a_suggestion_is_always_a_system_that_would_be_taken(x, y):
    found = suggest_crs(x, y, 37)
    if found:
        assert require_crs(found[0]) == found[0]
