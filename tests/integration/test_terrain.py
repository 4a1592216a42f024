"""Slope of cultivated land and rasters by unit, on the sample city."""

import pytest

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.errors import AccessError, ChoiceError, NotFoundError
from tests.integration.test_cli import document, refused


@pytest.fixture(scope="module")
def workspace(sample_workspace):
    opened = Workspace.open(sample_workspace)
    yield opened
    opened.close()


def test_grades_of_all_units_are_those_of_the_city(workspace):
    result = workspace.slope(by="township")
    for grade in range(5):
        total = sum(unit.grade_m2[grade] for unit in result.units)
        assert total == pytest.approx(result.whole.grade_m2[grade], rel=1e-4)
    assert abs(result.outside_m2) < 0.01
    assert result.closure_m2 < 0.01
    assert result.sample
    assert result.whole.grade_m2[4] > 0


def test_a_district_is_the_same_as_a_row_and_as_the_whole(workspace):
    row = workspace.slope(by="district").units[0]
    whole = workspace.slope(by="township", within=row.unit_code).whole
    assert whole.grade_m2 == pytest.approx(row.grade_m2)
    assert whole.unknown_m2 == pytest.approx(row.unknown_m2)


def test_documents_are_as_their_schemas_say(sample_workspace):
    slope = document(sample_workspace, "slope", "--by", "district")
    assert slope["sample"]
    zonal = document(sample_workspace, "zonal", "imagery-2023", "--from", "imagery-2021")
    assert any(row["change"] for row in zonal["rows"])


def test_what_cannot_be_asked_is_refused(workspace, sample_workspace):
    with pytest.raises(ChoiceError, match="raster-no-height-model"):
        workspace.slope(raster="imagery-2021")
    with pytest.raises(ChoiceError, match="zonal-not-alike"):
        workspace.zonal("dem", before="imagery-2021")
    with pytest.raises(NotFoundError):
        workspace.slope(within="999999")
    refused(sample_workspace, "slope", "--by", "city")


@pytest.mark.parametrize("role", ["public", "township"])
def test_who_may_not_plan_is_told_nothing(workspace, role):
    other = workspace.acting_as(Principal("someone", role))
    with pytest.raises(AccessError):
        other.slope()
    with pytest.raises(AccessError):
        other.zonal("dem")
