"""What single features add to a figure makes that figure, in every layer, unit and class."""

import math

import numpy as np
import pytest

from geoapp.bootstrap import Workspace
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.settings import Settings


@pytest.fixture(scope="module")
def workspace(sample_workspace):
    found = Workspace.open(sample_workspace, settings=Settings())
    yield found
    found.close()


def features(workspace, *asked, **more):
    return workspace._tabulator.list_features(*asked, **more)


def layer_names(workspace):
    return [d.id for d in workspace.library if workspace.store.find_current(d.id)]


def sums_by_class(found):
    return {
        name: math.fsum(found.values[found.classes == name]) for name in set(found.classes.tolist())
    }


def measured(row, of):
    values = {"area": row.area_m2, "count": row.count, "length": row.length_m}
    return (values[of] if of in values else row.sums[of]) or 0.0


@pytest.mark.parametrize("level", ["city", "district", "township", "village"])
def test_features_make_the_figures_of_statistics(workspace, level):
    compared = 0
    for layer in layer_names(workspace):
        definition = workspace.library.require(layer)
        field = definition.class_field if definition.geometry == "polygon" else ""
        by = "district" if level == "city" else level
        result = workspace.stats(layer, by=by, class_field=field)
        rows = result.totals if level == "city" else result.rows
        units = sorted({row.unit_code for row in rows})
        if level != "city":
            units = units[:: max(1, len(units) // 6)]
        ways = ["area", "count", *(definition.statistics.sums)]
        if definition.geometry == "line":
            ways.append("length")
        for unit in units:
            mine = [row for row in rows if row.unit_code == unit and row.coverage != "no_data"]
            for of in ways:
                if any(of not in row.sums for row in mine) and of not in {
                    "area",
                    "count",
                    "length",
                }:
                    continue
                asked = "" if level == "city" else unit
                found = features(workspace, layer, of, class_field=field, unit=asked)
                expected = {row.class_code or "": measured(row, of) for row in mine}
                listed = sums_by_class(found)
                for name in expected | listed:
                    assert listed.get(name, 0.0) == pytest.approx(
                        expected.get(name, 0.0), abs=1e-3, rel=1e-12
                    ), (layer, unit, of, name)
                    compared += 1
    assert compared > 50


def test_rows_rise_and_add_something(workspace):
    found = features(workspace, "landuse", "area", class_field="dlbm", unit="430802")
    assert (np.diff(found.rows) > 0).all()
    assert (found.values != 0).all()
    assert len(found.rows) == len(found.values) == len(found.classes)


def test_a_unit_or_figure_that_does_not_exist_is_told(workspace):
    with pytest.raises(NotFoundError, match="unit-unknown"):
        features(workspace, "landuse", "area", unit="999999")
    with pytest.raises(ChoiceError, match="choice-unknown"):
        features(workspace, "landuse", "households")
