"""Four whole tasks on the real homes of Taipei, as those would do them for whom they are."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import geomap, serving
from tests.browser.test_elder import tab_to

DISTRICT = "士林区"


@pytest.fixture(scope="module")
def taipei(data_folder, tmp_path_factory):
    """The address of a server over the workspace into which the list was imported."""
    folder = tmp_path_factory.mktemp("tasks")
    source = data_folder / "taipei" / "homes.csv"
    geomap("import", source, "--into", folder / "ours")
    with serving(folder / "log", folder / "ours") as address:
        yield address


@pytest.fixture
def visit(chromium, taipei):
    """Open a browser as somebody has it; what it complains of fails the test."""
    contexts, complaints = [], []

    def go(path: str = "/", *, width: int = 360, height: int = 760, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=taipei, locale="zh-CN",
            accept_downloads=True, **options,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if options.get("java_script_enabled", True):  # else each script that stays out is an error
            page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.on("request", lambda request: foreign(request.url))
        page.goto(path)
        return page

    def foreign(url: str) -> None:
        if urlsplit(url).scheme.startswith("http") and not url.startswith(taipei):
            complaints.append(url)

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


def shot(page, name: str) -> None:
    """Keep a picture to look at, where the environment names a folder for them."""
    if folder := os.environ.get("GEOMAP_SHOTS"):
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)


def names(page) -> list[str]:
    return page.locator(".card h3").all_inner_texts()


def test_a_family_on_a_phone_finds_compares_keeps_and_takes_a_booklet(visit, tmp_path):
    page = visit(has_touch=True, is_mobile=True)
    page.fill("#q", DISTRICT)
    page.press("#q", "Enter")
    page.locator("h1", has_text=DISTRICT).wait_for()
    shot(page, "family-1-list")
    page.locator(".for-filters").click()
    page.locator("summary", has_text="机构类型").click()
    page.locator("label.tick", has_text="养老院").first.click()
    shot(page, "family-2-filters")
    page.locator("#filter-form button[type=submit]").click()
    page.wait_for_url("**type=nursing_home*")
    found = names(page)
    assert len(found) == 10
    page.locator(".card h3 a").first.click()
    expect(page.locator("h1")).to_have_text(found[0])
    assert page.locator("a[href^='tel:']").first.is_visible()
    shot(page, "family-3-home")
    page.locator(".keep-favourites .keep-button").click()
    page.locator(".keep-said", has_text="已收藏").first.wait_for()
    page.go_back()
    for place in range(2):
        card = page.locator(".card").nth(place)
        card.locator(".keep-compare .keep-button").click()
        card.locator(".keep-said", has_text="已加入对比").wait_for()
    page.locator(".card").nth(1).locator(".keep-said a").click()
    page.locator("h1", has_text="对比 2 家机构").wait_for()
    assert [each for each in found[:2] if page.get_by_text(each).count() == 0] == []
    shot(page, "family-4-compare")
    page.goto("/favourites")
    assert names(page) == found[:1]
    shot(page, "family-5-favourites")
    page.get_by_role("link", name="打印成册").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载网页版").click()
    kept = tmp_path / "booklet.html"
    download.value.save_as(kept)
    assert found[0] in kept.read_text(encoding="utf-8")


def test_in_elder_mode_the_keyboard_alone_finds_keeps_and_finds_again(visit):
    page = visit()
    tab_to(page, "长辈版", 12)
    page.keyboard.press("Enter")
    page.locator("h1", has_text="您想做什么").wait_for()
    shot(page, "elder-1-start")
    tab_to(page, "找离我近的养老院", 14)
    page.keyboard.press("Enter")
    page.locator("h1", has_text="您想在哪里找").wait_for()
    for _ in range(14):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            break
    page.keyboard.type(DISTRICT)
    page.keyboard.press("Enter")
    page.locator("h1", has_text="第 1 家").wait_for()
    home = page.locator(".one-home h2").inner_text()
    shot(page, "elder-2-home")
    tab_to(page, "收藏", 16)
    page.keyboard.press("Enter")
    page.locator(".keep-said", has_text="已收藏").wait_for()
    page.goto("/")
    tab_to(page, "看我收藏的", 14)
    page.keyboard.press("Enter")
    page.locator(".one-home").wait_for()
    assert page.locator(".one-home h2").inner_text() == home
    shot(page, "elder-3-kept")
    tab_to(page, "打电话", 14)
    assert page.evaluate("document.activeElement.href").startswith("tel:")


def test_without_scripts_one_searches_filters_reads_compares_and_prints(visit):
    page = visit(java_script_enabled=False, width=1440)
    page.fill("#q", DISTRICT)
    page.press("#q", "Enter")
    expect(page.locator("h1")).to_have_text(re.compile(f"^{DISTRICT}"))
    page.locator("summary", has_text="机构类型").click()
    page.locator("label.tick", has_text="养老院").first.click()
    page.locator("#filter-form button[type=submit]").click()
    assert "type=nursing_home" in page.url
    found = names(page)
    for place in range(2):
        page.locator(".card").nth(place).locator(".keep-compare .keep-button").click()
    shot(page, "no-script-1-list")
    page.locator(".keep-said a").first.click()
    expect(page.locator("h1")).to_have_text("对比 2 家机构")
    assert set(found[:2]) <= set(page.locator("thead .compare-name a").all_inner_texts())
    rows = page.locator("tbody tr").count()
    page.get_by_role("link", name="只看不同的项目").click()
    assert 0 < page.locator("tbody tr").count() < rows
    shot(page, "no-script-2-compare")
    page.locator("thead .compare-name a").first.click()
    page.get_by_role("link", name="打印").first.click()
    expect(page.locator(".sheet-phone")).to_be_visible()
    shot(page, "no-script-3-sheet")


def test_a_printed_booklet_has_a_page_for_each_home_and_opens_offline(
    visit, taipei, tmp_path, chromium
):
    from pypdf import PdfReader

    with urlopen(f"{taipei}/api/v1/facilities?limit=20") as answer:
        homes = json.load(answer)["features"]
    page = visit(f"/booklet?ids={','.join(each['id'] for each in homes)}", width=1440)
    shot(page, "booklet-1-page")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载网页版").click()
    kept = tmp_path / "booklet.html"
    download.value.save_as(kept)
    offline = chromium.new_context(offline=True)
    reader, asked = offline.new_page(), []
    reader.on("request", lambda request: asked.append(request.url))
    reader.goto(kept.as_uri())
    said = reader.locator("body").inner_text()
    shot(reader, "booklet-2-offline")
    reader.pdf(path=tmp_path / "printed.pdf", prefer_css_page_size=True)
    offline.close()
    assert [each for each in asked if each.startswith("http")] == []
    pages = PdfReader(tmp_path / "printed.pdf").pages
    assert {tuple(round(float(side)) for side in each.mediabox[2:]) for each in pages} == {
        (595, 842)
    }
    assert all(each["properties"]["name"] in said for each in homes)
    texts = [each.extract_text() for each in pages]
    phones = [each["properties"]["phone"] for each in homes if each["properties"]["phone"]]
    assert len(phones) > 15
    assert all(sum(each in text for text in texts) == phones.count(each) for each in phones)
