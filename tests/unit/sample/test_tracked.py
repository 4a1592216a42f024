"""Items of the sample's lists: parcels of fitting classes, the same every time."""

import pytest
import shapely

from geoapp.planning.tracker import read_trackers
from geoapp.sample.tracked import TRACKED, build_items

DISTRICTS = ("430802", "430811", "430821", "430822")


def build(city):
    taken = set()
    return {
        tracker: build_items(tracker, DISTRICTS, city.layers[tracked.layer], taken)
        for tracker, tracked in TRACKED.items()
    }


def test_only_lists_whose_things_are_parcels_get_shapes(tmp_path):
    trackers = read_trackers(tmp_path)
    assert {name for name, one in trackers.items() if one.unit == "parcel"} == set(TRACKED)
    for name, tracked in TRACKED.items():
        stages = {stage.id for stage in trackers[name].stages}
        assert stages == set(tracked.stages)


def test_the_same_city_gives_the_same_items(city, twin):
    assert build(city) == build(twin)


@pytest.mark.parametrize("tracker", TRACKED)
def test_every_shape_is_a_parcel_of_a_fitting_class_in_the_unit_that_is_named(city, tracker):
    tracked = TRACKED[tracker]
    items, shapes = build(city)[tracker]
    parcels = city.layers[tracked.layer].set_index("zldwdm")
    for item, shape in zip(items, shapes, strict=True):
        here = parcels[parcels.index.str.startswith(item.unit_code)]
        [same] = [row for row in here.itertuples() if shapely.equals_exact(row.geometry, shape)]
        assert same.dlbm in tracked.classes
        assert item.number.startswith(item.unit_code[:6])


def test_a_done_stage_is_a_done_item(city, tmp_path):
    trackers = read_trackers(tmp_path)
    for tracker, (items, _) in build(city).items():
        for item in items:
            assert bool(item.done) == trackers[tracker].find_stage(item.stage).done
