"""Land use a survey earlier."""

import numpy as np

from geoapp.planning.farmland import read_farmland

BY_CLASS = ["dlbm", "dlmc", "qsxz", "gdlx", "gdpdjb", "zzsxdm"]


def changed_rows(city):
    return (city.layers["landuse"]["dlbm"] != city.earlier["dlbm"]).to_numpy()


def test_parcels_stay_where_they_are_and_most_of_them_what_they_are(city):
    now, then = city.layers["landuse"], city.earlier
    assert (now.geometry.to_numpy() == then.geometry.to_numpy()).all()
    assert 0 < changed_rows(city).mean() < 0.05
    same = now.loc[~changed_rows(city)].drop(columns=["geometry", "sjnf"])
    assert same.equals(then.loc[~changed_rows(city)].drop(columns=["geometry", "sjnf"]))
    assert set(then["sjnf"]) == {now["sjnf"].iloc[0] - 1}


def test_only_the_flows_of_the_plan_are_found(city, plan):
    rows = changed_rows(city)
    was, now = city.earlier["dlbm"][rows], city.layers["landuse"]["dlbm"][rows]
    assert set(zip(was, now, strict=True)) <= {(f.was, f.now) for f in plan.earlier.flows}


def test_what_goes_with_the_class_went_with_it(city):
    then = city.earlier
    tilled = then["dlbm"].str.startswith("01")
    assert set(then.loc[tilled, "gdpdjb"]) <= {"1", "2", "3", "4", "5"}
    assert set(then.loc[~tilled, "gdpdjb"]) == {""}
    assert (then["zzsxdm"][tilled] != "").all() == (
        city.layers["landuse"]["zzsxdm"][tilled & ~changed_rows(city)] != ""
    ).all()
    assert then["bz"].eq(city.layers["landuse"]["bz"]).all()


def test_more_went_into_cultivated_land_than_out_of_it(city, tmp_path):
    farmland = read_farmland(tmp_path)
    area = city.layers["landuse"]["tbmj"].to_numpy()
    was = city.earlier["dlbm"].map(farmland.is_cultivated).to_numpy(bool)
    now = city.layers["landuse"]["dlbm"].map(farmland.is_cultivated).to_numpy(bool)
    assert area[now & ~was].sum() > area[was & ~now].sum() > 0


def test_the_same_seed_gives_the_same_past(city, twin):
    assert city.earlier.drop(columns="geometry").equals(twin.earlier.drop(columns="geometry"))
    assert np.array_equal(changed_rows(city), changed_rows(twin))


def test_a_plan_without_a_past_builds_none(other):
    assert other.earlier is None


def test_the_last_survey_is_later_than_the_one_before(plan):
    assert plan.earlier.as_of.year == plan.landuse.year - 1
