"""Manifests: what they said before lines were known they say still, byte by byte."""

import hashlib
from datetime import date

from geoapp.catalog.manifest import Manifest, Source, read_manifest

FACTS = {
    "layer": "landuse",
    "as_of": date(2023, 12, 31),
    "digest": "ab" * 32,
    "feature_count": 2,
    "area_m2": 12.5,
    "bounds": (110.0, 29.0, 111.0, 30.0),
    "sample": True,
    "coverage": {"439901": "complete"},
    "source": Source(crs="EPSG:4546"),
    "importer": "test",
}
WRITTEN = (
    '{"schema_version":"geoapp.snapshot/1","layer":"landuse","as_of":"2023-12-31",'
    f'"digest":"{"ab" * 32}","feature_count":2,"area_m2":12.5,'
    '"bounds":[110.0,29.0,111.0,30.0],"sample":true,"coverage":{"439901":"complete"},'
    '"source":{"file":"","sha256":"","crs":"EPSG:4546","note":""},"repairs":[],'
    '"unmapped_fields":[],"missing_fields":[],"importer":"test"}'
)


def test_a_manifest_without_length_is_written_and_named_as_ever(tmp_path):
    manifest = Manifest(**FACTS)
    assert manifest.model_dump_json() == WRITTEN
    assert manifest.content_hash() == hashlib.sha256(WRITTEN.encode()).hexdigest()
    path = tmp_path / "manifest.json"
    path.write_text(WRITTEN, encoding="utf-8")
    assert read_manifest(path) == manifest
    assert read_manifest(path).length_m == 0.0


def test_a_length_is_kept_and_is_part_of_the_name(tmp_path):
    manifest = Manifest(**FACTS, length_m=7.25)
    path = tmp_path / "manifest.json"
    path.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    assert read_manifest(path) == manifest
    assert manifest.content_hash() != Manifest(**FACTS).content_hash()
