"""One table of a PostGIS database: its rows, its system, and nothing of its address."""

import logging

import psycopg
import pytest
import shapely

from geoapp.errors import FileError, InputError, NotFoundError
from geoapp.i18n import word_error
from geoapp.importers.vector import list_sublayers, read_features

pytestmark = pytest.mark.postgres
SQUARE = "POLYGON((449395 3223750,449495 3223750,449495 3223850,449395 3223850,449395 3223750))"


@pytest.fixture
def database(postgres_url):
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        try:
            connection.execute("CREATE EXTENSION postgis")
        except psycopg.Error:
            pytest.skip("no PostGIS on this machine")
        connection.execute("CREATE SCHEMA land")
        connection.execute(
            'CREATE TABLE land."地块" (id int, "名称" text, area numeric(10,2), day date, '
            "more jsonb, shape geometry(Polygon, 4546))"
        )
        connection.execute(
            'INSERT INTO land."地块" VALUES (1, %s, 10000.25, %s, %s, ST_GeomFromText(%s, 4546)), '
            "(2, NULL, NULL, NULL, NULL, NULL)",
            ("一号", "2024-01-01", '{"a": 1}', SQUARE),
        )
        connection.execute("CREATE TABLE land.plain (id int)")
        connection.execute(
            "CREATE TABLE land.mixed AS SELECT ST_SetSRID(ST_Point(n, n), 4489 + n) AS g "
            "FROM generate_series(1, 2) n"
        )
    return postgres_url


def test_a_table_is_read_with_its_columns_and_system(database):
    reading = read_features(f"{database}?table=land.地块")
    assert (reading.kind, reading.crs, reading.sublayer) == ("postgis", "EPSG:4546", "land.地块")
    assert shapely.area(reading.geometries)[0] == 10_000
    assert shapely.is_missing(reading.geometries).tolist() == [False, True]
    row = reading.frame.iloc[0]
    assert (row["id"], row["名称"], row["area"], row["more"]) == (1, "一号", 10000.25, '{"a": 1}')
    assert str(row["day"]) == "2024-01-01"
    assert [one.name for one in list_sublayers(f"{database}?table=land.地块")] == ["land.地块"]


def test_several_systems_in_one_table_leave_it_open(database):
    reading = read_features(f"{database}?table=land.mixed")
    assert reading.crs == ""
    assert "geometry-many-systems" in {problem.code for problem in reading.problems}


@pytest.mark.parametrize(
    ("table", "kind", "code"),
    [
        ("land.nothing", NotFoundError, "database-table-unknown"),
        ("land.plain", FileError, "file-without-geometry"),
        ('land."; DROP TABLE land.plain; --', NotFoundError, "database-table-unknown"),
        ("", FileError, "database-address-wrong"),
    ],
)
def test_what_is_no_table_of_shapes_is_refused_and_nothing_changes(database, table, kind, code):
    with pytest.raises(kind) as caught:
        read_features(f"{database}?table={table}")
    assert caught.value.code == code
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM land.plain").fetchone() == (0,)


def test_a_password_is_never_shown(database, caplog):
    wrong = database.replace("geoapp@", "geoapp:ge%40heim@") + "nowhere?table=land.x"
    with caplog.at_level(logging.DEBUG), pytest.raises(InputError) as caught:
        read_features(wrong)
    assert caught.value.code == "database-unreachable"
    shown = [word_error(caught.value, "zh"), word_error(caught.value, "en"), str(caught.value)]
    for text in [*shown, repr(caught.value.__cause__), caplog.text]:
        assert "heim" not in text


def test_an_address_of_nonsense_is_refused():
    for address in ("postgresql://", "postgresql://[/?table=a", "postgresql://h:x/d?table=a.b"):
        with pytest.raises(InputError) as caught:
            read_features(address)
        assert word_error(caught.value, "zh")
