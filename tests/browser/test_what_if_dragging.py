"""Dragging boundaries that replace others: figures that follow, long rings, undo, the way back."""

import json
import re
from pathlib import Path
from time import sleep
from typing import Final

import numpy as np
import openpyxl
import pytest
import shapely
from playwright.sync_api import Locator, Page, expect

from geoapp import Workspace
from geoapp.i18n import Lang
from geoapp.overlay.what_if_result import Existing
from geoapp.planning.scenario import Scenario
from tests.browser.screen import PATIENCE_MS, Screen, eventually

LAYER: Final = "ecological_redline"
MANY: Final = 3000
ZOOM: Final = 18


@pytest.fixture(scope="module")
def city(city: Path) -> Path:
    workspace = Workspace.open(city)
    workspace.scenarios.save("长边界", long_ring(workspace))
    workspace.close()
    return city


@pytest.fixture
def screen(page: Page, address: str) -> Screen:
    return Screen(page, address)


def long_ring(workspace: Workspace) -> shapely.Polygon:
    """A boundary like a natural one, some 50 m from point to point, with every digit in use."""
    middle = workspace.layer("district").geometry.iloc[0].representative_point()
    angles = np.linspace(0, 2 * np.pi, MANY, endpoint=False)
    far = 0.2 * (1 + 0.1 * np.sin(5 * angles)) * (1 + 1e-3 * np.sin(400 * angles))
    return shapely.Polygon(
        np.column_stack([middle.x + far * np.cos(angles), middle.y + far * np.sin(angles)])
    )


def redline(city: Path) -> tuple[str, shapely.Geometry]:
    """Key and boundary of the redline with the largest area."""
    workspace = Workspace.open(city)
    frame, key = workspace.layer(LAYER), workspace.library.require(LAYER).key
    row = int(shapely.area(frame.geometry).argmax())
    workspace.close()
    return str(frame[key].iloc[row]), frame.geometry.iloc[row]


def saved(city: Path, name: str) -> Scenario:
    workspace = Workspace.open(city)
    found = workspace.scenarios.require(name)
    workspace.close()
    return found


def tool(screen: Screen, word: str) -> Locator:
    return screen.map.inside.get_by_role(
        "button", name=screen.say(f"check_page.{word}"), exact=True
    )


def look_at(screen: Screen, x: float, y: float, zoom: int = ZOOM) -> None:
    screen.map.frame().evaluate(
        f"() => void window.map.setView([{y}, {x}], {zoom}, {{ animate: false }})"
    )


def choose_way(screen: Screen, way: str) -> None:
    screen.page.get_by_role("radio", name=screen.say(f"scenario.way_{way}")).click()
    screen.wait_at_rest()


def begin_from_feature(screen: Screen, key: str) -> None:
    choose_way(screen, "feature")
    workspace_title = {"zh": "生态保护红线", "en": "Ecological redline"}[screen.lang]
    screen.choose("statistics.layer", workspace_title)
    screen.page.get_by_label(screen.say("scenario.feature_key")).fill(key)
    screen.page.get_by_role("button", name=screen.say("scenario.take")).click()
    screen.wait_at_rest()


def begin_from_scenario(screen: Screen, label: str) -> None:
    choose_way(screen, "scenario")
    screen.choose("scenario.way_scenario", label)
    screen.page.get_by_role("button", name=screen.say("scenario.take")).click()
    screen.wait_at_rest()


def panel(screen: Screen) -> str:
    live = screen.map.inside.locator(".xt-live:not(.xt-stale)")
    expect(live).to_be_visible(timeout=PATIENCE_MS)
    return live.inner_text()


def area(words: str) -> float:
    found = re.search(r"([\d,]+\.\d\d) (?:平方米|m²)", words)
    assert found is not None, words
    return float(found[1].replace(",", ""))


def drag(screen: Screen, x: float, y: float, by: tuple[int, int], *, drop: bool = True) -> None:
    """Take hold of the point at a place and pull."""
    where, frame = screen.map.position(x, y), screen.map.iframe.bounding_box()
    assert frame is not None
    start = (frame["x"] + where["x"], frame["y"] + where["y"])
    mouse = screen.page.mouse
    mouse.move(start[0] + 3, start[1] + 3)
    mouse.move(*start)
    mouse.down()
    mouse.move(start[0] + by[0], start[1] + by[1], steps=5)
    if drop:
        mouse.up()


def open_scenarios(screen: Screen, lang: Lang) -> None:
    screen.open("/planning?view=scenarios", lang).map.wait_drawn()
    screen.wait_at_rest()


def save(screen: Screen, name: str) -> None:
    screen.page.get_by_label(screen.say("scenario.name"), exact=True).fill(name)
    screen.page.get_by_role("button", name=screen.say("planning_page.scenario_save")).click()
    said = screen.say("scenario.saved", scenario=name)[:-1]
    expect(screen.page.get_by_text(re.compile(re.escape(said)))).to_be_visible(timeout=PATIENCE_MS)
    screen.wait_at_rest()


def changes(screen: Screen) -> dict[str, tuple[str, str]]:
    """What the panel says is gained and given up, by layer."""
    rows: list[list[str]] = screen.map.inside.locator(
        ".xt-live tbody tr:not(.xt-part)"
    ).evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.textContent))")
    return {row[0]: (row[3], row[4]) for row in rows if len(row) == 5}


def test_an_adjusted_redline_tells_what_it_gains_and_gives_up_as_saving_does(
    screen: Screen, city: Path, tmp_path: Path
) -> None:
    key, stored = redline(city)
    ring = shapely.get_coordinates(shapely.get_parts(stored)[0])
    at = int(ring[:, 0].argmax())
    open_scenarios(screen, "zh")
    begin_from_feature(screen, key)
    before = area(panel(screen))
    assert set(changes(screen).values()) <= {("0", "0"), ("", "")}
    look_at(screen, *ring[at], zoom=16)
    tool(screen, "draw_edit").click()
    screen.map.settled_picture()
    drag(screen, *ring[at], (90, -30), drop=False)
    grown = eventually(lambda: area(panel(screen)), lambda found: found != before, "area")
    held = changes(screen)  # while the corner is still held
    assert any(gained not in {"", "0"} for gained, _ in held.values()), held
    screen.page.mouse.up()
    tool(screen, "draw_finish").click()
    screen.wait_at_rest()
    figures = eventually(
        lambda: area(panel(screen)), lambda found: abs(found - grown) < 1e9, "area"
    )
    told = changes(screen)
    save(screen, "红线外扩")
    kept = saved(city, "红线外扩")
    assert kept.replaces == Existing(LAYER, key)
    assert figures == pytest.approx(kept.area_m2, abs=0.0051)
    titles = {one.id: one.title.zh for one in Workspace.open(city).library}
    compared = 0
    for layer in kept.figures["layers"]:
        row = told.get(titles[layer["layer"]])
        if row is None or row[0] == "" or not layer["change"]["gained"]["area_m2"]:
            continue
        gained = float(row[0].replace(",", "") or 0)
        lost = -float(row[1].replace(",", "").replace("\N{MINUS SIGN}", "-") or 0)
        assert gained == pytest.approx(layer["change"]["gained"]["area_m2"] / 1e4, abs=6e-5)
        assert lost == pytest.approx(layer["change"]["lost"]["area_m2"] / 1e4, abs=6e-5)
        compared += 1
    assert compared
    # What was saved stands in the comparison, with what it has more than the first.
    expect(screen.page.get_by_text("红线外扩 v1").first).to_be_visible()
    less = screen.say("scenario.less_first", scenario="红线外扩 v1")
    shown = screen.wait_for_table(lambda rows: bool(rows) and less in rows[0])
    book = openpyxl.load_workbook(screen.save_file("planning_page.form_xlsx", tmp_path))
    [sheet] = [one for one in book if one["A1"].value == screen.say("scenario.compare_title")]
    cells = [list(row) for row in sheet.values]
    head = next(number for number, row in enumerate(cells) if less in row)
    columns = [cells[head].index(name) for name in shown[0]]
    for row, line in zip(shown[:5], cells[head + 1 :], strict=False):  # as much as shows
        written = [line[column] for column in columns]
        for cell, word in zip(written, row.values(), strict=True):
            if isinstance(cell, int | float):
                assert float(word.replace(",", "")) == pytest.approx(cell, abs=6e-5)
            else:
                assert word == (cell or "")


def test_a_ring_of_three_thousand_points_is_dragged_and_all_others_stay_digit_for_digit(
    screen: Screen, city: Path
) -> None:
    before = saved(city, "长边界")
    ring = shapely.get_coordinates(before.geometry)
    at = 1234
    open_scenarios(screen, "zh")
    begin_from_scenario(screen, before.label)
    whole = area(panel(screen))
    tool(screen, "draw_edit").click()
    handles = screen.map.inside.locator(".xt-handle:not(.xt-fresh)")
    expect(handles).to_have_count(0)  # the whole ring in view: they would lie on each other
    hint = screen.map.inside.locator(".xt-drawing span").first
    expect(hint).to_contain_text(str(MANY))
    look_at(screen, *ring[at])
    eventually(handles.count, lambda count: 0 < count < 60, "handles in view")
    drag(screen, *ring[at], (70, 50))
    moved = eventually(lambda: area(panel(screen)), lambda found: found != whole, "area")
    tool(screen, "draw_undo_move").click()
    eventually(lambda: area(panel(screen)), lambda found: found == whole, "area after undo")
    drag(screen, *ring[at], (70, 50))
    again = eventually(lambda: area(panel(screen)), lambda found: found != whole, "area")
    assert again == pytest.approx(moved, rel=1e-6)
    tool(screen, "draw_finish").click()
    screen.wait_at_rest()
    save(screen, "长边界")
    after = saved(city, "长边界")
    assert after.version == before.version + 1
    now = shapely.get_coordinates(after.geometry)
    same = (now == ring).all(axis=1)
    assert len(now) == len(ring)
    assert np.flatnonzero(~same).tolist() == [at]
    assert after.area_m2 == pytest.approx(area(panel(screen)), abs=0.0051)


def test_moves_are_taken_back_by_key_and_the_boundary_goes_back_to_where_it_began(
    screen: Screen, city: Path
) -> None:
    key, stored = redline(city)
    ring = shapely.get_coordinates(shapely.get_parts(stored)[0])
    at = int(ring[:, 0].argmin())
    open_scenarios(screen, "en")
    begin_from_feature(screen, key)
    first = area(panel(screen))
    expect(tool(screen, "draw_reset")).to_be_hidden()
    look_at(screen, *ring[at], zoom=16)
    screen.wait_at_rest()
    edit(screen)
    areas = [first]
    place = ring[at].tolist()
    for _ in range(2):
        areas.append(pull(screen, place, (-40, 10), areas[-1]))
        place = _place_of_picked(screen)
    screen.page.keyboard.press("Control+z")
    eventually(lambda: area(panel(screen)), lambda found: found == areas[1], "one move back")
    tool(screen, "draw_finish").click()
    screen.wait_at_rest()
    tool(screen, "draw_edit").click()  # what was moved before can be taken back still
    screen.page.keyboard.press("Control+z")
    eventually(lambda: area(panel(screen)), lambda found: found == first, "two moves back")
    tool(screen, "draw_cancel").click()
    eventually(lambda: area(panel(screen)), lambda found: found == areas[1], "not taken back")
    tool(screen, "draw_reset").first.click()
    eventually(lambda: area(panel(screen)), lambda found: found == first, "the beginning")
    screen.wait_at_rest()
    save(screen, "unchanged")
    assert (
        saved(city, "unchanged").geometry.equals_exact(
            stored if stored.geom_type == "Polygon" or len(stored.geoms) > 1 else stored.geoms[0],
            0.0,
        )
        or saved(city, "unchanged").figures["replaces"]["gained_m2"] == 0.0
    )


def test_a_reload_brings_back_the_drawing_and_what_it_replaces(screen: Screen, city: Path) -> None:
    key, stored = redline(city)
    ring = shapely.get_coordinates(shapely.get_parts(stored)[0])
    at = int(ring[:, 1].argmin())
    open_scenarios(screen, "zh")
    begin_from_feature(screen, key)
    first = area(panel(screen))
    look_at(screen, *ring[at], zoom=16)
    screen.wait_at_rest()
    edit(screen)
    moved = pull(screen, ring[at].tolist(), (10, 40), first)
    tool(screen, "draw_finish").click()
    screen.wait_at_rest()
    told = changes(screen)
    screen.page.reload()
    screen.map.wait_drawn()
    expect(screen.page.get_by_text(screen.say("scenario.restored"))).to_be_visible()
    eventually(lambda: area(panel(screen)), lambda found: found == moved, "the drawing")
    eventually(lambda: changes(screen), lambda found: found == told, "what is gained")
    tool(screen, "draw_reset").first.click()
    eventually(lambda: area(panel(screen)), lambda found: found == first, "the beginning")


def edit(screen: Screen) -> None:
    """Begin to edit, or go on: as long as the button is there, nobody edits."""
    handles = screen.map.inside.locator(".xt-handle")
    begin = tool(screen, "draw_edit")

    def look() -> bool:
        if begin.is_visible():
            begin.click()
            sleep(0.5)
        return handles.count() > 0

    eventually(look, bool, "handles on the corners")


def pull(screen: Screen, place: list[float], by: tuple[int, int], before: float) -> float:
    """Pull a corner until the area is another; give that."""
    drag(screen, *place, by)
    try:
        return changed_area(screen, before)
    except AssertionError:  # a late answer of the page may have ended editing; one begins again
        edit(screen)
        drag(screen, *place, by)
        return changed_area(screen, before)


def changed_area(screen: Screen, before: float) -> float:
    """The area that a drag led to: figures of places on the way come before it."""
    last = [before]

    def look() -> bool:
        last.append(area(panel(screen)))
        sleep(0.4)
        return last[-1] == last[-2] != before

    eventually(look, bool, "the area after a drag")
    return last[-1]


def _place_of_picked(screen: Screen) -> list[float]:
    found: list[float] = screen.map.frame().evaluate(
        """() => {
          const handle = document.querySelector(".xt-handle.xt-picked").getBoundingClientRect();
          const map = window.map.getContainer().getBoundingClientRect();
          const middle = [
            handle.x + handle.width / 2 - map.x, handle.y + handle.height / 2 - map.y,
          ];
          const { lng, lat } = window.map.containerPointToLatLng(middle);
          return [lng, lat];
        }"""
    )
    return found


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_classes_of_a_layer_unfold_and_fold_again(
    screen: Screen, city: Path, lang: Lang, size: tuple[int, int], pictures: Path
) -> None:
    screen.page.set_viewport_size({"width": size[0], "height": size[1]})
    open_scenarios(screen, lang)
    begin_from_feature(screen, redline(city)[0])
    panel(screen)
    button = screen.map.inside.locator(".xt-unfold").first
    expect(button).to_have_attribute("aria-expanded", "false")
    shown = screen.map.inside.locator(".xt-live .xt-part:visible")
    expect(shown).to_have_count(0)
    live = screen.map.inside.locator(".xt-live")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    live.hover()
    expect(screen.map.inside.locator(".xt-facts:visible")).to_have_count(0)
    eventually(shown.count, lambda count: count > 0, "classes")
    screen.page.screenshot(path=pictures / f"what-if-{lang}-{size[0]}.png", full_page=True)
    wide = live.evaluate("panel => panel.scrollWidth - panel.clientWidth")
    assert wide <= 0
    button.click()
    expect(shown).to_have_count(0)


def test_a_file_is_read_without_a_check_and_its_faults_are_named(
    screen: Screen, city: Path, tmp_path: Path
) -> None:
    ring = long_ring_of(city)
    good, bad = tmp_path / "good.geojson", tmp_path / "bad.geojson"
    for path, shape in ((good, ring), (bad, crossing(ring))):
        feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)}
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
        content = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
        path.write_text(json.dumps(content), encoding="utf-8")
    open_scenarios(screen, "zh")
    choose_way(screen, "file")
    upload = screen.page.locator("input[type=file]")
    upload.set_input_files(bad)
    alert = screen.page.get_by_test_id("stAlert")
    expect(alert.first).to_contain_text("Self-intersection", timeout=PATIENCE_MS)
    screen.wait_at_rest()
    expect(alert.first).to_contain_text("Self-intersection")  # it stands
    open_scenarios(screen, "zh")
    choose_way(screen, "file")
    upload.set_input_files(good)
    assert area(panel(screen)) > 0


def long_ring_of(city: Path) -> shapely.Polygon:
    return shapely.Polygon(shapely.get_coordinates(saved(city, "长边界").geometry)[::60])


def crossing(ring: shapely.Polygon) -> shapely.Polygon:
    places = shapely.get_coordinates(ring)
    places[[5, 30]] = places[[30, 5]]
    return shapely.Polygon(places)
