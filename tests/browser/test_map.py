"""The map in a real Chromium: it draws, answers keyboard and pointer, and loads nothing foreign."""

from __future__ import annotations

import re

import geopandas as gpd
import pytest
from axe_playwright_python.sync_playwright import Axe

import geomap as gm
from tests.browser.conftest import move

TSINGHUA = "/map?lon=116.326&lat=40.003"
SHANGHAI = "/map?lon=121.45&lat=31.23"
WIDTHS = [(360, 640), (1440, 900)]
PAYLOADS = [
    '<img src=x onerror="window.pwned=1">',
    "</script><script>window.pwned=2</script>",
    "`;window.pwned=3;`",
    "${window.pwned=4}",
    '" autofocus onfocus="window.pwned=5',
    "C:\\2024\\u0041';window.pwned=6;'",
    "javascript:window.pwned=7",
    "{{7*191}}{% for x in y %}",
    "<svg onload=window.pwned=8>",
]


def ready(page):
    """Wait until symbols and names are drawn."""
    page.locator(".map-symbol, .map-disc:not(.map-disc-key)").first.wait_for()
    page.wait_for_timeout(600)
    return page


def focused(page) -> str:
    return page.evaluate(
        "(document.activeElement.getAttribute('aria-label')"
        " || document.activeElement.textContent || '').trim()"
    )


def boxes(page, selector: str) -> list[dict]:
    """Measure all at one moment: the map may draw its symbols anew between two looks."""
    return page.locator(selector).evaluate_all("""(nodes) => nodes.map((node) => {
        const {x, y, width, height} = node.getBoundingClientRect();
        return {x, y, width, height};
    })""")


def overlap(a: dict, b: dict) -> bool:
    return (
        a["x"] < b["x"] + b["width"]
        and b["x"] < a["x"] + a["width"]
        and a["y"] < b["y"] + b["height"]
        and b["y"] < a["y"] + a["height"]
    )


def inside(a: dict, b: dict) -> bool:
    return (
        a["x"] >= b["x"]
        and a["y"] >= b["y"]
        and a["x"] + a["width"] <= b["x"] + b["width"]
        and a["y"] + a["height"] <= b["y"] + b["height"]
    )


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_the_country_is_drawn_with_groups_legend_scale_and_source(open_page, width, height):
    page = ready(open_page("/map", width=width, height=height))
    assert page.locator(".map-disc:not(.map-disc-key)").count() > 5
    assert page.locator(".leaflet-tile-loaded").count() > 0
    assert re.fullmatch(r"[\d]+ 公里", page.locator(".leaflet-control-scale-line").inner_text())
    assert "多家，点开" in page.locator(".map-legend").inner_text()
    assert "OpenStreetMap" in page.locator(".map-attribution").inner_text()
    assert page.locator(".map-caption").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_a_city_shows_results_rings_names_and_says_that_streets_are_missing(
    open_page, width, height
):
    page = ready(open_page(SHANGHAI, width=width, height=height))
    assert page.locator(".leaflet-listed-pane .map-symbol").count() == 10
    assert page.locator(".map-ring-label").count() == 2
    page.locator(".map-label").nth(5).wait_for()
    assert page.locator(".map-caption").is_visible()
    legend = page.locator(".map-legend").inner_text()
    assert "您找的位置" in legend
    assert "直线距离" in legend
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_streets_away_hospitals_and_housing_orient(open_page):
    page = ready(open_page(SHANGHAI))
    for _ in range(8):
        if page.locator(".leaflet-control-scale-line").inner_text().split()[1] == "米":
            break
        page.locator(".map-tools button").first.click()
        page.wait_for_timeout(400)
    for name in ("医院", "住宅区"):
        page.locator(".map-legend", has_text=name).wait_for()
    page.locator(".map-label-residential-0").first.wait_for()
    assert page.locator(".map-label-residential-0").count() > 5


def test_targets_are_44_px_and_names_cover_no_symbol(open_page):
    page = ready(open_page(SHANGHAI, width=360, height=640))
    symbols = boxes(page, ".map-symbol, .map-disc:not(.map-disc-key)")
    assert all(
        min(b["width"], b["height"]) >= 43.9 for b in [*symbols, *boxes(page, ".map-tools button")]
    )
    for label in boxes(page, ".map-label > span"):
        for symbol in symbols:
            apart = (
                label["x"] + label["width"] <= symbol["x"] + 2
                or symbol["x"] + symbol["width"] <= label["x"] + 2
                or label["y"] + label["height"] <= symbol["y"] + 6
                or symbol["y"] + symbol["height"] <= label["y"] + 6
            )
            assert apart, (label, symbol)


@pytest.mark.parametrize(("width", "height"), WIDTHS)
@pytest.mark.parametrize("path", [SHANGHAI, TSINGHUA, "/map?q=台北"])
def test_ring_labels_cover_no_symbol_and_stay_on_the_map(open_page, path, width, height):
    page = ready(open_page(path, width=width, height=height))
    ground = page.locator(".leaflet-container").bounding_box()
    symbols = boxes(page, ".map-symbol, .map-disc:not(.map-disc-key), .map-point")
    labels = boxes(page, ".map-ring-label > span:not(.map-no-room)")
    assert labels
    for label in labels:
        assert inside(label, ground)
        assert not [each for each in symbols if overlap(label, each)]


def test_the_searched_place_is_seen_above_symbols_and_lets_clicks_through(open_page):
    page = ready(open_page(SHANGHAI))
    levels = "['ring', 'listed', 'clusters'].map((name) => +getComputedStyle(" + (
        "document.querySelector(`.leaflet-${name}-pane`)).zIndex)"
    )
    ring, *symbols = page.evaluate(levels)
    assert ring > max(symbols)
    mark = page.locator(".leaflet-ring-pane .map-point")
    assert mark.count() == 1
    assert mark.evaluate("(node) => getComputedStyle(node).pointerEvents") == "none"


def test_land_is_filled_and_the_legend_says_what_the_rest_is(open_page):
    page = ready(open_page(SHANGHAI))
    page.locator(".map-legend", has_text="水面或国外，没有资料").wait_for()
    tones = page.evaluate("""() => {
        const tones = new Set();
        for (const tile of document.querySelectorAll(".leaflet-context-pane canvas")) {
            const all = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height).data;
            for (let i = 0; i < all.length; i += 404) {
                tones.add(all.slice(i, i + 4).join());
            }
        }
        return [...tones];
    }""")
    assert {"233,238,236,255", "0,0,0,0"} <= set(tones)


def test_far_inland_the_legend_names_no_water(open_page):
    page = ready(open_page("/map?q=西安市"))
    if page.locator(".map-caption").is_visible():
        assert "水面" not in page.locator(".map-legend").inner_text()


def test_the_background_fades_where_it_ends(open_page):
    page = ready(open_page("/map", width=2200))
    edge, inside = page.evaluate("""() => {
        const tiles = [...document.querySelectorAll(".map-faded canvas")];
        const side = (tile) => tile.getBoundingClientRect().left;
        const alphas = tiles.sort((a, b) => side(a) - side(b)).map((tile) => {
            const row = tile.getContext("2d").getImageData(0, tile.height / 2, tile.width, 1).data;
            return [...row].filter((_, i) => i % 4 === 3);
        });
        return [alphas[0][0], Math.max(...alphas.flat())];
    }""")
    assert edge < 10
    assert inside == 255


def test_in_the_dark_the_tools_follow_and_the_map_stays(open_page):
    grounds = {}
    for scheme in ("light", "dark"):
        page = ready(open_page(SHANGHAI, color_scheme=scheme))
        grounds[scheme] = [
            page.locator(selector).first.evaluate("(n) => getComputedStyle(n).backgroundColor")
            for selector in (".geomap", ".map-tools button", ".leaflet-container", ".map-disc")
        ]
    assert grounds["light"][:2] == ["rgb(255, 255, 255)"] * 2
    assert grounds["dark"][:2] == ["rgb(24, 35, 41)"] * 2
    assert grounds["dark"][2:] == grounds["light"][2:]


def test_the_keyboard_goes_from_the_tools_through_the_results_and_out(open_page):
    page = ready(open_page(SHANGHAI))
    names = []
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        names.append(focused(page))
    else:
        pytest.fail("Tab does not leave the map")
    assert names[:7] == ["放大", "缩小", "向左移动", "向上移动", "向下移动", "向右移动", "复位"]
    assert names[7].startswith("地图")
    listed = [name for name in names if "第 " in name]
    assert [re.search(r"第 (\d+) 条", name)[1] for name in listed] == [str(n) for n in range(1, 11)]
    assert names[8 : 8 + len(listed)] == listed


def test_enter_opens_a_symbol_and_escape_goes_back_to_it(open_page):
    page = ready(open_page(SHANGHAI))
    for _ in range(9):
        page.keyboard.press("Tab")
    symbol = focused(page)
    page.keyboard.press("Enter")
    page.locator(".map-popup .map-name").wait_for()
    assert focused(page) == symbol.split("，")[0]
    assert page.locator(".map-popup a").get_attribute("href").startswith("/facilities/")
    page.keyboard.press("Escape")
    page.locator(".map-popup").wait_for(state="detached")
    assert focused(page) == symbol


def test_on_a_phone_the_card_stands_under_the_map_and_nothing_pops_up(open_page):
    page = ready(open_page(SHANGHAI, width=360, height=760))
    page.locator(".leaflet-listed-pane .map-symbol").first.focus()
    page.keyboard.press("Enter")
    page.locator(".map-panel .map-name").wait_for()
    assert page.locator(".map-popup").count() == 0
    page.get_by_role("button", name="关闭").click()
    assert page.locator(".map-panel").is_hidden()


def test_arrows_pan_and_a_plain_wheel_leaves_the_map_alone(open_page):
    page = ready(open_page(SHANGHAI))
    where = (
        "(() => { const m = Object.values(window).find((v) => v instanceof L.Map);"
        " return [m.getZoom(), m.getCenter().lng]; })()"
    )
    page.locator(".leaflet-container").focus()
    zoom, lon = page.evaluate(where)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert page.evaluate(where)[1] > lon
    page.mouse.move(700, 400)
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(500)
    assert page.evaluate(where)[0] == zoom
    page.keyboard.down("Control")
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(700)
    page.keyboard.up("Control")
    assert page.evaluate(where)[0] > zoom


def test_a_group_opens_until_its_homes_are_seen(open_page):
    page = ready(open_page("/map?type=community_center"))
    for _ in range(12):
        discs = page.locator(".map-disc:not(.map-disc-key)")
        if discs.count() == 0:
            break
        discs.first.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(700)
        if page.locator(".map-popup").count():
            break
    assert page.locator(".leaflet-clusters-pane .map-symbol, .map-here li").count() > 0


def test_the_number_on_a_disc_is_cut_and_never_falls_as_the_count_rises(open_page):
    page = ready(open_page("/map"))
    counts = [38, 9_999, 10_000, 99_949, 99_950, 99_999, 100_000, 399_999]
    said = page.evaluate(
        "(counts) => ['zh', 'en'].map((lang) => counts.map((n) => geomap.shortCount(n, lang)))",
        counts,
    )
    assert said == [
        ["38", "9999", "1.0万", "9.9万", "9.9万", "9.9万", "10万", "39万"],
        ["38", "9999", "10k", "99k", "99k", "99k", "100k", "399k"],
    ]


def test_a_click_on_the_ground_finds_what_is_near(open_page):
    page = ready(open_page("/map"))
    page.mouse.click(420, 420)
    page.wait_for_url(re.compile(r"lon=-?\d+(\.\d{1,3})?&lat=-?\d+(\.\d{1,3})?$"))
    ready(page)
    assert page.locator(".leaflet-listed-pane .map-symbol").count() == 10


def test_a_card_under_the_pointer_makes_its_symbol_grow_and_the_other_way_round(open_page):
    page = open_page("/?q=静安区")
    frame = page.frame_locator("#map-frame")
    symbol = frame.locator(".leaflet-listed-pane .map-symbol").nth(1)
    symbol.wait_for()
    page.wait_for_timeout(800)
    card = page.locator(".card").nth(1)
    card.hover()
    frame.locator(".map-symbol-selected").wait_for()
    page.mouse.move(5, 5)
    frame.locator(".map-symbol-selected").wait_for(state="detached")
    symbol.focus()
    page.locator(".card.highlighted").wait_for()
    assert page.locator(".card.highlighted h3").inner_text() == card.locator("h3").inner_text()
    frame.locator(".map-tools button").first.focus()
    page.locator(".card.highlighted").wait_for(state="detached")


def test_another_page_of_the_list_is_drawn_with_its_numbers(open_page):
    page = open_page("/?q=静安区")
    frame = page.frame_locator("#map-frame")
    frame.locator(".leaflet-listed-pane .map-symbol").first.wait_for()
    page.get_by_role("link", name="下一页").click()
    frame.locator("[aria-label$='第 11 条']").wait_for()
    assert frame.locator(".leaflet-listed-pane .map-symbol").count() == 10


MAP = "Object.values(window).find((each) => each instanceof L.Map)"


def loaded(page):
    """Wait until the browser has all points and their names."""
    for _ in range(100):
        if page.evaluate(f"""() => {{
            const {{ points }} = {MAP}.geomap.clusters;
            return Boolean(points.set) && !points.running && !points.waiting.length;
        }}"""):
            return page
        page.wait_for_timeout(100)
    pytest.fail("the points did not come")


def drawn(page) -> list[str]:
    return sorted(
        page.locator(".leaflet-clusters-pane button").evaluate_all(
            "(all) => all.map((each) => each.getAttribute('aria-label'))"
        )
    )


def test_once_the_points_are_loaded_no_move_asks_for_facilities(open_page):
    page = loaded(ready(open_page("/map")))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for view in ((31.2, 121.4, 9), (31.25, 121.5, 13), (39.9, 116.4, 11), (30, 110, 5)):
        move(page, *view)
        page.wait_for_timeout(300)
        assert all(label.strip() for label in drawn(page))
    mine = [url for url in asked if "/context/" not in url and "/background/" not in url]
    assert mine == []


def test_the_points_show_what_the_tiles_showed(open_page):
    page, tiles = (ready(open_page("/map")) for _ in range(2))
    loaded(page)
    loaded(tiles).evaluate(f"() => {{ {MAP}.geomap.clusters.points.set = null; }}")
    inside = """(all) => all.filter((node) => {
        const { left, top, right, bottom } = node.getBoundingClientRect();
        return left > 70 && top > 120 && right < 1370 && bottom < 640;
    }).map((node) => node.getAttribute("aria-label")).sort()"""
    for view in ((31.2, 121.4, 9), (31.23, 121.45, 12), (33, 112, 6)):
        seen = []
        for each in (page, tiles):
            move(each, *view)
            each.wait_for_timeout(900)
            seen.append(each.locator(".leaflet-clusters-pane button").evaluate_all(inside))
        assert seen[0] == seen[1] != []


def test_types_and_filters_are_applied_to_the_points(open_page):
    page = loaded(ready(open_page("/map")))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    count = f"""() => {MAP}.geomap.clusters.found.reduce((sum, each) => sum + each.count, 0)"""
    every = page.evaluate(count)
    show = f"{MAP}.geomap.show({{ ids: [], types: ['nursing_home'], outcome: 'all' }})"
    page.evaluate(f"() => {show}")
    page.wait_for_timeout(300)
    assert 0 < page.evaluate(count) < every
    assert [url for url in asked if "/clusters/" in url or "/chosen/" in url] == []


def test_who_saves_data_keeps_the_tiles(chromium, server_url):
    context = chromium.new_context(viewport={"width": 1000, "height": 700}, base_url=server_url)
    context.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });"
    )
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/map")
    ready(page).wait_for_timeout(2500)
    page.locator(".map-tools button").first.click()
    page.wait_for_timeout(800)
    assert [url for url in asked if "/points/" in url or "/names/" in url] == []
    assert len([url for url in asked if "/clusters/" in url]) >= 2
    context.close()


def test_the_focused_symbol_keeps_the_focus_when_the_points_come(open_page):
    page = ready(open_page(SHANGHAI))
    page.locator(".leaflet-clusters-pane button").first.focus()
    held = focused(page)
    loaded(page).wait_for_timeout(300)
    assert focused(page) == held


@pytest.mark.parametrize("path", [SHANGHAI, TSINGHUA])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_no_symbol_lies_over_another_of_its_kind(open_page, path, width, height):
    page = ready(open_page(path, width=width, height=height))
    for pane in ("listed", "clusters"):
        found = boxes(page, f".leaflet-{pane}-pane button")
        for i, one in enumerate(found):
            for other in found[:i]:
                across = abs(one["x"] + one["width"] / 2 - other["x"] - other["width"] / 2)
                down = abs(one["y"] + one["height"] / 2 - other["y"] - other["height"] / 2)
                assert max(across, down) >= 43


def test_nothing_moves_by_itself_for_those_who_ask_for_calm(open_page):
    page = ready(open_page(SHANGHAI, reduced_motion="reduce"))
    page.locator(".map-tools button").first.click()
    assert page.locator(".leaflet-zoom-anim").count() == 0


@pytest.mark.parametrize("path", ["/map", SHANGHAI, "/map?lon=121.45&lat=31.23&lang=en"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, path, width, scheme):
    page = ready(open_page(path, width=width, color_scheme=scheme))
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("width", "card"), [(1440, ".map-popup"), (360, ".map-panel")])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_card(open_page, width, card, scheme):
    page = ready(open_page(SHANGHAI, width=width, color_scheme=scheme))
    page.locator(".leaflet-listed-pane .map-symbol").first.focus()
    page.keyboard.press("Enter")
    page.locator(f"{card} .map-name").wait_for()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_symbols_stay_visible_in_forced_colours(open_page):
    page = ready(open_page(SHANGHAI, forced_colors="active"))
    kept = "getComputedStyle(document.querySelector('.map-symbol')).forcedColorAdjust"
    assert page.evaluate(kept) == "none"


@pytest.fixture
def saved_map(tmp_path, chromium):
    """Open a facility map saved as a file, noting requests and errors."""
    contexts = []

    def go(chart):
        path = tmp_path / "map.html"
        chart.save(path)
        context = chromium.new_context(viewport={"width": 1200, "height": 800}, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.requested, page.faults = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_timeout(1200)
        return page

    yield go
    for context in contexts:
        context.close()


def town_of(names: list[str]) -> gpd.GeoDataFrame:
    spots = [(121.40 + i / 50, 31.20 + (i % 3) / 50) for i in range(len(names))]
    texts = ("id", "name", "name_en", "address", "phone", "source", "operator")
    columns = dict.fromkeys(texts, names)
    return gpd.GeoDataFrame(
        columns | {"type": "nursing_home"},
        geometry=gpd.points_from_xy(*zip(*spots, strict=True)),
        crs="EPSG:4326",
    )


def test_a_saved_map_draws_without_network_and_runs_nobodys_text(saved_map):
    page = saved_map(gm.facility_map(town_of(PAYLOADS)))
    symbols = page.locator(".map-symbol")
    shown = symbols.count()
    assert shown == len(PAYLOADS)
    for i in range(shown):
        symbols.nth(i).focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
        assert page.locator(".map-popup .map-name").inner_text() in PAYLOADS
        page.keyboard.press("Escape")
        page.get_by_role("button", name="复位").click()
        page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    assert [each for each in page.requested if each.startswith("http")] == []
    assert page.faults == []
    assert page.locator(".map-label").count() > 0


def test_a_saved_map_of_many_facilities_is_grouped_in_the_browser(saved_map):
    n = 3000
    spots = gpd.points_from_xy(
        [105 + i % 97 / 9 for i in range(n)], [25 + i % 89 / 9 for i in range(n)]
    )
    many = gpd.GeoDataFrame(
        {"name": [f"{i}" for i in range(n)], "type": "other"}, geometry=spots, crs="EPSG:4326"
    )
    page = saved_map(gm.facility_map(many))
    discs = page.locator(".map-disc:not(.map-disc-key)")
    counts = [int(text) for text in discs.all_inner_texts()]
    assert sum(counts) + page.locator(".map-symbol").count() == n
    assert page.faults == []


def test_gcj02_street_tiles_lie_under_the_right_places(chromium, server_url):
    """A tile that shows a GCJ-02 position shows it at the pixel of its WGS-84 position.

    Exact in the middle of the view; the shift itself changes by at most 0.6 % of a distance.
    """
    page = chromium.new_context(viewport={"width": 1000, "height": 700}).new_page()
    page.route(
        "https://tiles.example/**",
        lambda route: route.fulfill(status=200, body=b"", content_type="image/png"),
    )
    page.goto(f"{server_url}{SHANGHAI}")
    ready(page)
    off_px = page.evaluate("""() => {
        const map = Object.values(window).find((each) => each instanceof L.Map);
        const url = "https://tiles.example/{z}/{x}/{y}.png";
        const layer = geomap.onlineLayer({ urls: [url], datum: "gcj02" }).addTo(map);
        const tiles = layer.getLayers()[0];
        const worst = [];
        const check = () => {
            const pane = map.getContainer().getBoundingClientRect();
            for (const { el, coords } of Object.values(tiles._tiles)) {
                const world = 2 ** coords.z;
                const corner = geomap.math.toDegrees(coords.x / world, coords.y / world);
                const at = el.getBoundingClientRect();
                const shown = map.containerPointToLatLng([at.left - pane.left, at.top - pane.top]);
                const meant = geomap.math.toGcj02(shown.lng, shown.lat);
                const a = map.project([corner.lat, corner.lon]);
                const b = map.project([meant.lat, meant.lon]);
                const middle = map.getSize().divideBy(2);
                const away = map.latLngToContainerPoint(shown).distanceTo(middle);
                worst.push(a.distanceTo(b) - 0.006 * away);
            }
        };
        for (const zoom of [11, 14, 16]) {
            map.setView([31.23, 121.45], zoom, { animate: false });
            check();
            map.panBy([900, 300], { animate: false });
            check();
        }
        return Math.max(...worst);
    }""")
    assert off_px < 2
    page.context.close()
