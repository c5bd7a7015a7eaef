"""The pages for portals, the press and GIS officers: found, readable, usable by keys and bare."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import geomap, serving

MAIN = (
    "/docs",
    "/embed/new",
    "/ogc/?f=html",
    "/ogc/collections/facilities/items?f=html&limit=5&type=nursing_home",
    "/open-data",
    "/poster",
)
PAGES = (
    *MAIN,
    "/ogc/api?f=html",
    "/ogc/collections/areas?f=html",
    "/ogc/collections/facilities/queryables?f=html",
    "/ogc/collections/gaps/items/1?f=html",
)
SIDEWAYS = "document.documentElement.scrollWidth > window.innerWidth"
#: Where the focus is, and whether its ring is seen.
FOCUSED = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return [document.activeElement.textContent.trim(), outlineStyle, parseFloat(outlineWidth)];
}"""


@pytest.fixture(scope="module")
def server_url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("portals") / "demo"
    geomap("demo", folder, "--city", "panjin")
    geomap("dump", folder)
    with serving(tmp_path_factory.mktemp("server") / "log", folder) as address:
        yield address


def with_lang(path: str, lang: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={lang}"


@pytest.mark.parametrize(
    ("paths", "reader"),
    [
        (PAGES, (360, "zh", None)),
        (MAIN, (1440, "en", None)),
        (MAIN[1:], (360, "en", "biggest-black")),
    ],
    ids=["phone", "wide", "elder"],
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, server_url, paths, reader):
    width, lang, look = reader
    page = open_page("/healthz", width=width)
    if look:
        page.context.add_cookies([{"name": "geomap_elder", "value": look, "url": server_url}])
    for path in paths:
        page.goto(with_lang(path, lang))
        found = Axe().run(page, options={"iframes": False}).response["violations"]
        assert [(path, each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert not page.evaluate(SIDEWAYS), path


def test_at_320_px_without_scripts_nothing_is_lost(open_page):
    page = open_page("/healthz", width=320, height=640, java_script_enabled=False)
    for path in (*PAGES, "/ogc/collections?f=html", "/ogc/conformance?f=html"):
        page.goto(with_lang(path, "zh"))
        assert page.locator("h1").is_visible()
        assert not page.evaluate(SIDEWAYS), path
    page.goto("/ogc/collections/facilities/items?f=html&limit=20&lang=zh")
    page.get_by_role("link", name="下一页").click()
    expect(page.get_by_text("第 2 页，共 4 页")).to_be_visible()
    page.locator("summary", has_text="筛选").click()
    page.get_by_label("机构类型").select_option(label="敬老院")
    page.get_by_role("button", name="筛选").click()
    assert "type=rural_welfare_home" in page.url
    assert "bbox" not in page.url
    kinds = page.locator("main .links .small").all_inner_texts()
    assert kinds
    assert all(each.startswith("敬老院") for each in kinds)
    page.locator(".applied a", has_text="机构类型：敬老院").click()
    expect(page.locator(".applied")).to_have_count(0)


def test_keys_lead_through_the_interface_in_the_order_that_is_read(open_page):
    page = open_page("/ogc/?f=html&lang=zh")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)[0] == "跳到主要内容"
    page.keyboard.press("Enter")
    read = page.locator("main a:visible, main summary").all_inner_texts()
    for each in read:
        page.keyboard.press("Tab")
        told, style, width = page.evaluate(FOCUSED)
        assert (told, style) == (each.replace("\n", "").strip(), "solid")
        assert width >= 3
    page.goto("/ogc/collections/facilities/items?f=html&lang=zh")
    page.locator("main summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**type=nursing_home**")
    assert page.locator(".applied a").inner_text().startswith("机构类型：养老院")


def test_a_map_shows_what_is_listed(open_page):
    for path in ("facilities/items?f=html&limit=5", "gaps/items/1?f=html"):
        page = open_page(f"/ogc/collections/{path}")
        drawn = page.locator(".ogc-map img")
        drawn.scroll_into_view_if_needed()
        assert drawn.evaluate("each => each.decode().then(() => each.naturalWidth)") > 0


@pytest.mark.parametrize("start", ["/", "/facilities/{id}", "/plan?go=1"])
def test_an_editor_finds_the_embed_from_where_they_are(open_page, start):
    """One press leads to the builder, which shows what the page shows."""
    page = open_page("/?lang=zh")
    home = page.locator(".cards h3 a").first
    shown = home.inner_text()
    number = home.get_attribute("href").partition("?")[0].rpartition("/")[2]
    page.goto(with_lang(start.format(id=number), "zh"))
    page.locator("main").get_by_role("link", name="放到您的网站").click()
    preview = page.locator("#preview").get_attribute("src")
    if "facilities" in start:
        assert page.locator("#copy-frame").input_value().count(shown) == 1
    elif "plan" in start:
        assert "layers=gaps%2Ccoverage" in preview or "layers=gaps,coverage" in preview


def test_what_is_wrong_is_said_in_a_page_to_people_and_in_a_document_to_programs(open_page):
    page = open_page("/healthz")
    for path, status in (("nothing", 404), ("facilities/items?limit=0", 400)):
        address = f"/ogc/collections/{path}"
        told = page.request.get(address, headers={"Accept": "text/html"})
        assert (told.status, told.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert "/ogc/?f=html" in told.text()
        told = page.request.get(address, headers={"Accept": "*/*"})
        assert told.headers["content-type"] == "application/problem+json"
