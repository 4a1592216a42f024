"""The map of a township's official: of layers that are not public only what lies in the unit."""

import gzip
import json
import math

import numpy as np
import pytest
import shapely
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.bootstrap import workspace as bootstrap
from geoapp.tiles.grid import TileAddress
from geoapp.web.routes import build_routes
from tests.oracles.mvt import decode

UNIT = "430802001"
ZOOM = 12


@pytest.fixture
def ask(sample_workspace, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(sample_workspace))

    def get(path, role, unit=""):
        bootstrap._open_shared.cache_clear()
        monkeypatch.setattr(bootstrap, "local_administrator", lambda: Principal("x", role, unit))
        with TestClient(Starlette(routes=build_routes())) as client:
            return client.get(path)

    yield get
    bootstrap._open_shared.cache_clear()


@pytest.fixture(scope="module")
def own_parcels(sample_workspace):
    """Rows of land-use parcels that share ground with the unit, and a tile around them."""
    workspace = Workspace.open(sample_workspace)
    parcels = workspace.layer("landuse")
    units = workspace.layer("township").set_index("code")
    unit = units.geometry[UNIT]
    shared = shapely.area(shapely.intersection(parcels.geometry.to_numpy(), unit))
    rows = set(np.flatnonzero(shared > 1e-13).tolist())  # a common edge is no common ground
    middle = unit.representative_point()
    workspace.close()
    across = int((middle.x + 180) / 360 * 2**ZOOM)
    down = (1 - math.asinh(math.tan(math.radians(middle.y))) / math.pi) / 2
    return rows, TileAddress(ZOOM, across, int(down * 2**ZOOM))


def rows_of(answer):
    if answer.status_code == 204:
        return set()
    assert answer.status_code == 200, answer.text
    return {feature.id for layer in decode(answer.content) for feature in layer.features}


def test_tiles_hold_no_feature_that_shares_no_ground_with_the_unit(ask, own_parcels):
    own, at = own_parcels
    path = f"/tiles/landuse/{at.zoom}/{at.x}/{at.y}.mvt"
    all_rows = rows_of(ask(path, "planner"))
    township = ask(path, "township", UNIT)
    assert rows_of(township) == all_rows & own
    assert all_rows - own
    assert township.headers["etag"] != ask(path, "planner").headers["etag"]


def test_features_of_another_unit_are_not_sent(ask):
    lines = "/map/features/ecological_redline.geojson"

    def count(answer):
        content = answer.content
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        return len(json.loads(content)["features"])

    assert count(ask(lines, "township", UNIT)) < count(ask(lines, "planner"))
