"""The desk's views of the ground without a browser: slope with its list, rasters by unit."""

import pytest

from geoapp.i18n import LANGS, text
from tests.pages.test_planning import _own_workspace, draw  # noqa: F401  a fixture for all tests


def said(app):
    parts = (*app.markdown, *app.caption, *app.info, *app.warning)
    return "\n".join(part.value for part in parts)


@pytest.mark.parametrize("lang", LANGS)
def test_slope_says_what_is_listed_and_that_it_adds_up(sample_workspace, monkeypatch, lang):
    app = draw(sample_workspace, monkeypatch, "slope", lang)
    assert not app.exception
    words = said(app)
    assert text(lang, "terrain.steep_note") in words
    assert text(lang, "terrain.steep_gap") in words
    units, parcels = (frame.value for frame in app.dataframe)
    assert parcels["steep"].sum() == pytest.approx(units["grade_5"].sum(), abs=0.01 * len(parcels))


@pytest.mark.parametrize("lang", LANGS)
def test_the_latest_picture_is_compared_with_the_one_before(sample_workspace, monkeypatch, lang):
    app = draw(sample_workspace, monkeypatch, "zonal", lang)
    assert not app.exception
    assert app.selectbox(key="zonal-raster").value == "imagery-2023"
    assert app.selectbox(key="zonal-before-imagery-2023").value == "imagery-2021"
    assert text(lang, "terrain.hint") in said(app)
    (frame,) = (frame.value for frame in app.dataframe)
    assert frame["change"].notna().any()


def test_only_rasters_of_one_kind_are_offered_to_compare(sample_workspace, monkeypatch):
    app = draw(sample_workspace, monkeypatch, "zonal")
    app.selectbox(key="zonal-raster").set_value("dem").run()
    assert not app.exception
    assert app.selectbox(key="zonal-before-dem").value == ""
    assert text("zh", "terrain.hint") not in [info.value for info in app.info]
    assert text("zh", "terrain.one_date") in said(app)
    assert "change" not in app.dataframe[0].value


def test_parcels_are_listed_when_they_are_asked_for(sample_workspace, monkeypatch):
    app = draw(sample_workspace, monkeypatch, "zonal")
    app.selectbox(key="zonal-parcels").set_value("landuse").run()
    assert not app.exception
    parcels = app.dataframe[1].value
    sizes = parcels["change"].abs().tolist()
    assert 0 < len(sizes) <= 100
    assert sizes == sorted(sizes, reverse=True)
    assert text("zh", "terrain.parcels_not_known") in said(app)
