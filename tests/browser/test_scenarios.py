"""A planner tries changes out on the map of real Taipei: presses fill the form, figures follow."""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import move, serving
from tests.web.siting.conftest import taipei_folder  # noqa: F401 (a fixture)

WITHIN_500_M = "standard_m=500&go=1"
RANGE = "#scenario-range"
#: One of the real stations, which stands by itself.
STATION, STATION_AT = "臺北市中山區劍潭里辦公處", (25.084918, 121.538043)


@dataclass
class Server:
    """A server over a workspace that can be ended and started again."""

    folder: object
    logs: object
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> str:
        self.stack.close()
        return self.stack.enter_context(serving(self.logs / "log", self.folder))


@pytest.fixture(scope="module")
def server(taipei_folder, tmp_path_factory):  # noqa: F811 (the fixture)
    here = tmp_path_factory.mktemp("scenarios")
    shutil.copytree(taipei_folder, here / "taipei")
    made = Server(here / "taipei", here)
    with made.stack:
        yield made


@pytest.fixture(scope="module")
def server_url(server):
    return server.start()


def begun(page, name):
    """Make a scenario; its page, by cover within 500 m."""
    page.get_by_label("名称").fill(name)
    page.get_by_role("button", name="建这个方案").click()
    page.locator("#change-form").wait_for()
    page.goto(f"{page.url.split('?')[0]}?lang=zh&{WITHIN_500_M}")
    return drawn(page)


def drawn(page):
    """Wait for the map, and bring it into view."""
    page.locator(".plan-map").scroll_into_view_if_needed()
    page.frame_locator(".plan-map iframe").locator(".scenario-handle").wait_for()
    page.locator(".plan-map iframe[style*=height]").wait_for()
    return page


def the_map(page):
    return page.locator(".plan-map iframe").element_handle().content_frame()


def press(page, lat, lon):
    """Press a place on the map, which comes into view first."""
    frame = the_map(page)
    move(frame, lat, lon, 16)
    page.wait_for_timeout(400)  # the symbols of this view
    box = frame.locator(".leaflet-container").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def out_of_reach(page):
    """Where the most people out of reach live."""
    lon, lat = the_map(page).evaluate("map_1.geomap.scenario.people.beyond[0].at")
    return lat, lon


def covered(page) -> list[int]:
    """The people within reach now, with the changes, and the difference, as the table says."""
    row = page.locator(".scenario-both tr", has_text=re.compile("^够得到的人[^占]")).first
    texts = row.locator("td").all_inner_texts()
    return [
        int(re.match(r"[+−-]?[\d,]+", each)[0].translate({0x2212: "-", 0x2C: None}))
        for each in texts
    ]


def save(page):
    """Send the form, and wait for what it gives."""
    count = page.locator(".scenario-changes tbody tr").count()
    page.get_by_role("button", name="加进方案").click()
    page.locator(".scenario-changes tbody tr").nth(count).wait_for()
    drawn(page)


def filled(page) -> dict[str, str]:
    names = ["facility_id", "lon", "lat", "beds"]
    given = {name: page.locator(f"#change-form [name={name}]").input_value() for name in names}
    return {**given, "kind": page.locator("[name=kind]:checked").get_attribute("value")}


def add_centre(page, lat, lon):
    press(page, lat, lon)
    page.locator("#change-told", has_text="已取地图上的位置").wait_for()
    page.get_by_label("新机构的类型").select_option("community_center")
    save(page)


def choose_station(page):
    frame = the_map(page)
    move(frame, *STATION_AT, 17)
    # Where it is to go, or be changed, its mark lies over its symbol.
    marks = frame.locator(".leaflet-scenarioMarks-pane")
    named = {"name": re.compile(STATION)}
    marked = marks.get_by_role("button", **named)
    (marked if marked.count() else frame.get_by_role("button", **named)).first.click()
    page.locator("#change-told", has_text=f"已选：{STATION}").wait_for()


def test_presses_on_the_map_add_move_close_and_enlarge_and_every_figure_follows(open_page):
    page = begun(open_page("/plan/scenarios?lang=zh"), "五处新中心")
    before, after, change = covered(page)
    assert (after, change) == (before, 0)

    spot = out_of_reach(page)
    add_centre(page, *spot)
    _, added, change = covered(page)
    assert added - before == change > 100
    frame = the_map(page)
    assert frame.get_by_text("改动后新够得到的人").count() == 2  # a box and a line of the legend

    choose_station(page)
    assert filled(page)["kind"] == "close"
    assert page.evaluate("document.activeElement.name") == "kind"
    station = filled(page)["facility_id"]
    save(page)
    assert covered(page)[1] <= added

    page.get_by_role("button", name="撤销最后一步").click()
    page.locator(".scenario-changes tbody tr").nth(1).wait_for(state="detached")
    assert covered(page)[1] == added

    choose_station(drawn(page))
    the_map(page).get_by_role("button", name="搬到别处").click()
    press(page, spot[0] + 0.02, spot[1])
    page.locator("#change-told", has_text=f"“{STATION}”搬到").wait_for()
    given = filled(page)
    assert (given["kind"], given["facility_id"]) == ("move", station)
    assert float(given["lat"]) == pytest.approx(spot[0] + 0.02, abs=1e-4)
    save(page)
    assert the_map(page).locator(".leaflet-scenarioMarks-pane .scenario-hollow").count() == 1

    choose_station(page)
    page.get_by_label("改床位").check()
    page.get_by_label("床位（张）").fill("60")
    save(page)
    assert page.locator(".scenario-changes tbody tr").count() == 3
    legend = the_map(page).locator(".plan-legend").inner_text()
    assert "新建" in legend
    assert "迁址" in legend
    assert "关停" not in legend
    assert Axe().run(page).response["violations"] == []


def test_the_line_between_before_and_after_is_moved_by_keys_buttons_and_its_handle(open_page):
    page = begun(open_page("/plan/scenarios?lang=zh"), "前后")
    add_centre(page, *out_of_reach(page))
    frame = the_map(page)
    clips = "name => map_1.getPane(name).style.clipPath.match(/-?[\\d.]+px/g).map(parseFloat)"

    def widths():
        corners = [frame.evaluate(clips, f"{side}People") for side in ("before", "after")]
        return [round(each[2] - each[0]) for each in corners]

    whole = sum(widths())
    assert abs(widths()[0] - widths()[1]) <= 1
    slider = frame.locator(RANGE)
    slider.focus()
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "左边 0% 是改动前，右边是改动后")
    assert widths() == [0, whole]
    assert "改动后新够得到的人" in frame.locator(".plan-legend").inner_text()
    slider.press("End")
    assert widths() == [whole, 0]
    assert "改动后新够得到的人" not in frame.locator(".plan-legend").inner_text()
    slider.press("ArrowLeft")
    assert slider.input_value() == "99"
    frame.get_by_role("button", name="对半").click()
    assert slider.input_value() == "50"

    handle = frame.locator(".scenario-handle").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + whole / 4, y, steps=3)
    page.mouse.up()
    assert slider.input_value() == "75"
    page.reload()
    assert the_map(drawn(page)).locator(RANGE).input_value() == "75"
    assert not page.locator("#change-told").inner_text()  # dragging is not a press


def test_a_place_is_taken_with_keys_alone_on_a_small_dark_screen_where_all_fits(open_page):
    page = open_page("/plan/scenarios?lang=zh", width=360, height=760, color_scheme="dark")
    frame = the_map(begun(page, "键盘"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert Axe().run(page).response["violations"] == []
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight + 2")
    targets = frame.locator(".geomap button, .geomap summary, .geomap input[type=range]")
    boxes = [each.bounding_box() for each in targets.all()]
    assert [box for box in boxes if box and box["height"] < 43.5] == []

    frame.get_by_role("button", name="用地图中心").press("Enter")
    page.locator("#change-told", has_text="已取地图上的位置").wait_for()
    assert page.evaluate("document.activeElement.name") == "name"
    first = filled(page)
    page.get_by_role("button", name="在地图上选位置").press("Enter")
    frame.locator(".leaflet-container:focus").wait_for()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(600)  # the map moves
    page.keyboard.press("Enter")
    expect(page.locator("#lon")).not_to_have_value(first["lon"])
    assert float(filled(page)["lon"]) > float(first["lon"])
    picked = frame.locator(".leaflet-scenarioPicked-pane .map-point")
    assert picked.count() == 1

    taken = filled(page)
    page.evaluate("postMessage({geomap: 'scenario', lon: 1, lat: 2, facility: null}, '*')")
    frame.evaluate("postMessage({geomap: 'scenario', shown: null}, '*')")
    page.wait_for_timeout(300)
    assert filled(page) == taken  # only the map is heard here, and only the page there
    assert picked.count() == 1


def test_what_was_saved_is_there_when_the_server_was_ended_and_started_again(
    server_url, server, chromium
):
    parts = (".scenario-changes", ".scenario-both")
    with opened(chromium, server_url) as page:
        page.goto("/plan/scenarios?lang=zh")
        begun(page, "重启")
        add_centre(page, *out_of_reach(page))
        path = page.url.removeprefix(server_url).split("#")[0]
        said = [page.locator(each).inner_text() for each in parts]
    with opened(chromium, server.start()) as page:
        page.goto(path)
        assert [page.locator(each).inner_text() for each in parts] == said


@contextmanager
def opened(chromium, address):
    context = chromium.new_context(base_url=address, locale="zh-CN")
    yield context.new_page()
    context.close()
