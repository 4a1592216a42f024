"""Building blocks of tests: tiny cities, layers on a grid, files as offices hand them over.

A grid lies in the equal-area plane of a zone, one square ``SIDE_M`` wide. Every corner of a
square on an outline is a vertex, so no edge is cut when it is measured and areas are whole
numbers of squares.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geoapp.catalog.city import City
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.library import Library, read_library
from geoapp.catalog.manifest import Coverage, Source
from geoapp.catalog.snapshot import Provenance, Snapshot, SnapshotStore
from geoapp.geometry.measure import total_length
from geoapp.overlay.index import build_index
from tests.oracles.grid import Cells

ROOT = Path(__file__).parents[1]
LAYERS = ROOT / "layers"
SIDE_M = 50.0
CELL_M2 = SIDE_M * SIDE_M
DAY = date(2024, 1, 1)
LIBRARY: Library = read_library(LAYERS)

UNITS_CSV = """code,name,level,parent,name_en
439901,东区,district,439900,East
439902,西区,district,439900,West
439901001,东一镇,township,439901,East One
439901002,东二镇,township,439901,East Two
439902001,西一镇,township,439902,West One
439901001001,东一村,village,439901001,East Village
"""


def city_toml(*, zone: int = 37, outline: str = "", sample: bool = False) -> str:
    """Describe a made-up city around the meridian of a zone."""
    middle = 3 * zone
    outline_line = f'outline = "{outline}"\n' if outline else ""
    return f"""code = "439900"
name = {{ zh = "试验市", en = "Testing" }}
province = {{ zh = "某省", en = "Someprovince" }}
crs = "EPSG:{4509 + zone}"
zone = {zone}
extent = {{ west = {middle - 1.4}, south = 28.0, east = {middle + 1.4}, north = 31.0 }}
sample = {str(sample).lower()}

[units]
names = "units.csv"
{outline_line}source = {{ zh = "虚构", en = "Made up" }}
"""


def write_city(folder: Path, **options: object) -> Path:
    """Write ``city.toml`` and ``units.csv``; give the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "city.toml").write_text(city_toml(**options), encoding="utf-8")  # type: ignore[arg-type]
    (folder / "units.csv").write_text(UNITS_CSV, encoding="utf-8")
    return folder / "city.toml"


def cells_to_plane(cells: Cells) -> shapely.Geometry:
    """Draw squares as one geometry in units of squares, a vertex at every corner."""
    boxes = shapely.box(*np.array([(x, y, x + 1, y + 1) for x, y in sorted(cells)]).T)
    return shapely.normalize(shapely.segmentize(shapely.union_all(boxes), 1.0))


@cache
def _between(plane: str) -> tuple[pyproj.Transformer, pyproj.Transformer]:
    """Make the ways from a plane to the ellipsoid and back, which takes longer than going them."""
    return (
        pyproj.Transformer.from_crs(plane, "EPSG:4490", always_xy=True),
        pyproj.Transformer.from_crs("EPSG:4490", plane, always_xy=True),
    )


def place(
    shapes: Iterable[shapely.Geometry], *, zone: int = 37, latitude: float = 29.4
) -> list[shapely.Geometry]:
    """Put drawings in units of squares onto the ellipsoid, EPSG:4490."""
    back, forth = _between(f"+proj=cea +lon_0={3 * zone} +ellps=GRS80 +units=m")
    x0, y0 = forth.transform(3 * zone - 0.3, latitude)

    def move(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(back.transform(x0 + SIDE_M * xy[:, 0], y0 + SIDE_M * xy[:, 1]))

    return [shapely.transform(shape, move) for shape in shapes]


def on_ground(cells: Cells, **options: object) -> shapely.Geometry:
    """Put a set of squares onto the ellipsoid."""
    return place([cells_to_plane(cells)], **options)[0]  # type: ignore[arg-type]


class MemoryTable:
    """The register's table of snapshots, kept in memory: a stand-in by protocol."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[date, str]]] = {}
        self.current: dict[str, str] = {}

    def find_current(self, layer: str) -> str | None:
        return self.current.get(layer)

    def find_as_of(self, layer: str, day: date) -> str | None:
        rows = sorted(
            (row for row in self.rows.get(layer, []) if row[0] <= day), key=lambda r: r[0]
        )
        return rows[-1][1] if rows else None

    def current_names(self) -> dict[str, str]:
        return dict(self.current)

    def names(self, layer: str) -> list[str]:
        return [name for _, name in reversed(self.rows.get(layer, []))]

    def make_current(
        self, layer: str, name: str, as_of: date, digest: str, count: int, actor: str
    ) -> None:
        del digest, count, actor
        rows = self.rows.setdefault(layer, [])
        if (as_of, name) not in rows:
            rows.append((as_of, name))
        self.current[layer] = name


def make_city(*, zone: int = 37) -> City:
    """Give the made-up city as a value."""
    import tomllib

    return City.model_validate(tomllib.loads(city_toml(zone=zone)))


def make_store(folder: Path, *, zone: int = 37) -> SnapshotStore:
    """Give a store of snapshots whose register is in memory."""
    gauss = f"EPSG:{4509 + zone}"
    return SnapshotStore(
        folder,
        MemoryTable(),  # type: ignore[arg-type]
        lambda features, derived, progress: build_index(features, derived, gauss, progress),
        lambda lines: total_length(lines, gauss),
    )


def frame_of(
    definition: LayerDefinition,
    geometries: Sequence[shapely.Geometry],
    columns: dict[str, Sequence[object]],
) -> gpd.GeoDataFrame:
    """Give a frame with every stored column of a layer."""
    data: dict[str, object] = {}
    for rule in definition.stored_fields:
        values = columns.get(rule.name)
        if values is None:
            empty: object = "" if rule.type in {"text", "date"} else np.nan
            values = [empty] * len(geometries)
        data[rule.name] = list(values)
    return gpd.GeoDataFrame(data, geometry=list(geometries), crs="EPSG:4490")


def publish(
    store: SnapshotStore,
    layer: str,
    geometries: Sequence[shapely.Geometry],
    *,
    coverage: dict[str, Coverage] | None = None,
    as_of: date = DAY,
    library: Library = LIBRARY,
    **columns: Sequence[object],
) -> Snapshot:
    """Publish geometries as a layer."""
    definition = library.require(layer)
    states: dict[str, Coverage] = {"439901": "complete", "439902": "complete"}
    provenance = Provenance(
        as_of=as_of,
        source=Source(file="test"),
        sample=False,
        coverage=states if coverage is None else coverage,
        importer="test",
    )
    return store.publish(definition, frame_of(definition, geometries, columns), provenance, "test")
