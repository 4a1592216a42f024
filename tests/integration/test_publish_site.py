"""The public site: what it holds, and that no planted leak passes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pmtiles.reader import MemorySource, all_tiles
from pmtiles.tile import zxy_to_tileid

from geoapp import Workspace
from geoapp.access.policy import Principal
from geoapp.errors import AccessError, ConflictError, NotFoundError
from geoapp.finding.pinyin import readings
from geoapp.publishing import site as site_files
from geoapp.publishing.archive import write_archive
from geoapp.tiles.service import open_layer
from tests.photos import photo

MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def office(sample_workspace: Path) -> Workspace:
    return Workspace.open(sample_workspace)


@pytest.fixture(scope="module")
def made(office: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public") / "site"
    report = office.publish_site(folder)
    assert report.checked.leaks == []
    assert report.checked.vertices > 1000
    assert report.checked.tiles > 100
    return folder


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "site")


def kinds(office: Workspace, folder: Path) -> set[str]:
    return {leak.kind for leak in office.check_site(folder).checked.leaks}


def first_secret(office: Workspace) -> str:
    return str(office.layer("landuse")["bsm"].iloc[0])


def plant_number(office: Workspace, folder: Path) -> None:
    page = folder / "index.html"
    page.write_text(page.read_text().replace("</main>", f"<p>{first_secret(office)}</p></main>"))


def plant_case(office: Workspace, folder: Path) -> None:
    case = office.cases.register.select(limit=1).cases[0].case_no
    page = folder / "en.html"
    page.write_text(page.read_text().replace("</main>", f"<!-- {case} --></main>"))


def plant_coordinate(_: Workspace, folder: Path) -> None:
    page = folder / "index.html"
    page.write_text(page.read_text().replace("</main>", "<p>110.481234</p></main>"))


def plant_vertex(_: Workspace, folder: Path) -> None:
    file = folder / "data/scenic_area.geojson"
    document = json.loads(file.read_text())
    document["features"][0]["geometry"]["coordinates"][0][1][0] += 0.0004
    file.write_text(json.dumps(document))


def plant_attribute(_: Workspace, folder: Path) -> None:
    file = folder / "data/hamlet.geojson"
    document = json.loads(file.read_text())
    document["features"][0]["properties"]["bz"] = "张三"
    file.write_text(json.dumps(document, ensure_ascii=False))


def plant_layer(_: Workspace, folder: Path) -> None:
    shutil.copy(folder / "data/hamlet.geojson", folder / "data/landuse.geojson")


def plant_exact_tiles(office: Workspace, folder: Path) -> None:
    exact = open_layer(office.snapshot("village"), office.library.require("village"))
    write_archive(exact, folder / "data/village.pmtiles")


def plant_bytes_behind(_: Workspace, folder: Path) -> None:
    with (folder / "data/village.pmtiles").open("ab") as file:
        file.write(b"secret")


def plant_program(_: Workspace, folder: Path) -> None:
    with (folder / "app/publicsite.js").open("a") as file:
        file.write("// 430802-2023-00001\n")


def plant_file(_: Workspace, folder: Path) -> None:
    (folder / "data/register.db").write_bytes(b"SQLite format 3\0")


def plant_photo(_: Workspace, folder: Path) -> None:
    (folder / "data/house.jpg").write_bytes(photo(at=(110.48, 29.12)))


def plant_figure(_: Workspace, folder: Path) -> None:
    file = folder / "data/figures.json"
    document = json.loads(file.read_text())
    hidden = [f for layer in document["layers"] for f in layer["figures"] if f["hidden"]]
    hidden[0]["count"] = 1
    file.write_text(json.dumps(document))


def plant_damage(_: Workspace, folder: Path) -> None:
    file = folder / "data/road.pmtiles"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (plant_number, "number"),
        (plant_case, "number"),
        (plant_coordinate, "coordinate"),
        (plant_vertex, "coordinate"),
        (plant_attribute, "attribute"),
        (plant_layer, "layer"),
        (plant_exact_tiles, "coordinate"),
        (plant_bytes_behind, "damaged"),
        (plant_program, "program"),
        (plant_file, "file"),
        (plant_photo, "metadata"),
        (plant_figure, "figure"),
        (plant_damage, "damaged"),
    ],
)
def test_a_planted_leak_is_found(
    office: Workspace, site: Path, plant: Callable[[Workspace, Path], None], kind: str
) -> None:
    plant(office, site)
    assert kind in kinds(office, site)


def test_a_picture_drawn_anew_is_no_leak(office: Workspace, site: Path) -> None:
    Image.new("RGB", (8, 8)).save(site / "data/plain.png")
    assert kinds(office, site) == set()


def test_a_failed_check_leaves_nothing_published(
    office: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = site_files.write_page
    leaking = lambda content, lang: write(content, lang) + "<!-- 110.481234 -->"  # noqa: E731
    monkeypatch.setattr(site_files, "write_page", leaking)
    with pytest.raises(ConflictError) as caught:
        office.publish_site(tmp_path / "site")
    assert caught.value.code == "site-leaks"
    assert list(tmp_path.iterdir()) == []


def test_an_older_site_is_replaced_and_anything_else_is_left_alone(
    office: Workspace, site: Path, tmp_path: Path
) -> None:
    (site / "old.txt").write_text("x")
    office.publish_site(site)
    assert not (site / "old.txt").exists()
    other = tmp_path / "home"
    other.mkdir()
    (other / "letter.txt").write_text("mine")
    with pytest.raises(ConflictError):
        office.publish_site(other)
    assert (other / "letter.txt").read_text() == "mine"
    with pytest.raises(NotFoundError):
        office.check_site(other)


def test_the_site_is_small_names_no_other_host_and_works_without_a_script(made: Path) -> None:
    first = [path for path in made.rglob("*") if path.suffix != ".pmtiles" and path.is_file()]
    assert sum(path.stat().st_size for path in first) < MOST_BYTES
    for page in ("index.html", "en.html"):
        words = (made / page).read_text()
        assert "http://" not in words
        assert "https://" not in words
        assert words.count("<li ") == 177
        assert "天门山国家森林公园" in words
    assert "".join(readings("天门山")[0]) in (made / "index.html").read_text()
    assert "演示数据" in (made / "index.html").read_text()


def test_tiles_are_those_of_the_format(made: Path) -> None:
    content = (made / "data/village.pmtiles").read_bytes()
    places = [place for place, _ in all_tiles(MemorySource(content))]
    assert {zoom for zoom, _, _ in places} == {10, 11, 12}
    assert len({zxy_to_tileid(*place) for place in places}) == len(places)


def test_only_planners_and_administrators_publish(sample_workspace: Path, tmp_path: Path) -> None:
    for role in ("public", "township", "inspector"):
        opened = Workspace.open(sample_workspace, principal=Principal("x", role))
        with pytest.raises(AccessError):
            opened.publish_site(tmp_path / "site")
        opened.close()
    assert not (tmp_path / "site").exists()
