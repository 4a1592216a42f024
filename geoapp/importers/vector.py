"""Reading GeoPackage, GeoJSON, GeoParquet and shapefiles through GDAL and Arrow.

The kind of a file is told by its first bytes as well as by its name: GDAL would otherwise
open whatever the bytes are, and some of its formats reach other files.
"""

import json
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from geoapp.errors import ChoiceError, FileError
from geoapp.importers.boundary_text import read_boundary_text
from geoapp.importers.encoding import detect_dbf_encoding
from geoapp.importers.reading import AUTO, Reading, require_file

_MAGIC: Final[dict[str, bytes]] = {
    ".gpkg": b"SQLite format 3\x00",
    ".parquet": b"PAR1",
    ".shp": b"\x00\x00\x27\x0a",
    ".zip": b"PK\x03\x04",
}
_JSON_TYPES: Final = frozenset({"FeatureCollection", "Feature"})
_SHAPEFILE_PARTS: Final = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
SUFFIXES: Final = (".gpkg", ".geojson", ".json", ".parquet", ".shp", ".zip", ".txt")
_MOST_UNPACKED_BYTES: Final = 4 * 1024**3
_MOST_RATIO: Final = 200
_DAMAGED_ARCHIVE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,  # encrypted
    ValueError,
)

pyogrio.set_gdal_config_options({"CPL_VSIL_CURL_ALLOWED_FILENAME": "/none"})


def read_features(
    path: Path, *, sublayer: str = "", crs: str = AUTO, encoding: str = AUTO
) -> Reading:
    """Read a file, whatever of the known formats it is.

    Args:
        path: The file.
        sublayer: Which layer, for files that hold several.
        crs: Stated system, or ``auto`` for what the file says.
        encoding: Stated text encoding of a shapefile, or ``auto``.

    Raises:
        FileError: It is missing, damaged, or not what its name says.
        ChoiceError: It holds several layers and none, or one that is not there, was named.
    """
    require_file(path)
    suffix = path.suffix.lower()
    if suffix == ".geoparquet":
        suffix = ".parquet"
    if suffix not in SUFFIXES:
        raise FileError("file-kind-unknown", file=path.name, offered=" ".join(SUFFIXES))
    _require_magic(path, suffix)
    if suffix == ".txt":
        return read_boundary_text(path, crs=crs, encoding=encoding)
    if suffix == ".parquet":
        reading = _read_parquet(path)
    elif suffix == ".zip":
        with _unpacked_shapefile(path, sublayer) as inner:
            reading = _read_with_gdal(inner, "", encoding)
    else:
        reading = _read_with_gdal(path, sublayer, encoding)
    stated = reading.crs if crs == AUTO else crs
    return Reading(
        path,
        reading.frame,
        stated,
        reading.encoding,
        reading.problems,
        reading.kind,
        sublayer,
        stated=crs != AUTO,
    )


def _require_magic(path: Path, suffix: str) -> None:
    with path.open("rb") as file:
        head = file.read(16)
    if suffix in _MAGIC and not head.startswith(_MAGIC[suffix]):
        raise FileError("file-not-what-it-says", file=path.name, kind=suffix)
    if suffix in {".geojson", ".json"}:
        try:
            document = json.loads(path.read_bytes())
        except (ValueError, UnicodeDecodeError, RecursionError) as error:
            raise FileError("file-not-what-it-says", file=path.name, kind="GeoJSON") from error
        if not isinstance(document, dict) or document.get("type") not in _JSON_TYPES:
            raise FileError("file-not-what-it-says", file=path.name, kind="GeoJSON")


def _read_parquet(path: Path) -> Reading:
    try:
        frame = gpd.read_parquet(path)
    except (ValueError, TypeError, OSError, pa.ArrowException) as error:
        raise FileError("file-damaged", file=path.name, reason=str(error)) from error
    return Reading(path, frame, frame.crs.to_wkt() if frame.crs else "")


def _read_with_gdal(path: Path, sublayer: str, encoding: str) -> Reading:
    shapefile = path.suffix.lower() == ".shp"
    found = ""
    if shapefile:
        found = detect_dbf_encoding(path) if encoding == AUTO else encoding
    try:
        with warnings.catch_warnings():
            # What GDAL remarks on geometries and headers is checked by ourselves, and worded.
            warnings.simplefilter("ignore", RuntimeWarning)
            layer = _choose_layer(path, sublayer)
            frame = pyogrio.read_dataframe(path, layer=layer, encoding=found or None)
    except (DataSourceError, DataLayerError, LookupError, UnicodeDecodeError) as error:
        raise FileError("file-damaged", file=path.name, reason=str(error)) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise FileError("file-without-geometry", file=path.name)
    return Reading(path, frame, frame.crs.to_wkt() if frame.crs else "", found)


def _choose_layer(path: Path, sublayer: str) -> str:
    names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if sublayer and sublayer not in names:
        raise ChoiceError(
            "choice-unknown", option="sublayer", value=sublayer, offered=", ".join(names)
        )
    if not names:
        raise FileError("file-without-geometry", file=path.name)
    if len(names) > 1 and not sublayer:
        raise ChoiceError("file-many-layers", file=path.name, offered=", ".join(names))
    return sublayer or names[0]


@contextmanager
def _unpacked_shapefile(path: Path, sublayer: str) -> Iterator[Path]:
    """Unpack the parts of one shapefile into a temporary folder, under our own names."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = _shapefile_members(archive, path, sublayer)
            with tempfile.TemporaryDirectory(prefix="geoapp-") as folder:
                for suffix, member in members.items():
                    _unpack(archive, member, Path(folder) / f"features{suffix}")
                yield Path(folder) / "features.shp"
    except _DAMAGED_ARCHIVE as error:
        raise FileError("file-damaged", file=path.name, reason=str(error)) from error


def _shapefile_members(
    archive: zipfile.ZipFile, path: Path, sublayer: str
) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    size = sum(info.file_size for info in infos)
    packed = max(1, sum(info.compress_size for info in infos))
    if size > _MOST_UNPACKED_BYTES or size / packed > _MOST_RATIO:
        raise FileError("archive-expands-too-much", file=path.name)
    sets: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for info in infos:
        name = Path(_member_name(info))
        if name.suffix.lower() in _SHAPEFILE_PARTS and "__MACOSX" not in name.parts:
            sets.setdefault(str(name.with_suffix("")), {})[name.suffix.lower()] = info
    sets = {stem: parts for stem, parts in sets.items() if ".shp" in parts}
    if len({Path(stem).name for stem in sets}) == len(sets):  # folders only where needed
        sets = {Path(stem).name: parts for stem, parts in sets.items()}
    if not sets:
        raise FileError("archive-without-shapefile", file=path.name)
    if sublayer and sublayer not in sets:
        raise ChoiceError(
            "choice-unknown", option="sublayer", value=sublayer, offered=", ".join(sets)
        )
    if len(sets) > 1 and not sublayer:
        raise ChoiceError("file-many-layers", file=path.name, offered=", ".join(sets))
    return sets[sublayer] if sublayer else next(iter(sets.values()))


def _member_name(info: zipfile.ZipInfo) -> str:
    """Read a member's name; without the UTF-8 flag Chinese tools wrote it in GBK."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    left = member.file_size
    with archive.open(member) as source, target.open("wb") as file:
        while block := source.read(min(1 << 20, left + 1)):
            left -= len(block)
            if left < 0:
                raise FileError("archive-expands-too-much", file=str(archive.filename))
            file.write(block)
