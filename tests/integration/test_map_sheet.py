"""Maps to print, from the published layers to the file."""

import io
import shutil

import numpy as np
import pyproj
import pytest
import shapely
from PIL import Image
from pypdf import PdfReader

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.errors import AccessError, ChoiceError, NotFoundError
from geoapp.reports import map_sheet, sheet_reading
from geoapp.reports.sheet_drawing import Picture, Shapes
from geoapp.reports.sheet_frame import lay_out_frame
from geoapp.reports.sheet_reading import draw_layer
from geoapp.reports.sheet_request import MapSheetRequest, SheetLayer
from geoapp.reports.sheet_trace import Tracer
from tests.building import publish, write_city

Image.MAX_IMAGE_PIXELS = None
GAUSS = pyproj.Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True)
EAST, NORTH = 480_000.0, 3_260_000.0


def ground(shape):
    return shapely.transform(shape, lambda xy: np.column_stack(GAUSS.transform(*xy.T)))


def square(x, y, side):
    return ground(shapely.box(EAST + x, NORTH + y, EAST + x + side, NORTH + y + side))


def centre(x=500, y=500):
    return tuple(GAUSS.transform(EAST + x, NORTH + y))


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace.init(write_city(tmp_path / "source"), tmp_path / "work")
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def sample(sample_workspace, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheet") / "work"
    shutil.copytree(sample_workspace, folder)
    workspace = Workspace.open(folder)
    yield workspace
    workspace.close()


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def words(pdf):
    return "".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def request(**options):
    layers = options.pop("layers", ("landuse",))
    made = tuple(
        layer if isinstance(layer, SheetLayer) else SheetLayer(id=layer) for layer in layers
    )
    return MapSheetRequest(layers=made, **options)


@pytest.mark.parametrize("as_picture", [False, True])
def test_a_kilometre_measures_what_the_scale_says(workspace, monkeypatch, as_picture):
    if as_picture:
        monkeypatch.setattr(sheet_reading, "MOST_VERTICES", 0)
    publish(workspace.store, "landuse", [square(0, 0, 1000)], dlbm=["0101"])
    png = workspace.map_sheet(request(centre=centre(), scale=10_000, format="png"))
    red, green, blue = np.moveaxis(pixels(png), 2, 0)
    filled = (red - blue > 60) & (green - blue > 40)  # the yellow of cultivated land
    per_mm = 300 / 25.4
    for axis in (0, 1):
        lengths = filled.sum(axis=axis)
        length_mm = np.median(lengths[lengths > 500]) / per_mm
        assert length_mm == pytest.approx(100.0, abs=0.2)


def test_a_line_of_a_kilometre_measures_so_too(workspace):
    line = ground(shapely.LineString([(EAST, NORTH + 500), (EAST + 1000, NORTH + 500)]))
    publish(workspace.store, "road", [line], dldj=["X"])
    layers = [SheetLayer(id="road", opacity=1)]
    png = workspace.map_sheet(
        request(layers=layers, centre=centre(0, 400), scale=20_000, format="png")
    )
    dark = pixels(png).min(axis=2) < 200
    frame_rows = dark[400:2000, 200:2700]  # inside of the neatline
    longest = frame_rows.sum(axis=1).max()
    assert longest / (300 / 25.4) == pytest.approx(50.0, abs=0.2)


@pytest.mark.parametrize(
    ("paper", "orientation", "size"),
    [
        ("A4", "landscape", (3508, 2480)),
        ("A4", "portrait", (2480, 3508)),
        ("A3", "landscape", (4961, 3508)),
        ("A3", "portrait", (3508, 4961)),
    ],
)
def test_a_picture_has_the_pixels_of_its_paper(workspace, paper, orientation, size):
    publish(workspace.store, "landuse", [square(0, 0, 1000)], dlbm=["0101"])
    options = {"paper": paper, "orientation": orientation, "centre": centre(), "scale": 10_000}
    image = Image.open(io.BytesIO(workspace.map_sheet(request(format="png", **options))))
    assert image.size == size
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    page = PdfReader(io.BytesIO(workspace.map_sheet(request(**options)))).pages[0]
    assert [round(float(side) / 72 * 300) for side in page.mediabox[2:]] == list(size)


def test_the_sheet_says_what_it_is(sample):
    pdf = sample.map_sheet(request(layers=["landuse", "township"], within="430811", scale=200_000))
    text = words(pdf)
    as_of = str(sample.snapshot("landuse").manifest.as_of)
    for part in ("武陵源区地类图斑图", "1:200000", as_of, "演示数据", "图例", "耕地", "内部使用",
                 "EPSG:4546", "111°E", "TD/T1057-2020", sample.principal.name):  # fmt: skip
        assert part in text, part
    assert PdfReader(io.BytesIO(pdf)).metadata.title == "武陵源区地类图斑图"


def test_in_english_no_chinese_is_left(sample):
    text = words(sample.map_sheet(request(layers=["landuse", "district", "township"], lang="en")))
    for part in ("Zhangjiajie:Land-useparcels", "Sampledata", "Legend", "Forinternaluse"):
        assert part in text, part
    assert not [letter for letter in text if "\u4e00" <= letter <= "\u9fff"]


def test_every_font_is_embedded_and_none_is_the_systems(sample):
    reader = PdfReader(io.BytesIO(sample.map_sheet(request(layers=["district", "township"]))))
    fonts = reader.pages[0]["/Resources"]["/Font"]
    assert fonts
    for font in fonts.values():
        kind = font.get_object()["/DescendantFonts"][0].get_object()
        assert "NotoSansCJK" in kind["/BaseFont"]
        descriptor = kind["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


@pytest.mark.parametrize("as_picture", [False, True])
def test_the_legend_holds_what_shows_and_nothing_else(workspace, monkeypatch, as_picture):
    if as_picture:
        monkeypatch.setattr(sheet_reading, "MOST_VERTICES", 0)
    # The last reaches around the frame with its box, yet not into it.
    reach = np.array([(-9000, -9000), (9000, -9000), (9000, 9000), (8900, -8900)])
    corner = ground(shapely.Polygon(reach + np.array([EAST, NORTH])))
    shapes = [square(0, 0, 1000), square(50_000, 0, 1000), corner]
    publish(workspace.store, "landuse", shapes, dlbm=["0101", "0301", "1101"])
    publish(workspace.store, "hamlet", [shapely.Point(centre(60_000))], dj=["省级"])
    layers = ["landuse", "hamlet"]
    text = words(workspace.map_sheet(request(layers=layers, centre=centre(), scale=10_000)))
    assert "01耕地" in text
    assert "03林地" not in text
    assert "11水域" not in text
    assert "图内无要素：美丽屋场" in text


def test_only_the_classes_asked_for_are_drawn(workspace):
    shapes = [square(0, 0, 500), square(500, 0, 500)]
    publish(workspace.store, "landuse", shapes, dlbm=["0101", "0301"])
    asked = SheetLayer(id="landuse", classes=("03",))
    text = words(workspace.map_sheet(request(layers=[asked], centre=centre(), scale=10_000)))
    assert "03林地" in text
    assert "01耕地" not in text
    unknown = SheetLayer(id="landuse", classes=("99",))
    with pytest.raises(ChoiceError) as caught:
        workspace.map_sheet(request(layers=[unknown], centre=centre(), scale=10_000))
    assert caught.value.code == "choice-unknown"


def test_real_data_carries_no_mark_and_a_review_number_when_there_is_one(tmp_path):
    city = write_city(tmp_path / "source")
    content = city.read_text(encoding="utf-8")
    city.write_text('review_number = "某S(2026)001号"\n' + content, encoding="utf-8")
    workspace = Workspace.init(city, tmp_path / "work")
    publish(workspace.store, "landuse", [square(0, 0, 1000)], dlbm=["0101"])
    text = words(workspace.map_sheet(request(centre=centre(), scale=10_000)))
    workspace.close()
    assert "演示" not in text
    assert "审图号：某S(2026)001号" in text


def test_a_role_gets_no_layer_that_it_may_not_see(sample):
    public = Workspace.open(sample.folder, principal=Principal("visitor", "public"))
    try:
        with pytest.raises(AccessError):
            public.map_sheet(request(layers=["district", "landuse"]))
        text = words(public.map_sheet(request(layers=[])))
    finally:
        public.close()
    assert "区县" in text
    assert "永久基本农田" not in text


def test_what_does_not_exist_is_named(sample):
    for options, code in (
        ({"layers": ["nothing"]}, "layer-unknown"),
        ({"within": "439999"}, "unit-unknown"),
        ({"snapshots": {"landuse": "2000-01-01-000000000000"}}, "snapshot-unknown"),
    ):
        with pytest.raises(NotFoundError) as caught:
            sample.map_sheet(request(**options))
        assert caught.value.code == code


def test_a_long_title_and_markup_in_it_stay_words(workspace):
    publish(workspace.store, "landuse", [square(0, 0, 1000)], dlbm=["0101"])
    title = '#image("/etc/passwd") *_$' + "很长的标题" * 18
    pdf = workspace.map_sheet(request(title=title, centre=centre(), scale=10_000))
    assert title.replace(" ", "") in words(pdf)


def drawn(workspace, asked):
    layers = [workspace._layer_to_draw(layer, asked) for layer in asked.layers]
    frame = lay_out_frame(asked, workspace.city, workspace._unit_bounds(asked.within))
    return [draw_layer(layer, frame, Tracer(frame)) for layer in layers], frame


def test_areas_in_the_picture_are_the_measured_ones(sample, monkeypatch):
    monkeypatch.setattr(sheet_reading, "MOST_VERTICES", 0)
    (layer,), frame = drawn(sample, request())
    (picture,) = layer.body
    assert isinstance(picture, Picture)
    codes = sorted(
        {row.class_code for row in sample.stats("landuse", by="city", class_field="dlyj").rows}
    )
    total = {
        row.class_code: row.area_m2
        for row in sample.stats("landuse", by="city", class_field="dlyj").rows
    }
    pixel_m2 = (frame.width_mm / frame.width_px * frame.scale / 1000) ** 2
    asked = sample._layer_to_draw(SheetLayer(id="landuse"), request())
    counts = dict(zip(asked.classes[1], np.bincount(picture.pixels.ravel())[1:], strict=False))
    assert sum(counts.values()) * pixel_m2 == pytest.approx(sum(total.values()), rel=1e-3)
    for code in codes:
        if total[code] > 0.02 * sum(total.values()):
            assert counts[code] * pixel_m2 == pytest.approx(total[code], rel=0.01), code


def test_only_what_lies_in_the_frame_is_read(sample):
    asked = request(centre=(110.48, 29.13), scale=5_000)
    (layer,), _ = drawn(sample, asked)
    vertices = sum(
        len(ring) for part in layer.body if isinstance(part, Shapes) for ring in part.rings
    )
    whole = sum(len(batch.xy) for batch in asked_index(sample).batches)
    assert 0 < vertices < whole / 20


def asked_index(workspace):
    return workspace._layer_to_draw(SheetLayer(id="landuse"), request()).index()


def test_names_of_units_stay_inside_and_apart(sample, monkeypatch):
    placed = []
    real = map_sheet.place_labels

    def spy(layers, name_rows, frame):
        placed.append((real(layers, name_rows, frame), frame))
        return placed[-1][0]

    monkeypatch.setattr(map_sheet, "place_labels", spy)
    layers = ["district", "township", "village"]
    for options in ({}, {"within": "430802"}, {"centre": (110.48, 29.13), "scale": 20_000}):
        sample.map_sheet(request(layers=layers, **options))
    for labels, frame in placed:
        assert labels
        for label in labels:
            assert 0 < label.x_mm < frame.width_mm
            assert 0 < label.y_mm < frame.height_mm
        for k, one in enumerate(labels):
            for other in labels[:k]:
                apart_y = abs(one.y_mm - other.y_mm) > (one.size_pt + other.size_pt) * 0.2
                wide = (
                    (len(one.name) * one.size_pt + len(other.name) * other.size_pt) / 2 * 25.4 / 72
                )
                assert apart_y or abs(one.x_mm - other.x_mm) >= wide


def test_the_same_request_at_the_same_time_is_the_same_file(sample):
    from datetime import UTC, datetime

    now = datetime(2026, 1, 2, tzinfo=UTC)
    made = {sample.map_sheet(request(layers=["township"]), now=now) for _ in range(2)}
    assert len(made) == 1


def test_an_empty_layer_is_said_to_be_empty(workspace):
    publish(workspace.store, "landuse", [])
    assert "图内无要素：地类图斑" in words(
        workspace.map_sheet(request(centre=centre(), scale=10_000))
    )
