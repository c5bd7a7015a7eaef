"""A street map on the screen: imported by the command, drawn and named without any network."""

from __future__ import annotations

from urllib.request import urlopen

import pytest

from tests.browser.conftest import geomap, move, serving

HOMES = "id,name,type,lon,lat\na,江宁路颐养院,nursing_home,121.4512,31.2312\n"
HOME = "/map?lon=121.4512&lat=31.2312"
HOUSE, PARK, LAKE, ROAD = "#d5ddda", "#dce8d6", "#c3dce6", "#ffffff"


@pytest.fixture(scope="module")
def server_url(tmp_path_factory, town_extract):
    """The address of a server over a workspace with a home and a street map."""
    folder = tmp_path_factory.mktemp("streets")
    homes, log, into = folder / "homes.csv", folder / "log", folder / "workspace"
    homes.write_text(HOMES, encoding="utf-8")
    geomap("import", homes, "--into", into, "--yes")
    geomap("import", town_extract, "--into", into, "--as", "basemap")
    with serving(log, into) as address:
        for language in ("zh", "en"):
            urlopen(f"{address}/tiles/context/8/214/104.json?lang={language}", timeout=60).read()
        yield address


def shown(page, lon, lat, zoom):
    """Show a place and wait until its tiles and names are drawn."""
    move(page, lat, lon, zoom)
    page.locator(".leaflet-tile-loaded canvas.map-tile").first.wait_for(state="attached")
    page.wait_for_timeout(700)
    return page


def colour_at(page, lon, lat):
    """The colour that is drawn at a place, of the ground alone."""
    return page.evaluate(
        """([lon, lat]) => {
            const at = map_1.latLngToContainerPoint([lat, lon]);
            const frame = map_1.getContainer().getBoundingClientRect();
            const tiles = document.querySelectorAll(".leaflet-tile-loaded canvas.map-tile");
            for (const canvas of tiles) {
                const box = canvas.getBoundingClientRect();
                const x = frame.left + at.x - box.left;
                const y = frame.top + at.y - box.top;
                if (x >= 0 && y >= 0 && x < box.width && y < box.height) {
                    const scale = canvas.width / box.width;
                    const pen = canvas.getContext("2d");
                    const seen = pen.getImageData(x * scale, y * scale, 1, 1).data;
                    const colour = Array.from(seen.subarray(0, 3));
                    return "#" + colour.map((each) => each.toString(16).padStart(2, "0")).join("");
                }
            }
            return null;
        }""",
        [lon, lat],
    )


def names(page):
    return page.locator(".map-label").all_inner_texts()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1440, 900)])
def test_streets_houses_parks_and_water_are_drawn_and_named(open_page, width, height):
    page = shown(open_page(HOME, width=width, height=height), 121.4490, 31.2322, 17)
    assert colour_at(page, 121.4501, 31.2321) == HOUSE
    assert colour_at(page, 121.4487, 31.2325) == PARK
    page = shown(page, 121.4475, 31.2335, 16)
    assert colour_at(page, 121.4472, 31.2337) == LAKE
    page = shown(page, 121.4542, 31.2300, 17)
    assert colour_at(page, 121.4542, 31.2300) == ROAD
    assert "江宁路" in names(page)
    assert "静安寺" in names(page)
    assert page.locator(".map-caption").is_hidden()
    assert "街道 © OpenStreetMap 贡献者" in page.locator(".map-attribution").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_names_are_english_where_the_reader_is(open_page):
    page = shown(open_page(f"{HOME}&lang=en"), 121.4530, 31.2300, 17)
    assert {"Jiangning Road", "Jing'an Temple"} <= set(names(page))
    assert "静安寺" not in names(page)


def test_a_chinese_name_stands_upright_along_a_road_that_runs_north(open_page):
    page = shown(open_page(HOME), 121.4550, 31.2350, 17)
    (box,) = [
        each.bounding_box()
        for each in page.locator(".map-label-upright > span").all()
        if each.inner_text() == "陕西北路"
    ]
    assert box["height"] > 2.5 * box["width"]


def test_no_name_covers_a_home_or_stands_twice_in_view(open_page):
    page = shown(open_page(HOME), 121.4512, 31.2312, 17)
    home = page.locator(".map-symbol").first.bounding_box()
    for label in page.locator(".map-label > span").all():
        box = label.bounding_box()
        assert (
            box["x"] >= home["x"] + home["width"]
            or box["x"] + box["width"] <= home["x"]
            or box["y"] >= home["y"] + home["height"]
            or box["y"] + box["height"] <= home["y"]
        )
    assert names(page).count("静安寺") <= 1


def test_beyond_the_street_map_the_map_says_that_it_has_no_streets(open_page):
    page = shown(open_page(HOME), 121.4512, 31.2312, 16)
    assert page.locator(".map-caption").is_hidden()
    page = shown(page, 121.80, 31.10, 13)
    assert page.locator(".map-caption").inner_text() == "本图没有街道底图，位置和距离是准的。"
    assert "街道 ©" not in page.locator(".map-attribution").inner_text()


def test_streets_are_drawn_while_the_rest_of_the_ground_is_late(open_page):
    page = open_page(HOME)
    page.route("**/tiles/context/**", lambda _route: None)
    page = shown(page, 121.4542, 31.2300, 17)
    early = """() => Object.values(map_1.geomap.context._tiles)
        .filter(({ el, coords }) => coords.z === 17 && !el.contextTile && el.querySelector("canvas")
            && getComputedStyle(el).visibility === "visible").length"""
    for _ in range(50):
        if page.evaluate(early):
            break
        page.wait_for_timeout(200)
    assert page.evaluate(early) > 0
    page.unroute_all(behavior="ignoreErrors")
