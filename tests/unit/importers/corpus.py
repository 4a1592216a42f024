"""One parcel with a hole in every form that offices hand over, written by tools that are not ours."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import ezdxf
import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pyproj
import shapely

SHELL = [
    (37449395.0, 3223850.0),
    (37449490.25, 3223852.5),
    (37449492.5, 3223772.0),
    (37449397.0, 3223769.5),
]
HOLE = [
    (37449425.0, 3223825.0),
    (37449451.5, 3223826.0),
    (37449453.0, 3223802.5),
    (37449426.0, 3223802.0),
]
AREA_M2 = 7059.68
PREFIXED = shapely.Polygon(SHELL, [HOLE])
HEAD = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=37\n[地块坐标]\n"
PARCEL = "10,0.7060,430802-0001,示例地块一,面,,农村宅基地,0702,@\n"
# What is stated where the file itself cannot tell.
Form = tuple[Path | list[Path], dict[str, str]]
Maker = Callable[[Path], Form]


def moved(crs: str) -> shapely.Geometry:
    forth = pyproj.Transformer.from_crs("EPSG:4525", crs, always_xy=True)
    return shapely.transform(
        PREFIXED, lambda xy: np.column_stack(forth.transform(xy[:, 0], xy[:, 1]))
    )


def frame(crs: str = "EPSG:4490") -> gpd.GeoDataFrame:
    columns = {"DKBH": ["430802-0001"], "地块名": ["示例地块一"]}
    return gpd.GeoDataFrame(columns, geometry=[moved(crs)], crs=crs)


def by_gdal(name: str, crs: str = "EPSG:4490", **options: object) -> Maker:
    def make(folder: Path) -> Form:
        path = folder / name
        pyogrio.write_dataframe(frame(crs), path, **options)
        return path, {}

    return make


def shapefile(folder: Path, encoding: str = "GBK") -> Path:
    path = folder / "地块.shp"
    pyogrio.write_dataframe(frame("EPSG:4546"), path, encoding=encoding)
    return path


def shapefile_with_cut_name(folder: Path) -> Form:
    """Ten bytes of a name of four characters in UTF-8: three and a bit."""
    path = shapefile(folder, "UTF-8")
    table = path.with_suffix(".dbf")
    content = table.read_bytes()
    name = "地块名".encode()
    assert name in content
    table.write_bytes(content.replace(name + b"\x00", "地块名称".encode()[:10], 1))
    return path, {}


def zipped(folder: Path, parts: list[Path], *, inside: str = "", gbk: bool = False) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts:
            name = f"{inside}{part.name}"
            if gbk:  # as tools without the UTF-8 flag write it
                name = name.encode("gb18030").decode("cp437")
            info = zipfile.ZipInfo(name)
            archive.writestr(info, part.read_bytes())
    if gbk:
        content = path.read_bytes()
        path.write_bytes(content)
    return path


def shapefile_zip(folder: Path) -> Form:
    parts = sorted(shapefile(folder).parent.glob("地块.*"))
    return zipped(folder, parts, inside="成果/2024/", gbk=False), {}


def shapefile_loose(folder: Path) -> Form:
    return sorted(shapefile(folder).parent.glob("地块.*")), {}


def shapefile_without_prj(folder: Path) -> Form:
    path = shapefile(folder)
    path.with_suffix(".prj").unlink()
    return path, {"crs": "EPSG:4546"}


def shapefile_without_cpg(folder: Path) -> Form:
    path = shapefile(folder)
    path.with_suffix(".cpg").unlink()
    return path, {}


def geodatabase_zip(folder: Path) -> Form:
    path = folder / "a.gdb"
    pyogrio.write_dataframe(frame("EPSG:4525"), path, driver="OpenFileGDB", layer="DK")
    archive = folder / "gdb.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for part in sorted(path.iterdir()):
            out.write(part, f"a.gdb/{part.name}")
    return archive, {}


def geodatabase_folder(folder: Path) -> Form:
    path = folder / "b.gdb"
    pyogrio.write_dataframe(frame("EPSG:4525"), path, driver="OpenFileGDB", layer="DK")
    return path, {}


def kmz(folder: Path) -> Form:
    kml = folder / "doc.kml"
    pyogrio.write_dataframe(frame(), kml, driver="KML")
    path = folder / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(kml, "doc.kml")
    return path, {}


def parquet(folder: Path) -> Form:
    path = folder / "a.parquet"
    frame("EPSG:4546").to_parquet(path)
    return path, {}


def geojson_of_the_old_form(folder: Path) -> Form:
    path = folder / "old.geojson"
    text = frame("EPSG:4546").to_json(drop_id=True, to_wgs84=False)
    assert '"crs"' in text
    path.write_text(text, encoding="utf-8")
    return path, {}


def drawing(*, millimetres: bool = False, as_hatch: bool = False, in_block: bool = False) -> Maker:
    def make(folder: Path) -> Form:
        document = ezdxf.new("R2010")
        document.header["$INSUNITS"] = 4 if millimetres else 6
        factor = 1000.0 if millimetres else 1.0
        space = document.modelspace()
        rings = [[(x * factor, y * factor) for x, y in ring] for ring in (SHELL, HOLE)]
        if in_block:
            block = document.blocks.new("PARCEL")
            for ring in rings:
                block.add_lwpolyline([(x - 37449000, y - 3223000) for x, y in ring], close=True)
            space.add_blockref("PARCEL", (37449000, 3223000))
        elif as_hatch:
            hatch = space.add_hatch()
            for number, ring in enumerate(rings):
                hatch.paths.add_polyline_path(ring, is_closed=True, flags=1 if number == 0 else 16)
        else:
            for ring in rings:
                space.add_lwpolyline(ring, close=True)
        path = folder / "a.dxf"
        document.saveas(path)
        return path, {"crs": "EPSG:4525"}

    return make


def rows(ring: list[tuple[float, float]], number: int, start: int, **how: object) -> str:
    points = [*ring, ring[0]] if how.get("closed", True) else ring
    names = [f"J{start + k % len(ring)}" for k in range(len(points))]
    if how.get("restart"):
        names = [f"J{k + 1}" for k in range(len(points))]
    lines = []
    for name, (east, north) in zip(names, points, strict=True):
        written = east - how.get("off", 0)
        first, second = (written, north) if how.get("swapped") else (north, written)
        lines.append(f"{name},{number},{first:.3f},{second:.3f}")
    return "\n".join(lines) + "\n"


def boundary_text(encoding: str = "gb18030", **how: object) -> Maker:
    def make(folder: Path) -> Form:
        begin = 1 if how.get("restart") else 5
        text = HEAD + PARCEL + rows(SHELL, 1, 1, **how) + rows(HOLE, 2, begin, **how)
        text = text.replace("\n", "\r\n")
        if how.get("full_width"):
            text = text.replace(",", "，").replace("1", "１")
        path = folder / "a.txt"
        path.write_bytes(text.encode(encoding))
        return path, {}

    return make


def degrees_text(folder: Path) -> Form:
    shape = moved("EPSG:4490")
    text = HEAD + PARCEL
    for number, ring in enumerate([shape.exterior, *shape.interiors], start=1):
        for k, (lon, lat) in enumerate(ring.coords, start=1):
            text += f"J{k},{number},{lat:.9f},{lon:.9f}\n"
    path = folder / "a.txt"
    path.write_text(text, encoding="utf-8")
    return path, {}


def table_rows() -> list[list[object]]:
    made: list[list[object]] = [["界址点号", "地块圈号", "纵坐标(X)", "横坐标(Y)", "备注"]]
    count = 0
    for number, ring in enumerate((SHELL, HOLE), start=1):
        for east, north in [*ring, ring[0]]:
            count += 1
            made.append([f"J{count}", number, north, east, ""])
    return made


def workbook(folder: Path) -> Form:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["界址点成果表"])
    for row in table_rows():
        sheet.append(row)
    path = folder / "a.xlsx"
    book.save(path)
    return path, {"crs": "EPSG:4525"}


def csv(encoding: str) -> Maker:
    def make(folder: Path) -> Form:
        out = io.StringIO()
        for row in table_rows():
            out.write(",".join(str(cell) for cell in row) + "\r\n")
        path = folder / "a.csv"
        path.write_bytes(out.getvalue().encode(encoding))
        return path, {"crs": "EPSG:4525"}

    return make


FORMS: dict[str, Maker] = {
    "gpkg 4490": by_gdal("a.gpkg"),
    "gpkg 4546": by_gdal("a.gpkg", "EPSG:4546"),
    "gpkg 4525": by_gdal("a.gpkg", "EPSG:4525"),
    "gpkg 6 degrees": by_gdal("a.gpkg", "EPSG:4497"),
    "geojson": by_gdal("a.geojson", driver="GeoJSON", COORDINATE_PRECISION=12),
    "geojson old form": geojson_of_the_old_form,
    "parquet": parquet,
    "shapefile gbk": lambda folder: (shapefile(folder), {}),
    "shapefile utf-8": lambda folder: (shapefile(folder, "UTF-8"), {}),
    "shapefile cut name": shapefile_with_cut_name,
    "shapefile zip": shapefile_zip,
    "shapefile loose": shapefile_loose,
    "shapefile without prj": shapefile_without_prj,
    "shapefile without cpg": shapefile_without_cpg,
    "gdb folder": geodatabase_folder,
    "gdb zip": geodatabase_zip,
    "kml": by_gdal("a.kml", driver="KML"),
    "kmz": kmz,
    "dxf polylines": drawing(),
    "dxf millimetres": drawing(millimetres=True),
    "dxf hatch": drawing(as_hatch=True),
    "dxf block": drawing(in_block=True),
    "txt": boundary_text(),
    "txt utf-8 mark": boundary_text("utf-8-sig"),
    "txt utf-16": boundary_text("utf-16"),
    "txt restarting": boundary_text(restart=True),
    "txt open": boundary_text(closed=False),
    "txt swapped": boundary_text(swapped=True),
    "txt without prefix": boundary_text(off=37_000_000),
    "txt full width": boundary_text(full_width=True),
    "txt degrees": degrees_text,
    "xlsx": workbook,
    "csv gbk": csv("gb18030"),
    "csv utf-8": csv("utf-8"),
}
