"""Programs that others wrote, against a live server: GDAL, and OWSLib."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, clean_environment

_SERVER = """
import sys, uvicorn
from starlette.applications import Starlette
from geoapp.web.routes import build_routes
app = Starlette(routes=build_routes())
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""
_GDAL = """
import json, sys, pyogrio
base, area = "OAPIF:" + sys.argv[1], tuple(json.loads(sys.argv[2]))
def read(layer, **options):
    return pyogrio.read_dataframe(base, layer=layer, **options)
boxed = read("landuse", bbox=area)
pages = read("landuse", PAGE_SIZE="300")
systems = {}
for code in ("EPSG:4490", "EPSG:4546", "EPSG:4525"):
    frame = read("landuse", CRS=code, max_features=5)
    systems[code] = [frame.crs.to_authority(), list(map(float, frame.total_bounds))]
filtered = read("landuse", where="dlbm = '0101'")
info = pyogrio.read_info(base, layer="landuse")
print(json.dumps({
    "layers": [row[0] for row in pyogrio.list_layers(base)],
    "kinds": {row[0]: row[1] for row in pyogrio.list_layers(base)},
    "boxed": sorted(boxed.bsm), "all": sorted(pages.bsm), "filtered": sorted(filtered.bsm),
    "area": float(pages.area_m2.sum()), "systems": systems,
    "description": info["layer_metadata"]["DESCRIPTION"],
    "fields": dict(zip(map(str, info["fields"]), info["ogr_types"])),
}))
"""


@pytest.fixture(scope="module")
def address(sample_workspace):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = clean_environment(GEOAPP_WORKSPACE=str(sample_workspace), GEOAPP_SIGN_IN="false")
    server = subprocess.Popen([sys.executable, "-c", _SERVER, str(port)], env=environment)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/api"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def landuse(sample_workspace):
    from geoapp.access.policy import Principal
    from geoapp.bootstrap import Workspace

    workspace = Workspace.open(sample_workspace, principal=Principal("tester", "planner"))
    frame, area = workspace.layer("landuse"), workspace.snapshot("landuse").manifest.area_m2
    workspace.close()
    return frame, area


def test_gdal_reads_layers_pages_boxes_systems_and_fields(address, landuse):
    frame, area = landuse
    box = (110.4, 29.1, 110.6, 29.3)
    # A process of its own: GDAL there has none of the locks that the product puts on it.
    done = subprocess.run(
        [sys.executable, "-c", _GDAL, address, json.dumps(box)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(Path.home())},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["layers"]) == 15
    assert found["kinds"]["landuse"] == "Polygon"
    assert found["kinds"]["road"] == "LineString"
    assert found["kinds"]["hamlet"] == "Point"
    assert found["all"] == sorted(frame.bsm)
    assert found["area"] == pytest.approx(area, abs=0.01)
    inside = frame.cx[box[0] : box[2], box[1] : box[3]]
    assert found["boxed"] == sorted(inside.bsm)
    assert found["filtered"] == sorted(frame.bsm[frame.dlbm == "0101"])
    assert "演示数据" in found["description"]
    assert found["fields"]["area_m2"] == "OFTReal"
    assert found["fields"]["sjnf"] == "OFTInteger"
    for code, (authority, (west, south, east, north)) in found["systems"].items():
        assert ":".join(authority) == code
        if code == "EPSG:4490":
            assert 109 < west < east < 112
            assert 28 < south < north < 31
        else:
            zone = 37e6 if code == "EPSG:4525" else 0
            assert zone + 300_000 < west < east < zone + 700_000
            assert 3_100_000 < south < north < 3_400_000


def test_owslib_finds_its_way(address, landuse):
    from owslib.ogcapi.features import Features

    frame, _ = landuse
    service = Features(address)
    assert service.api()["openapi"].startswith("3.0")
    assert any(name.endswith("conf/core") for name in service.conformance()["conformsTo"])
    assert "landuse" in service.feature_collections()
    assert service.collection("landuse")["title"] == "地类图斑"
    page = service.collection_items("landuse", bbox=[110.4, 29.1, 110.6, 29.3], limit=3)
    assert (page["numberReturned"], len(page["features"])) == (3, 3)
    matched = service.collection_items("landuse", dlbm="0101")["numberMatched"]
    assert matched == int((frame.dlbm == "0101").sum())
    one = service.collection_item("landuse", frame.bsm.iloc[7])
    assert one["properties"]["tbbh"] == frame.tbbh.iloc[7]
