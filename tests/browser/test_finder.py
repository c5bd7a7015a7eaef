"""Whole tasks in a real Chromium, on the layers that ship."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

MAP = "#map-frame"
#: A spot of the map, away from its middle, on which nothing stands.
EMPTY_GROUND = """map => {
    const {left, top, width, height} = map.getBoundingClientRect();
    for (let step = 2; step < 36; step += 1) {
        const x = left + width * (step % 6 + 0.5) / 6;
        const y = top + height * (Math.floor(step / 6) + 0.5) / 6;
        const hit = document.elementFromPoint(x, y);
        if (map.contains(hit) && !hit.closest("button, a, .leaflet-control")) return {x, y};
    }
}"""


def first_name(page) -> str:
    return page.locator(".card h3").first.inner_text()


def wait_for_list(page, heading: str) -> None:
    page.locator("#heading", has_text=heading).wait_for()
    page.locator("#results:not(.busy)").wait_for()


def search(page, text: str) -> None:
    page.fill("#q", text)
    page.press("#q", "Enter")


def wait_for_map(page):
    frame = page.frame_locator(MAP)
    frame.locator(".leaflet-container").wait_for()
    return frame


def test_a_family_types_a_district_and_reads_the_nearest_homes(open_page):
    page = open_page("/")
    wait_for_map(page)
    search(page, "静安区")
    wait_for_list(page, "静安区附近的养老机构")
    metres = page.locator(".card .distance strong").all_inner_texts()
    assert len(metres) == 10
    kilometres = [
        float(re.search(r"[\d.]+", each)[0]) / (1 if "公里" in each else 1000) for each in metres
    ]
    assert kilometres == sorted(kilometres)
    assert parse_qs(urlsplit(page.url).query)["q"] == ["静安区"]
    page.go_back()
    wait_for_list(page, "全国养老机构")


def test_a_click_on_the_map_changes_the_list_and_rounds_the_spot(open_page):
    page = open_page("/?q=静安区")
    frame = wait_for_map(page)
    before = first_name(page)
    page.wait_for_timeout(800)
    ground = frame.locator(".leaflet-container").evaluate(EMPTY_GROUND)
    box = page.locator(MAP).bounding_box()
    page.mouse.click(box["x"] + ground["x"], box["y"] + ground["y"])
    wait_for_list(page, "您选的位置附近的养老机构")
    spot = parse_qs(urlsplit(page.url).query)
    assert all(re.fullmatch(r"-?\d+(\.\d{1,3})?", spot[name][0]) for name in ("lon", "lat"))
    assert "q" not in spot
    assert page.locator(".card").count() == 10
    assert before


def test_a_card_leads_to_the_page_of_the_home_and_back(open_page):
    page = open_page("/?q=静安区")
    name = first_name(page)
    page.locator(".card h3 a").first.click()
    page.locator("h1", has_text=name).wait_for()
    assert page.locator(".fact-table .unknown").count() > 5
    page.frame_locator("iframe").locator(".leaflet-container").wait_for()
    page.locator(".back a").click()
    page.locator("#heading", has_text="静安区附近的养老机构").wait_for()


def test_filters_and_pages_change_the_list_in_place(open_page):
    page = open_page("/?q=上海市")
    page.locator("summary", has_text="机构类型").click()
    page.locator("#filters [value=rural_welfare_home]").check()
    page.locator("#applied .chip", has_text="敬老院").wait_for()
    assert page.evaluate("document.activeElement.value") == "rural_welfare_home"
    assert set(page.locator(".card .kind").all_inner_texts()) == {"敬老院"}
    page.locator("a[rel=next]").click()
    page.locator("ol.cards[start='11']").wait_for()
    assert page.evaluate("document.activeElement.id") == "heading"
    assert "page=2" in page.url


def test_list_and_map_highlight_each_other(open_page):
    page = open_page("/?q=静安区")
    wait_for_map(page)
    page.wait_for_timeout(500)
    card = page.locator(".card").first
    card.hover()
    assert "highlighted" in card.get_attribute("class")
    page.frame(url=re.compile("/map")).evaluate(
        "id => parent.postMessage({type: 'geomap:highlight', id}, location.origin)",
        page.locator(".card").nth(2).get_attribute("data-id"),
    )
    expect(page.locator(".card").nth(2)).to_contain_class("highlighted")


def test_the_finder_hears_only_its_own_map(open_page):
    page = open_page("/?q=静安区")
    address = page.url
    page.evaluate("postMessage({type: 'geomap:pick', lon: 100, lat: 30}, '*')")
    page.evaluate("postMessage({type: 'geomap:open', id: 'x'}, '*')")
    page.wait_for_timeout(300)
    assert page.url == address


def test_suggestions_are_chosen_by_keyboard(open_page):
    page = open_page("/")
    page.locator("#q").press_sequentially("静安", delay=30)
    page.locator("[role=option]").first.wait_for()
    assert page.get_attribute("#q", "aria-expanded") == "true"
    assert page.locator("[role=option]").count() <= 8
    page.press("#q", "ArrowDown")
    active = page.get_attribute("#q", "aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    assert page.locator(f"#{active} mark").inner_text() == "静安"
    page.press("#q", "Enter")
    wait_for_list(page, "静安区附近的养老机构")
    assert page.locator("[role=option]").count() == 0 or page.locator("#suggestions").is_hidden()


def test_escape_closes_suggestions_then_clears(open_page):
    page = open_page("/")
    page.locator("#q").press_sequentially("静安", delay=30)
    page.locator("[role=option]").first.wait_for()
    page.press("#q", "Escape")
    assert page.locator("#suggestions").is_hidden()
    assert page.input_value("#q") == "静安"
    page.press("#q", "Escape")
    assert page.input_value("#q") == ""


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("/", "正在准备地名"), ("/?lang=en", "place names are being prepared")],
)
def test_suggestions_say_once_that_names_are_still_prepared(open_page, address, sentence):
    page = open_page(address)
    answer = {"results": [], "preparing": True}
    page.route("**/find/suggestions", lambda route: route.fulfill(json=answer))
    said = page.locator("form p[role=status]")
    page.fill("#q", "静安")
    page.get_by_text(sentence).locator("visible=true").wait_for()
    assert page.get_attribute("#q", "aria-expanded") == "false"
    assert page.locator("[role=listbox]").is_hidden()
    said.filter(has_text=sentence).wait_for(state="attached")
    page.locator("#q").press_sequentially("寺", delay=30)
    said.filter(has_not_text=sentence).wait_for(state="attached")
    assert page.locator(".suggestions .note").is_visible()
    page.unroute("**/find/suggestions")
    page.press("#q", "Backspace")
    page.locator("[role=option]").first.wait_for()
    assert page.locator(".suggestions .note").is_hidden()


def test_nothing_is_suggested_while_an_input_method_composes(open_page):
    page = open_page("/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.focus("#q")
    page.evaluate("""() => {
        const box = document.getElementById("q");
        box.value = "jing an";
        box.dispatchEvent(new InputEvent("input", {isComposing: true, bubbles: true}));
    }""")
    page.wait_for_timeout(400)
    assert [each for each in asked if "/search" in each] == []


def test_my_position_is_rounded_before_it_leaves(open_page):
    page = open_page(
        "/",
        geolocation={"longitude": 121.4737011, "latitude": 31.2304161},
        permissions=["geolocation"],
    )
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#locate").click()
    wait_for_list(page, "您选的位置附近的养老机构")
    assert any("lon=121.474&lat=31.23" in each for each in asked)
    assert not any("121.4737" in each or "31.2304" in each for each in asked)


def test_without_javascript_search_list_detail_and_paging_work(open_page):
    page = open_page("/", java_script_enabled=False)
    page.fill("#q", "静安区")
    page.press("#q", "Enter")
    expect(page.locator("h1")).to_have_text("静安区附近的养老机构")
    expect(page.locator(".card")).to_have_count(10)
    assert page.locator("#locate").is_hidden()
    page.locator("a[rel=next]").click()
    expect(page.locator("ol.cards")).to_have_attribute("start", "11")
    page.locator(".card h3 a").first.click()
    expect(page.locator(".fact-table").nth(3)).to_be_visible()


def test_on_a_phone_the_first_home_is_seen_and_nothing_scrolls_sideways(open_page):
    for width in (320, 360, 768, 1440):
        page = open_page("/?q=静安区", width=width, height=760)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width == 360:
            box = page.locator(".card").first.bounding_box()
            assert page.locator(".card h3").first.bounding_box()["y"] < 400
            assert box["y"] + box["height"] < 720


@pytest.mark.parametrize("width", [360, 1440])
def test_every_target_is_large_enough(open_page, width):
    for path in ("/?q=静安区", "/?q=朝阳", "/places?q=静安"):
        page = open_page(path, width=width, height=800)
        small = page.evaluate("""() => [...document.querySelectorAll(
                "a:not(.skip), button, summary, label, input:not(label input)")]
            .filter((each) => each.checkVisibility())
            .filter((each) => !each.closest(".visually-hidden, .notice, h3, .prose, dd"))
            .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
            .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
            .map(([html, box]) => `${html} ${box.width}x${box.height}`)""")
        assert small == []


PAGES = [
    "/",
    "/?q=静安区",
    "/?q=朝阳",
    "/?q=颐养",
    "/?q=无此地方xyz",
    "/places?q=静安",
    "/about",
    "/?lon=x",
    "/nothing",
]


@pytest.mark.parametrize(
    ("width", "scheme", "lang"), [(360, "light", "zh"), (1440, "light", "en"), (1440, "dark", "zh")]
)
def test_pages_have_no_accessibility_violation(chromium, server_url, width, scheme, lang):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(
        viewport={"width": width, "height": 800}, base_url=server_url, color_scheme=scheme
    )
    page = context.new_page()
    found = {}
    facility = context.request.get("/api/v1/facilities?limit=1").json()["features"][0]["id"]
    for path in [*PAGES, f"/facilities/{facility}?q=静安区"]:
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        if page.locator("iframe").count():
            page.locator("iframe").scroll_into_view_if_needed()  # below, it is not loaded yet
            page.frame_locator("iframe").locator(".leaflet-container").wait_for()
        violations = Axe().run(page).response["violations"]
        if violations:
            found[path] = [(each["id"], each["nodes"][0]["html"][:160]) for each in violations]
    context.close()
    assert found == {}
