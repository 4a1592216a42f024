"""The register over HTTP: to read, by those who may."""

import json
from pathlib import Path

import jsonschema
import pytest

from geoapp.access.policy import Principal
from geoapp.bootstrap import workspace as bootstrap
from tests.web.test_api_routes import client, problem  # noqa: F401

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
PATHS = ("/api/cases", "/api/cases/430802-2019-0001", "/api/case-progress")


def read(client, path):  # noqa: F811
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:300]
    found = answer.json()
    name = found["schema"].removeprefix("geoapp.").replace("/", "-")
    jsonschema.validate(found, json.loads((SCHEMAS / f"{name}.json").read_text()))
    return found


def act_as(monkeypatch, role, unit=""):
    bootstrap._open_shared.cache_clear()
    monkeypatch.setattr(bootstrap, "local_administrator", lambda: Principal("x", role, unit))


@pytest.fixture(autouse=True)
def _open_anew():
    yield
    bootstrap._open_shared.cache_clear()


def test_cases_are_listed_page_by_page_without_gap_or_repetition(client):  # noqa: F811
    seen = []
    for offset in range(0, 90, 30):
        found = read(client, f"/api/cases?within=430811&sort=case_no&limit=30&offset={offset}")
        seen += [case["case_no"] for case in found["cases"]]
        assert {case["district"] for case in found["cases"]} <= {"430811"}
    assert seen == sorted(set(seen))


def test_a_case_tells_its_history_and_what_may_follow(client):  # noqa: F811
    [case] = read(client, "/api/cases?stage=performing&limit=1")["cases"]
    found = read(client, f"/api/cases/{case['case_no']}?lang=en")
    assert found["case"] == case
    assert found["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    urge = next(move for move in found["moves"] if move["move"] == "urge")
    assert "ledger" in urge["blocks"][0]


def test_progress_over_http_is_that_of_the_register(client):  # noqa: F811
    found = read(client, "/api/case-progress?by=mode&mode=self".replace("by=mode", "by=stage"))
    assert 0 < sum(row["demolished"]["households"] for row in found["rows"]) < 30_300
    assert found["reported"] == []
    whole = read(client, "/api/case-progress?by=city")
    assert whole["rows"][0]["demolished"]["households"] == 30_300


@pytest.mark.parametrize(
    "query",
    [
        "stage=nowhere", "mode=bomb", "limit=0", "limit=501", "limit=x", "offset=-1",
        "sort=1;DROP", "overdue=yes", "unknown=1", "stage=lead&stage=filed",
    ],
)  # fmt: skip
def test_junk_in_the_query_is_a_400_that_says_what(client, query):  # noqa: F811
    problem(client.get(f"/api/cases?{query}"), 400)


def test_a_hostile_number_finds_nothing(client):  # noqa: F811
    for number in ("' OR 1=1 --", "%00", "430802-1999-0001", "9" * 300):
        assert client.get(f"/api/cases/{number}").status_code in {400, 404}


@pytest.mark.parametrize("path", PATHS)
def test_the_public_is_refused_and_told_of_no_such_paths(client, monkeypatch, path):  # noqa: F811
    act_as(monkeypatch, "public")
    problem(client.get(path), 403)
    paths = client.get("/api/openapi.json").json()["paths"]
    assert not [path for path in paths if "case" in path]


def test_a_township_reads_the_cases_of_its_unit_alone(client, monkeypatch):  # noqa: F811
    [inside] = read(client, "/api/cases?within=430802001&limit=1")["cases"]
    [outside] = read(client, "/api/cases?within=430821&limit=1")["cases"]
    act_as(monkeypatch, "township", "430802001")
    assert read(client, "/api/cases?within=430821")["total"] == 0
    assert read(client, f"/api/cases/{inside['case_no']}")["case"] == inside
    hidden = client.get(f"/api/cases/{outside['case_no']}")
    absent = client.get("/api/cases/430802-1999-0001")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.json()["code"] == absent.json()["code"]
    assert {row["key"] for row in read(client, "/api/case-progress?by=township")["rows"]} == {
        "430802001"
    }
