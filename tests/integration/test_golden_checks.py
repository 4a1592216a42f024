"""Cases that a lawyer can read: parcel and layers in squares of 50 m, and what must be found."""

import tomllib
from pathlib import Path

import pytest

from geoapp.compliance.request import Parcel
from tests.checking import CheckGround, by_rule, publish_clear_ground, squares

CASES = sorted((Path(__file__).parents[1] / "golden" / "compliance").glob("*.toml"))


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    made = CheckGround(tmp_path_factory.mktemp("golden"))
    publish_clear_ground(made)
    return made


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_is_decided_as_it_is_written(path, ground):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    with ground.aside():
        publish_layers(ground, case.get("layer", []))
        given = case["parcel"]
        parcel = Parcel(geometry=squares(*given["boxes"]), declared_m2=given.get("declared_m2"))
        found = ground.one(parcel, purpose=case["purpose"], on=case["on"])
    findings = by_rule(found)
    for expected in case.get("finding", []):
        finding = findings[expected["rule"]]
        for key, value in expected.items():
            actual = getattr(finding, key)
            if isinstance(value, float):
                assert actual == pytest.approx(value, abs=0.05), (expected["rule"], key)
            else:
                assert actual == value, (expected["rule"], key)
    for absent in case.get("no_rule", []):
        assert absent not in findings
    assert found.verdict == case["verdict"]


def publish_layers(ground, layers):
    for layer in layers:
        features, field = layer.get("feature", []), layer.get("field", "")
        columns = {field: [feature["class"] for feature in features]} if field else {}
        shapes = [squares(*feature["boxes"]) for feature in features]
        ground.publish(layer["id"], shapes, coverage=layer.get("coverage"), **columns)


def test_there_are_cases():
    assert len(CASES) >= 20
