"""An office imports its own list and finds its own homes in the right place."""

from __future__ import annotations

import csv
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from pyproj import Geod

from tests.browser.conftest import geomap, serving

HOME = "臺北市至善老人安養護中心"


@pytest.fixture(scope="module")
def homes(data_folder):
    with (data_folder / "taipei" / "homes.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def taipei_url(data_folder, tmp_path_factory):
    """The address of a server over the workspace that the command made of the real file."""
    folder = tmp_path_factory.mktemp("taipei")
    source = data_folder / "taipei" / "homes.csv"
    geomap("import", source, "--into", folder / "ours")
    with serving(folder / "log", folder / "ours") as address:
        yield address


@pytest.fixture
def page(chromium, taipei_url):
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, base_url=taipei_url, locale="zh-CN"
    )
    yield context.new_page()
    context.close()


def test_a_home_is_found_by_its_name_in_either_script(page, homes):
    stated = next(each for each in homes if each["機構名稱"] == HOME)
    for written in (HOME, "台北市至善老人安养护中心"):
        page.goto(f"/?q={quote(written)}")
        assert page.locator(".card h3").first.inner_text() == HOME
    page.locator(".card h3 a").first.click()
    page.locator("h1", has_text=HOME).wait_for()
    shown = page.locator("main").inner_text()
    assert f"{stated['核定床數-核定總床位數']} 张" in shown
    assert stated["地址"] in shown


def test_a_click_lists_the_homes_that_are_nearest_to_the_spot(page, homes):
    page.goto("/?lon=121.53&lat=25.05")
    frame = page.frame_locator("#map-frame")
    frame.locator(".leaflet-container").wait_for()
    page.wait_for_timeout(1000)
    box = frame.locator(".leaflet-container").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.15, box["y"] + box["height"] * 0.2)
    page.locator("#heading", has_text="您选的位置附近的养老机构").wait_for()
    page.wait_for_url(lambda url: "121.53&" not in url)
    page.locator("#results:not(.busy)").wait_for()
    spot = parse_qs(urlsplit(page.url).query)
    lon, lat = float(spot["lon"][0]), float(spot["lat"][0])
    geod = Geod(ellps="WGS84")
    away = sorted(
        (geod.inv(lon, lat, float(each["lon"]), float(each["lat"]))[2], each["機構名稱"])
        for each in homes
    )
    assert page.locator(".card h3").all_inner_texts() == [name for _, name in away[:10]]
