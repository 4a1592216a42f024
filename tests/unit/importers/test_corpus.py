"""The same parcel in every form gives the same official area, and what is in doubt is said."""

import numpy as np
import pytest
import shapely

from geoapp.geometry.measure import official_areas
from geoapp.importers.vector import list_sublayers, read_features
from tests.unit.importers.corpus import AREA_M2, FORMS

SAID = {
    "txt swapped": "text-axes-turned",
    "txt without prefix": "text-without-prefix",
    "txt degrees": "text-in-degrees",
    "gdb folder": "curves-to-chords",
    "shapefile cut name": "field-name-cut",
    "dxf millimetres": "dxf-unit-by-size",
    "dxf polylines": "dxf-inside-another",
    "dxf block": "dxf-inside-another",
}
# Whether a line inside another is a hole or a parcel of its own, a drawing does not say.
TWO_OUTLINES = {"dxf polylines", "dxf millimetres", "dxf block"}


@pytest.mark.parametrize("form", FORMS)
def test_one_parcel_has_the_same_area_in_every_form(form, tmp_path):
    source, stated = FORMS[form](tmp_path)
    reading = read_features(source, **stated)
    _, geometries = reading.located(37)
    areas = official_areas(np.asarray(geometries), "EPSG:4546")
    if form in TWO_OUTLINES:
        assert len(areas) == 2
        assert abs(float(areas[0] - areas[1])) == pytest.approx(AREA_M2, abs=0.01)
    else:
        assert len(areas) == 1, [problem.code for problem in reading.problems]
        assert float(areas[0]) == pytest.approx(AREA_M2, abs=0.01)
        assert shapely.get_num_interior_rings(shapely.get_parts(geometries)).sum() == 1
    assert SAID.get(form, "") in {"", *(problem.code for problem in reading.problems)}
    assert len(reading.digest) == 64
    assert reading.kind is not None


@pytest.mark.parametrize(
    "form", [form for form in FORMS if not form.startswith(("kml", "kmz", "dxf"))]
)
def test_texts_come_through_unharmed(form, tmp_path):
    source, stated = FORMS[form](tmp_path)
    reading = read_features(source, **stated)
    names = {str(value) for value in reading.frame.drop(columns="geometry").iloc[0]}
    if not form.startswith(("xlsx", "csv")):
        assert {"430802-0001", "示例地块一"} <= names


@pytest.mark.parametrize("form", ["gpkg 4490", "gdb zip", "shapefile zip", "kml", "txt", "xlsx"])
def test_what_can_be_chosen_is_listed(form, tmp_path):
    source, _ = FORMS[form](tmp_path)
    assert len(list_sublayers(source)) == 1
