"""Whether every file is there and what was written."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geoapp.catalog.disk import digest_of
from geoapp.catalog.seal import SEAL, iter_derived, read_seal
from geoapp.catalog.snapshot import DERIVED, FEATURES, MANIFEST, Snapshot
from geoapp.errors import CatalogError, NotFoundError
from geoapp.keeping.contents import ATTACHMENTS, LAYERS
from geoapp.keeping.finding import Symptom
from geoapp.keeping.patient import Patient
from geoapp.keeping.storage_facts import read_attached, read_named_hashes
from geoapp.overlay.index import INDEX_FILE
from geoapp.tiles.drawn import drawn_folder

_SETTLED_AFTER_S: Final = 3600  # what is younger may just be on its way in
_HASH_LENGTH: Final = 64


def examine_snapshots(patient: Patient) -> Iterator[Symptom]:
    """Compare every snapshot with the register and with its own manifest."""
    for (layer, name), digest in sorted(patient.digests.items()):
        snapshot = patient.snapshot(layer, name)
        missing = [file for file in (FEATURES, MANIFEST) if not (snapshot.folder / file).is_file()]
        for file in missing:
            yield Symptom("file_missing", "fault", f"{LAYERS}/{layer}/{name}/{file}")
        if missing:
            continue
        if digest_of(snapshot.folder / FEATURES) != digest:
            yield Symptom("file_changed", "fault", f"{LAYERS}/{layer}/{name}/{FEATURES}")
        elif not _is_own_manifest(snapshot, digest):
            yield Symptom("file_changed", "fault", f"{LAYERS}/{layer}/{name}/{MANIFEST}")
        else:
            yield from _examine_derived(patient, snapshot)
    for folder in sorted((patient.folder / LAYERS).glob("*/*")):
        key = (folder.parent.name, folder.name)
        if not folder.is_dir() or folder.name.startswith(".") or key in patient.digests:
            continue
        if time.time() - folder.stat().st_mtime > _SETTLED_AFTER_S:
            yield Symptom("snapshot_orphan", "warning", f"{LAYERS}/{'/'.join(key)}")


def examine_attachments(patient: Patient) -> Iterator[Symptom]:
    """Compare photos and documents with their names, which are their hashes."""
    folder = patient.folder / ATTACHMENTS
    there = {path.name: path for path in _named_by_hash(folder)}
    for digest, subject in sorted(read_attached(patient.engine).items()):
        if digest not in there:
            facts = {"of": subject}
            yield Symptom("attachment_missing", "fault", f"{ATTACHMENTS}/{digest}", facts)
    named = read_named_hashes(patient.engine)
    for digest, path in sorted(there.items()):
        if digest_of(path) != digest:
            yield Symptom("file_changed", "fault", f"{ATTACHMENTS}/{digest}")
        elif digest not in named and time.time() - path.stat().st_mtime > _SETTLED_AFTER_S:
            yield Symptom("attachment_orphan", "warning", f"{ATTACHMENTS}/{digest}")


def _is_own_manifest(snapshot: Snapshot, digest: str) -> bool:
    """Tell whether a manifest is the one that the snapshot is named after."""
    try:
        manifest = snapshot.manifest
    except CatalogError:
        return False
    same = (manifest.layer, manifest.digest) == (snapshot.layer, digest)
    # Manifests gain fields over the years; the beginning of the name is the date either way.
    return same and manifest.name == snapshot.name


def _examine_derived(patient: Patient, snapshot: Snapshot) -> Iterator[Symptom]:
    subject = f"{LAYERS}/{snapshot.layer}/{snapshot.name}"
    try:
        definition = patient.library.require(snapshot.layer)
    except NotFoundError:
        yield Symptom("layer_unknown", "warning", subject, {"layer": snapshot.layer})
        return
    if definition.geometry == "polygon" and not _holds(snapshot.folder / "measure" / INDEX_FILE):
        yield Symptom("index_missing", "warning", subject, remedy="index")
        return
    if not drawn_folder(snapshot).is_dir():
        yield Symptom("tiles_missing", "warning", subject, remedy="index")
        return
    seal = read_seal(snapshot.folder)
    if seal is None:
        yield Symptom("derived_unsealed", "warning", f"{subject}/{SEAL}", remedy="index")
        return
    there = {path.relative_to(snapshot.folder).as_posix(): path for path in _derived(snapshot)}
    for name, sealed in seal.items():
        path = there.get(name)
        if path is None:
            yield Symptom("derived_missing", "warning", f"{subject}/{name}", remedy="index")
        elif path.stat().st_size != sealed.size or digest_of(path) != sealed.sha256:
            yield Symptom("derived_changed", "fault", f"{subject}/{name}", remedy="index")


def _derived(snapshot: Snapshot) -> Iterator[Path]:
    return iter_derived(snapshot.folder, DERIVED)


def _holds(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _named_by_hash(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in folder.iterdir():
            if path.is_file() and len(path.name) == _HASH_LENGTH:
                yield path
