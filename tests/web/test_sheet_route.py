"""The route that makes maps to print."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.web.routes import build_routes

ASKED = {"layers": [{"id": "district"}], "dpi": 72}


@pytest.fixture
def client(sample_workspace, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(sample_workspace))
    with TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False) as opened:
        yield opened


def test_a_sheet_is_a_file_with_a_chinese_name(client):
    answer = client.post("/map/sheet", json=ASKED | {"title": 'a/b"c\r\nx: 图'})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    disposition = answer.headers["content-disposition"]
    assert disposition == (
        "attachment; filename=\"map.pdf\"; filename*=UTF-8''a%20b%20c%20x%20%20%E5%9B%BE.pdf"
    )


def test_a_sheet_may_be_a_picture(client):
    answer = client.post("/map/sheet", json=ASKED | {"format": "png"})
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert "filename*=UTF-8''%E5%BC%A0" in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 422, "sheet-request-wrong"),
        (b"\xff\xfe", 422, "sheet-request-wrong"),
        (b'{"scale": 1}', 422, "sheet-scale-out-of-range"),
        (b'{"layers": [{"id": "nothing"}]}', 404, "layer-unknown"),
        (b'{"centre": [130, 20], "scale": 1000}', 422, "sheet-outside-city"),
        (b" " * 300_000, 413, None),
    ],
)
def test_junk_is_answered_with_a_problem(client, content, status, code):
    headers = {"content-type": "application/json"}
    answer = client.post("/map/sheet?lang=en", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    if code:
        assert answer.json()["code"] == code


def test_a_form_of_another_site_is_refused(client):
    answer = client.post("/map/sheet", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_it_is_not_read_like_a_page(client):
    assert client.get("/map/sheet").status_code in {404, 405}
