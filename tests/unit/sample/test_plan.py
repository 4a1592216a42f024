"""A wrong plan is refused, and the refusal names the place."""

import tomllib

import pytest
from pydantic import ValidationError

from geoapp.sample.plan import SamplePlan

from .conftest import GEO, OTHER_PLAN


def changed(**parts):
    data = tomllib.loads(OTHER_PLAN)
    for key, value in parts.items():
        target, _, last = key.rpartition("__")
        part = data
        for step in filter(None, target.split("__")):
            part = part[step]
        part[last] = value
    return data


def test_the_plan_of_the_product_is_valid(plan):
    assert plan.hamlets.count == 114
    assert plan.demolition.households == 30300


def test_every_place_names_its_source(plan):
    for place in (*plan.seats, *plan.rivers, *plan.scenic, *plan.reserves):
        assert place.source


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"hamlets__number": 3}, "hamlets.number"),
        ({"seats": []}, "seats"),
        ({"redline__share": 1.4}, "redline.share"),
        ({"demolition__households": 10}, "households"),
        ({"demolition__years": [2022, 2021]}, "years"),
    ],
)
def test_a_wrong_value_is_named(wrong, named):
    with pytest.raises(ValidationError, match=named):
        SamplePlan.model_validate(changed(**wrong))


def test_two_classes_for_the_rest_are_refused():
    data = tomllib.loads(OTHER_PLAN)
    del data["landuse"]["classes"][3]["share"]
    with pytest.raises(ValidationError, match="last class"):
        SamplePlan.model_validate(data)


def test_shares_leave_something_for_the_last_class():
    data = tomllib.loads(OTHER_PLAN)
    data["landuse"]["classes"][3]["share"] = 0.9
    with pytest.raises(ValidationError, match="leave nothing"):
        SamplePlan.model_validate(data)


def test_a_strip_without_class_is_refused():
    data = tomllib.loads(OTHER_PLAN)
    del data["landuse"]["classes"][0]
    with pytest.raises(ValidationError, match="river"):
        SamplePlan.model_validate(data)


def test_nothing_about_the_city_stands_in_code():
    package = GEO.parents[1] / "geoapp" / "sample"
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(package.glob("*.py")))
    for word in ("张家界", "4308", "永定", "Zhangjiajie", "4546\n"):
        assert word not in text.replace('"EPSG:4546"', "").replace("430802", "").replace(
            "430811", ""
        )
