"""What is not for somebody is answered as what does not exist: same status, body and headers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from geoapp.bootstrap import Workspace, shared_workspace
from geoapp.bootstrap import workspace as bootstrap
from geoapp.cases.evidence import NewEvidence
from geoapp.errors import GeoAppError
from tests.photos import photo
from tests.registering import *  # noqa: F403
from tests.registering import OTHER, new
from tests.web.guard.signing import NoPages, guarded_app, visit

OWN_UNIT: Final = "439901"
FAR_LAYER: Final = "landuse"


class Pages(NoPages):
    """Somebody else's page offers a file and takes another."""


@pytest.fixture
def browsers(city: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, TestClient]]:
    """A planner, who sees everything, and a township's official, who sees the own unit."""
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(city))
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")
    bootstrap._open_shared.cache_clear()
    pages = Pages()
    app = guarded_app(pages)
    found = {role: visit(app, role) for role in ("planner", "township", "public")}
    handle = shared_workspace().accounts.find_session(found["planner"].cookies["geoapp"])
    assert handle is not None
    pages.offered["ab" * 32] = pages.owners["planners-page"] = handle.token_hash
    yield found
    bootstrap._open_shared.cache_clear()


def answered(client: TestClient, path: str, named: str, method: str = "GET") -> tuple[Any, ...]:
    """Give all that an answer tells but the name that was asked for."""
    answer = client.request(method, path.replace("{}", named), content=b"x" * (method == "PUT"))
    headers = {k: v for k, v in answer.headers.items() if k not in {"content-length", "date"}}
    body = re.sub(re.escape(named), "{}", answer.text)
    return answer.status_code, body, headers


def outside(browsers: dict[str, TestClient]) -> tuple[str, str, str]:
    """Find a case and a feature that the official may not see, by who may."""
    planner, town = browsers["planner"], browsers["township"]
    own = {case["case_no"] for case in town.get("/api/cases?limit=500").json()["cases"]}
    every = planner.get("/api/cases?limit=500").json()["cases"]
    case = next(one["case_no"] for one in every if one["case_no"] not in own)
    listed = planner.get(f"/api/collections/{FAR_LAYER}/items?limit=50").json()["features"]
    for feature in listed:
        path = f"/api/collections/{FAR_LAYER}/items/{feature['id']}"
        if town.get(path).status_code != 200:
            return case, str(feature["id"]), planner.get(path).json()["id"]
    pytest.fail("the official sees every feature")


def test_a_case_and_a_feature_of_another_unit_are_as_unknown_ones(
    browsers: dict[str, TestClient],
) -> None:
    case, feature, _ = outside(browsers)
    unknown_case = case[:-4] + "9999"
    for path, there, absent in (
        ("/api/cases/{}", case, unknown_case),
        (f"/api/collections/{FAR_LAYER}/items/{{}}", feature, "X" * len(feature)),
    ):
        assert browsers["planner"].get(path.replace("{}", there)).status_code == 200
        found = answered(browsers["township"], path, there)
        assert found == answered(browsers["township"], path, absent), path
        assert found[0] == 404


def test_files_and_pages_of_others_are_as_unknown_ones(browsers: dict[str, TestClient]) -> None:
    assert browsers["planner"].get(f"/media/{'ab' * 32}.xlsx").text == "Not Found"  # let through
    for role in ("township", "public"):
        media = [
            answered(browsers[role], "/media/{}.xlsx", name) for name in ("ab" * 32, "cd" * 32)
        ]
        assert media[0] == media[1]
        assert media[0][0] == 404
        for method in ("PUT", "DELETE"):
            pages = [
                answered(browsers[role], "/_stcore/upload_file/{}/1", name, method)
                for name in ("planners-page", "nobodys-page")
            ]
            assert pages[0] == pages[1]
            assert pages[0][0] in {401, 403}


# --- what pages read by number ---------------------------------------------------------------

Read = Callable[[Any, Any], object]
BY_NUMBER: Final[dict[str, Read]] = {
    "case": lambda desk, case: desk.register.show(case),
    "its events": lambda desk, case: desk.register.events(case),
    "its documents": lambda desk, case: desk.mover.documents(case),
    "its photos": lambda desk, case: desk.evidence.select(case),
    "its pair of photos": lambda desk, case: desk.evidence.pair(case),
    "its past steps": lambda desk, case: desk.past_steps(case),
}


def told(read: Callable[[], object]) -> tuple[object, ...]:
    with pytest.raises(GeoAppError) as caught:
        read()
    return type(caught.value), caught.value.code, sorted(caught.value.facts)


@pytest.mark.parametrize("name", BY_NUMBER)
def test_what_hangs_on_a_case_of_another_unit_is_as_of_an_unknown_case(
    desk: Any,
    acting: Any,
    name: str,
) -> None:
    case = desk.register.open(replace(new(household_keys=()), footprint=OTHER))
    town = acting("township", unit=OWN_UNIT + "001")
    read = BY_NUMBER[name]
    read(desk, case.id)
    for asked, absent in ((case.id, 999_999), (case.case_no, "439902-2026-9999")):
        hidden = told(lambda asked=asked: read(town, asked))  # type: ignore[misc]
        assert hidden == told(lambda absent=absent: read(town, absent))  # type: ignore[misc]


def test_a_photo_and_a_document_of_another_unit_are_as_unknown_ones(
    desk: Any,
    acting: Any,
    workspace: Workspace,
) -> None:
    case = desk.register.open(replace(new(household_keys=()), footprint=OTHER))
    case = desk.evidence.add(case.id, NewEvidence(photo(), "a.jpg", "scene"), seen=case.version)
    [piece] = desk.evidence.select(case.id)
    town = acting("township", unit=OWN_UNIT + "001")
    number = piece.evidence.id
    assert desk.evidence.read(number)[1] == photo()
    for read in (town.evidence.read, town.evidence.thumbnail):
        hidden = told(lambda read=read: read(number))  # type: ignore[misc]
        assert hidden == told(lambda read=read: read(999_999))  # type: ignore[misc]
    assert workspace.folder.is_dir()
