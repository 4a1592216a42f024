"""The form that asks for a map to print, on a page of its own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from geoapp.i18n import read_words

APP = Path(__file__).parents[2] / "geoapp" / "ui" / "assets" / "app"
STATE = {
    "bounds": [110.4, 29.1, 110.5, 29.2],
    "layers": [{"id": "district"}, {"id": "township", "opacity": 0.5, "classes": None}],
    "lang": "zh",
}


@pytest.fixture
def page(new_context: Callable[..., BrowserContext], base_url: str) -> Page:
    page = new_context(accept_downloads=True).new_page()
    page.goto(f"{base_url}/healthz")
    words = {k.partition(".")[2]: v for k, v in read_words("zh").items() if k.startswith("sheet.")}
    page.evaluate("""() => { document.body.textContent = ""; window.xiangtu = {
        element(tag, className = "", text = null) {
          const node = document.createElement(tag);
          if (className) node.className = className;
          if (text !== null) node.textContent = text;
          return node;
        } }; }""")
    page.evaluate((APP / "print.js").read_text(encoding="utf-8"))
    page.add_style_tag(content=(APP / "print.css").read_text(encoding="utf-8"))
    page.evaluate(
        """([state, words]) => {
        window.panel = new xiangtu.PrintPanel({ state: () => state, words });
        document.body.append(window.panel.root);
      }""",
        [STATE, words],
    )
    return page


def test_a_map_is_printed_as_chosen(page: Page) -> None:
    page.get_by_label("标题").fill("试验图")
    page.get_by_label("纸张").select_option("A3")
    page.get_by_label("方向").select_option("portrait")
    page.get_by_label("比例尺").select_option(label="1:25\u00a0000")
    page.get_by_label("格式").select_option("png")
    with page.expect_request("**/map/sheet?lang=zh") as asked, page.expect_download() as got:
        page.get_by_role("button", name="生成").click()
    sent = json.loads(asked.value.post_data or "")
    assert sent == {
        "bounds": STATE["bounds"],
        "layers": [
            {"id": "district", "opacity": None, "classes": None},
            {"id": "township", "opacity": 0.5, "classes": None},
        ],
        "lang": "zh",
        "title": "试验图",
        "paper": "A3",
        "orientation": "portrait",
        "scale": 25000,
        "format": "png",
    }
    assert got.value.suggested_filename == "试验图.png"
    assert Path(got.value.path()).read_bytes().startswith(b"\x89PNG")
    expect(page.get_by_role("status")).to_have_text("已下载 试验图.png")
    expect(page.get_by_role("button", name="生成")).to_be_enabled()


def test_a_refusal_is_told_in_words(page: Page, witness) -> None:
    witness.expected.append("422")
    page.evaluate(
        "window.panel.state = () => ({ bounds: [80, 20, 81, 21], layers: [{ id: 'district' }], lang: 'zh' })"
    )
    page.get_by_role("button", name="生成").click()
    expect(page.get_by_role("status")).to_contain_text("在本市范围之外")
    expect(page.get_by_role("button", name="生成")).to_be_enabled()
