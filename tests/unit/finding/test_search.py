"""Search by name, pinyin, number and position: what is found, in which order, for whom."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.errors import AccessError, ChoiceError, NotFoundError
from geoapp.finding.pinyin import plain_latin, readings
from geoapp.finding.search import MOST_RESULTS, Searcher, SearchRequest
from geoapp.geometry.notation import MOST_CHARACTERS
from geoapp.i18n import text
from tests.building import on_ground, publish
from tests.unit.finding.grounds import make_ground, position, publish_units


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    ground = make_ground(tmp_path_factory.mktemp("city"))
    publish_units(ground)
    at = [shapely.Point(*position(x, 5.5)) for x in (12.5, 3.5, 14.5)]
    publish(
        ground.store,
        "hamlet",
        at,
        bsm=["h1", "h2", "h3"],
        mc=["东一美丽屋场", "吕家坪", "长安重庆"],
    )
    square = [on_ground(frozenset({(x, 3)})) for x in (11, 12, 13)]
    publish(ground.store, "scenic_area", square[:1], bsm=["s1"], mc=["西海大峡谷"])
    publish(
        ground.store,
        "landuse",
        square,
        bsm=["439901000001", "439901000002", "4399010000020"],
        tbbh=["00475", "00475", "100%_x"],
        dlbm=["0101"] * 3,
    )
    publish(ground.store, "demolition", square[:1], case_no=["439901-2022-0112"])
    return Searcher(ground)


def search(searcher, query, **more):
    return searcher.search(SearchRequest(query, **more))["results"]


def keys(searcher, query, **more):
    return [result["key"] for result in search(searcher, query, **more)]


def test_names_are_found_in_every_way_they_are_typed(searcher):
    for typed in (
        "东一镇",
        "dongyizhen",
        "dong yi zhen",
        "Dōng Yī Zhèn",
        "dong1yi1zhen4",
        "DYZ",
        "East One",
    ):
        assert keys(searcher, typed)[0] == "439901001", typed
    for typed in ("吕家坪", "lvjiaping", "lǚ jiā píng", "lüjiaping", "ljp", "家坪", "jiaping"):
        assert "h2" in keys(searcher, typed), typed
    for typed in ("changanchongqing", "changanzhongqing", "zhanganchongqing"):
        assert "h3" in keys(searcher, typed), typed
    assert keys(searcher, "iajiap") == [], "a match begins where a syllable begins"


def test_exact_stands_before_beginning_before_middle_and_bigger_before_smaller(searcher):
    assert keys(searcher, "东")[:3] == ["439901", "439901001", "439901002"]
    assert keys(searcher, "东一")[:2] == ["439901001", "439901001001"]
    assert keys(searcher, "东一")[-1] == "h1"
    assert keys(searcher, "西海大峡谷") == ["s1"]
    found = search(searcher, "439901")
    assert found[0]["key"] == "439901"
    scores = [result["score"] for result in found]
    assert scores == sorted(scores, reverse=True)


def test_one_wrong_letter_is_forgiven_only_where_nothing_else_fits(searcher):
    assert keys(searcher, "dongyizheng")[0] == "439901001"
    assert keys(searcher, "dongyichen")[0] == "439901001"
    assert keys(searcher, "dnogyizhen")[0] == "439901001"
    assert keys(searcher, "qqqqqqq") == []


def test_units_without_outline_are_found_and_their_place_is_called_unknown(searcher):
    found = search(searcher, "东二镇")[0]
    assert (found["lon"], found["lat"], found["bounds"]) == (None, None, None)
    assert text("zh", "finding.no_outline") in found["detail"]


def test_features_are_found_by_their_keys(searcher):
    assert keys(searcher, "439901000002")[:2] == ["439901000002", "4399010000020"]
    assert set(keys(searcher, "00475")) == {"439901000001", "439901000002"}
    (case,) = search(searcher, "439901-2022-0112")
    assert (case["kind"], case["layer"], case["title"]) == (
        "case",
        "demolition",
        "439901-2022-0112",
    )
    assert case["detail"] == "东区·东一镇"
    west, south, east, north = case["bounds"]
    assert west < case["lon"] < east
    assert south < case["lat"] < north


def test_signs_with_a_meaning_elsewhere_have_none_here(searcher):
    assert keys(searcher, "100%_x") == ["4399010000020"]
    for typed in (
        "100%",
        "%",
        "_",
        ".*",
        "(",
        "[",
        "'; DROP TABLE snapshot; --",
        "\\",
        "\x00",
        "\ud800",
    ):
        found = search(searcher, typed)
        assert all(typed in result["title"] for result in found), typed


def test_positions_are_worded_with_how_they_were_read(searcher):
    longitude, latitude = position(12.5, 3.5)
    (inside,) = search(searcher, f"{latitude:.7f}, {longitude:.7f}")
    assert inside["kind"] == "coordinates"
    assert inside["lon"] == pytest.approx(longitude, abs=1e-7)
    assert text("zh", "finding.read_degrees") in inside["detail"]
    assert text("zh", "finding.north_first") in inside["detail"]
    assert inside["detail"].endswith("东区·东一镇")
    (far,) = search(searcher, "116.4, 39.9", lang="en")
    assert far["detail"].endswith(text("en", "finding.outside"))
    metres = search(searcher, "3223789.9 449394.9", lang="en")[0]["detail"]
    assert text("en", "finding.zone_assumed", zone=37) in metres


def test_only_what_the_principal_may_see(searcher):
    public = make_ground(searcher.ground.store._folder, "public")
    public.store = searcher.ground.store
    alone = Searcher(public)
    assert keys(alone, "439901000002") == []
    assert keys(alone, "439901-2022-0112") == []
    assert keys(alone, "吕家坪") == ["h2"]
    with pytest.raises(AccessError):
        search(alone, "1", layers=("landuse",))
    with pytest.raises(NotFoundError):
        search(alone, "1", layers=("nothing",))


def test_layers_narrow_the_search(searcher):
    assert keys(searcher, "东一", layers=("hamlet",)) == ["h1"]
    assert keys(searcher, "试验市", layers=("hamlet",)) == []
    assert keys(searcher, "试验市") == ["439900"]


def test_what_is_cut_is_said(searcher):
    document = searcher.search(SearchRequest("东", limit=1))
    assert len(document["results"]) == 1
    assert document["notes"] == [text("zh", "finding.more", count=1)]
    assert searcher.search(SearchRequest("东"))["notes"] == []


def test_an_index_that_is_not_ready_is_said(searcher, monkeypatch):
    monkeypatch.setattr(searcher.keys, "index", lambda *_: None)
    notes = searcher.search(SearchRequest("439901000002", lang="en"))["notes"]
    assert any("Feature id" in note for note in notes)


@pytest.mark.parametrize("limit", [0, -1, MOST_RESULTS + 1])
def test_a_limit_out_of_range_is_refused(searcher, limit):
    with pytest.raises(ChoiceError):
        search(searcher, "东", limit=limit)


def test_a_query_that_is_too_long_is_refused(searcher):
    assert search(searcher, "x" * MOST_CHARACTERS) == []
    with pytest.raises(ChoiceError):
        search(searcher, "x" * (MOST_CHARACTERS + 1))


@given(st.text(max_size=30))
def test_no_text_is_an_error(searcher, typed):
    document = searcher.search(SearchRequest(typed))
    assert document["q"] == typed
    assert len(document["results"]) <= 20


def test_publishing_is_seen(tmp_path):
    ground = make_ground(tmp_path)
    publish_units(ground)
    searcher = Searcher(ground)
    assert keys(searcher, "新屋场") == []
    at = [shapely.Point(*position(3.5, 5.5))]
    snapshot = publish(ground.store, "hamlet", at, bsm=["n1"], mc=["新屋场"])
    searcher.prepare(snapshot)
    assert keys(searcher, "新屋场") == keys(searcher, "n1") == ["n1"]


@given(st.text(max_size=12))
def test_readings_of_any_text_are_few_and_joined_alike(name):
    made = readings(name)
    assert len(made) <= 8
    for syllables in made:
        assert all(syllables)


def test_latin_forms_agree():
    assert plain_latin(" Zhāng-jiā'jiè ") == "zhangjiajie"
    assert (
        plain_latin("lü4") == plain_latin("lv") == plain_latin("LÜ") == plain_latin("lu:4") == "lv"
    )
    assert plain_latin("Abc 12") == "abc12", "two figures are no tone"
    assert readings("重庆")[0] == ("chong", "qing")
    assert ("zhong", "qing") in readings("重庆")
    assert readings("Town") == ()
