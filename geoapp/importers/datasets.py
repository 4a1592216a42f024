"""Which data sets a file, an archive, a folder or an upload of several files holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from geoapp.errors import ChoiceError, FileError
from geoapp.importers.job import Dataset, Job, Kind
from geoapp.importers.members import Member, archive_members, file_member, folder_members
from geoapp.importers.problem import Problem
from geoapp.importers.signature import require_signature

SHAPEFILE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_KINDS: Final[dict[str, Kind]] = {
    ".gpkg": "geopackage",
    ".geojson": "geojson",
    ".json": "geojson",
    ".parquet": "geoparquet",
    ".geoparquet": "geoparquet",
    ".kml": "kml",
    ".kmz": "kml",
    ".dxf": "dxf",
    ".txt": "boundary_text",
    ".csv": "boundary_table",
    ".xlsx": "boundary_table",
    ".xls": "boundary_table",
}
SUFFIXES: Final = (".shp", ".zip", ".gdb", *_KINDS)
# What is handed over beside data as a remark, and counts only where there is nothing else.
_REMARKS: Final = frozenset({".json", ".txt", ".csv", ".xlsx", ".xls"})
# Forms that offices hand over and that are not read here, each with what to do instead.
_REFUSED: Final = {
    ".tif": "file-is-raster",
    ".tiff": "file-is-raster",
    ".img": "file-is-raster",
    ".dwg": "file-is-dwg",
    ".rar": "archive-kind-unknown",
    ".7z": "archive-kind-unknown",
    ".tar": "archive-kind-unknown",
    ".gz": "archive-kind-unknown",
    ".mdb": "file-is-mdb",
    ".accdb": "file-is-mdb",
}
_ALONE: Final = frozenset({".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx"})


@dataclass(frozen=True, slots=True)
class Found:
    """A data set that could be read.

    Attributes:
        members: Its files by suffix; those of a geodatabase by name.
        beside: Tables and texts that were handed over with it and are not read.
    """

    kind: Kind
    name: str
    members: dict[str, Member]
    beside: tuple[str, ...] = ()


@contextmanager
def opened(job: Job) -> Iterator[tuple[str, list[Found]]]:
    """Find the data sets of a job.

    Yields:
        The name to show, and the data sets; their members can be placed while this is open.

    Raises:
        FileError: There is nothing that can be read, with what to do instead.
    """
    first = job.paths[0]
    if len(job.paths) > 1:
        members = [file_member(path) for path in job.paths]
        yield first.name, _require_some(find_datasets(members), members, first.name)
    elif first.is_dir():
        members = folder_members(first)
        if first.suffix.lower() == ".gdb" or _is_geodatabase(members):
            yield first.name, [Found("filegdb", first.stem, _by_name(members))]
        else:
            yield first.name, _require_some(find_datasets(members), members, first.name)
    elif first.suffix.lower() == ".zip":
        require_signature(first, ".zip", first.name)
        with archive_members(first, first.name) as inside:
            yield first.name, _require_some(find_datasets(inside), inside, first.name)
    else:
        members = [file_member(path) for path in _beside(first)]
        found = [one for one in find_datasets(members) if _has(one, first)]
        yield first.name, _require_some(found, [file_member(first)], first.name)


def find_datasets(members: list[Member]) -> list[Found]:
    """Put members together to data sets, in the order of their names."""
    geodatabases: dict[PurePosixPath, dict[str, Member]] = {}
    shapefiles: dict[PurePosixPath, dict[str, Member]] = {}
    single: list[tuple[PurePosixPath, Kind, Member]] = []
    tables = {m.name.parent for m in members if m.name.suffix.lower() == ".gdbtable"}
    for member in members:
        suffix = member.name.suffix.lower()
        holder = next((p for p in member.name.parents if p.suffix.lower() == ".gdb"), None)
        holder = member.name.parent if holder is None and member.name.parent in tables else holder
        if holder is not None:
            geodatabases.setdefault(holder, {})[member.name.name] = member
        elif suffix in SHAPEFILE_PARTS:
            stem = member.name.with_suffix("")
            key = next((k for k in shapefiles if str(k).lower() == str(stem).lower()), stem)
            shapefiles.setdefault(key, {})[suffix] = member
        elif suffix in _KINDS:
            single.append((member.name, _KINDS[suffix], member))
    found = [(path, Found("filegdb", "", parts)) for path, parts in geodatabases.items()]
    found += [
        (path, Found("shapefile", "", parts))
        for path, parts in shapefiles.items()
        if ".shp" in parts
    ]
    found += [
        (path, Found(kind, "", {path.suffix.lower(): member})) for path, kind, member in single
    ]
    return _without_remarks(_named(found))


def choose_dataset(job: Job, file: str, found: list[Found]) -> tuple[Found, Job]:
    """Pick the data set that was named, and the order for the layer inside of it.

    Raises:
        ChoiceError: There are several, and none, or one that is not there, was named.
    """
    offered = ", ".join(one.name for one in found)
    if len(found) == 1:
        wanted = job.sublayer
        inner = wanted.removeprefix(f"{found[0].name}/")
        plain = found[0].kind not in {"filegdb", "geopackage", "kml", "boundary_table"}
        return found[0], replace(job, sublayer="" if plain and wanted == found[0].name else inner)
    if not job.sublayer:
        raise ChoiceError("file-many-layers", file=file, offered=offered)
    for one in sorted(found, key=lambda one: -len(one.name)):
        if job.sublayer == one.name:
            return one, replace(job, sublayer="")
        if job.sublayer.startswith(f"{one.name}/"):
            return one, replace(job, sublayer=job.sublayer.removeprefix(f"{one.name}/"))
    raise ChoiceError("choice-unknown", option="sublayer", value=job.sublayer, offered=offered)


def place(found: Found, job: Job, file: str) -> Dataset:
    """Put a data set into the scratch folder under our own names.

    Raises:
        FileError: Its first bytes are not those of its kind.
    """
    if found.kind == "filegdb":
        folder = job.scratch / f"{len(list(job.scratch.iterdir()))}.gdb"
        folder.mkdir()
        for name, member in found.members.items():
            if PurePosixPath(name).suffix.lower() != ".lock":
                member.place(folder / name)
        return Dataset("filegdb", file, folder, job)
    stem = f"features{len(list(job.scratch.iterdir()))}"
    for suffix, member in found.members.items():
        member.place(job.scratch / f"{stem}{suffix}")
    main = ".shp" if found.kind == "shapefile" else next(iter(found.members))
    path = job.scratch / f"{stem}{main}"
    if path.stat().st_size == 0:
        raise FileError("file-empty", file=file)
    require_signature(path, main, file)
    return Dataset(found.kind, file, path, job)


def left_out(found: list[Found], chosen: Found) -> list[Problem]:
    """Say which files were handed over and are not read."""
    names = [*chosen.beside, *(one.name for one in found if one.name != chosen.name)]
    facts: dict[str, object] = {"files": ", ".join(names)[:200]}
    return [Problem("files-left-out", "note", facts=facts)] if names else []


def _named(found: list[tuple[PurePosixPath, Found]]) -> list[Found]:
    """Name data sets without their folders, unless that would make two of one name."""
    found = sorted(found, key=lambda pair: str(pair[0]))
    short = [path.name if one.kind == "shapefile" else path.stem for path, one in found]
    if len(set(short)) < len(short):
        short = [str(path) for path, _ in found]
    return [replace(one, name=name) for (_, one), name in zip(found, short, strict=True)]


def _without_remarks(found: list[Found]) -> list[Found]:
    """Leave out tables and texts that lie beside data; the data keep their names for a note."""
    data = [one for one in found if not _REMARKS & one.members.keys()]
    if not data:
        return found
    remarks = [str(m.name) for one in found if one not in data for m in one.members.values()]
    return [replace(one, beside=tuple(remarks)) for one in data]


def _require_some(found: list[Found], members: list[Member], file: str) -> list[Found]:
    if found:
        return found
    suffixes = [member.name.suffix.lower() for member in members]
    for suffix in suffixes:
        if suffix in _REFUSED:
            raise FileError(_REFUSED[suffix], file=file)
    if any(suffix in _ALONE for suffix in suffixes):
        raise FileError("shapefile-without-shp", file=file)
    if ".zip" in suffixes:
        raise FileError("archive-nested", file=file)
    if PurePosixPath(file).suffix.lower() in {".zip", ""}:
        raise FileError("archive-without-data", file=file, offered=" ".join(SUFFIXES))
    raise FileError("file-kind-unknown", file=file, offered=" ".join(SUFFIXES))


def _beside(path: Path) -> list[Path]:
    """List the files that belong to one file: only a shapefile has any."""
    if path.suffix.lower() != ".shp":
        return [path]
    parts = [
        other
        for other in path.parent.iterdir()
        if other.stem.lower() == path.stem.lower()
        and other.suffix.lower() in SHAPEFILE_PARTS
        and other.is_file()
        and other.suffix.lower() != ".shp"
    ]
    return [path, *sorted(parts)]


def _has(found: Found, path: Path) -> bool:
    return any(member.name.name == path.name for member in found.members.values())


def _by_name(members: list[Member]) -> dict[str, Member]:
    return {member.name.name: member for member in members}


def _is_geodatabase(members: list[Member]) -> bool:
    return any(
        member.name.suffix.lower() == ".gdbtable" and len(member.name.parts) == 1
        for member in members
    )
