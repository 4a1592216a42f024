"""Over HTTP the public gets the public form, whatever others fetched before."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from starlette.testclient import TestClient

from geoapp.bootstrap import workspace as bootstrap
from geoapp.publishing.generalise import on_grid
from geoapp.publishing.vector_tile import read_tile, to_degrees
from tests.web.guard.signing import guarded_app, visit

TILE = (12, 3304, 1703)


@pytest.fixture
def visitors(
    sample_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _nobody_signs_in: None
) -> Iterator[tuple[TestClient, TestClient]]:
    """The public and a planner, who asks first."""
    folder = shutil.copytree(sample_workspace, tmp_path / "city")
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    monkeypatch.setenv("GEOAPP_SIGN_IN", "true")
    bootstrap._open_shared.cache_clear()
    app = guarded_app()
    yield visit(app), visit(app, "planner", address="10.0.0.8")
    bootstrap._open_shared.cache_clear()


def test_features_tiles_and_cards_of_the_public_hold_no_finer_vertex(visitors) -> None:
    public, planner = visitors
    features = "/map/features/scenic_area.geojson"
    tile = "/tiles/village/{}/{}/{}.mvt".format(*TILE)
    card = "/map/identify?lon=110.45&lat=29.05&z=18"
    exact = {path: planner.get(path) for path in (features, tile, card)}
    coarse = {path: public.get(path) for path in (features, tile, card)}
    assert {answer.status_code for answer in (*exact.values(), *coarse.values())} == {200}

    for answers, fine in ((exact, True), (coarse, False)):
        shapes = [
            shapely.geometry.shape(f["geometry"]) for f in answers[features].json()["features"]
        ]
        assert bool(on_grid(shapely.get_coordinates(np.array(shapes)), 1e-6).all()) is not fine
        [part] = read_tile(answers[tile].content)
        at = part.positions
        inner = at[((at > -64) & (at < part.extent + 64)).all(axis=1)]
        slack = 1.01 * 360 / 2 ** TILE[0] / part.extent
        assert bool(on_grid(to_degrees(inner, part.extent, *TILE), slack).all()) is not fine
    layers = {feature["layer"] for feature in coarse[card].json()["features"]}
    assert "landuse" not in layers
    assert "landuse" in {feature["layer"] for feature in exact[card].json()["features"]}


def test_an_answer_kept_for_another_role_is_not_confirmed_to_the_public(visitors) -> None:
    public, planner = visitors
    path = "/tiles/village/{}/{}/{}.mvt".format(*TILE)
    tag = planner.get(path).headers["etag"]
    assert planner.get(path, headers={"If-None-Match": tag}).status_code == 304
    answer = public.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


def test_layers_that_are_figures_only_are_refused(visitors) -> None:
    public, planner = visitors
    for path in ("/tiles/landuse.json", "/map/features/ecological_redline.geojson"):
        assert planner.get(path).status_code == 200
        assert public.get(path).status_code in {401, 403}
