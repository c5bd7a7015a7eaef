"""A planner sees who is out of reach, on a map and in charts that keep the strict policy."""

from __future__ import annotations

import fcntl
import json
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.web.plan.conftest import MARKUP, town_folder  # noqa: F401 (a fixture)


@pytest.fixture(scope="module")
def server_url(town_folder, tmp_path_factory):  # noqa: F811 (the fixture)
    with serving(tmp_path_factory.mktemp("server") / "log", town_folder) as address:
        yield address


def test_a_planner_changes_the_standard_and_map_table_and_chart_follow(open_page):
    page = open_page("/plan?lang=zh")
    assert "30.0%" in page.locator(".plan-figure").inner_text()
    frame = page.frame_locator(".plan-map iframe")
    frame.locator(".plan-legend").get_by_text("空白区：标准距离内没有机构").wait_for()
    assert frame.locator(".leaflet-planGaps-pane path").count() >= 2
    frame.get_by_label("按指标着色").uncheck()
    assert frame.locator("pattern#plan-gap").count() == 1
    assert frame.locator("path[fill='url(#plan-gap)']").count() >= 2
    page.locator(".chart canvas").first.wait_for()

    page.get_by_label("距离标准").select_option("")
    page.get_by_label("自己定的距离（米）").fill("5000")
    page.get_by_role("button", name="重新计算").click()
    page.get_by_text("直线 5,000 米").wait_for()
    assert "40.0%" in page.locator(".plan-figure").inner_text()
    page.get_by_role("link", name=MARKUP).click()
    page.get_by_text("40 人够得到，0 人够不到").wait_for()


def test_the_page_says_the_same_without_scripts_and_fits_a_phone(open_page):
    page = open_page("/plan?lang=zh", width=360, height=760, java_script_enabled=False)
    assert "30.0%" in page.locator(".plan-figure").inner_text()
    assert not page.locator(".plan-form form").is_visible()
    page.locator("label.for-form").click()
    expect(page.get_by_label("距离标准")).to_be_visible()
    assert page.locator("#areas tbody tr").count() == 2


def test_a_job_is_watched_without_loading_its_page_again(open_page, town_folder):  # noqa: F811 (the fixture)
    place = town_folder / "jobs" / ("f" * 20)
    place.mkdir(parents=True)
    (place / "asked.json").write_text("{}")

    def now(state, share):
        told = {"id": place.name, "state": state, "step": "gaps", "number": 3, "of_steps": 6,
                "share": share, "began_at": time.time(), "pid": 1}  # fmt: skip
        (place / "state.json").write_text(json.dumps(told))

    with (place / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as the process that works at it does
        now("running", 0.1)
        page = open_page(f"/plan/jobs/{place.name}?lang=zh&standard_m=5000")
        page.evaluate("globalThis.sameDocument = true")
        page.locator("#job-said", has_text="第 3 步（共 6 步）：找空白区，10%").wait_for()
        button = page.get_by_role("button", name="取消")
        button.focus()
        now("running", 0.6)
        page.locator("#job-told", has_text="60%").wait_for(state="attached")
        assert page.locator("progress").evaluate("bar => bar.value") == 60
        assert page.evaluate("globalThis.sameDocument")
        assert button.evaluate("node => node === document.activeElement")
        now("done", 1)
        page.get_by_text("直线 5,000 米").wait_for()
    assert "40.0%" in page.locator(".plan-figure").inner_text()


def test_a_press_on_a_map_partly_out_of_view_opens_the_symbol_and_moves_nothing(open_page):
    page = open_page("/plan?lang=zh", height=500)
    frame = page.frame_locator(".plan-map iframe")
    symbol = frame.get_by_role("button", name="h养老院")
    symbol.wait_for()
    page.wait_for_timeout(1_000)  # the map settles in its frame
    box = symbol.bounding_box()
    page.evaluate("y => scrollBy(0, y - innerHeight + 60)", box["y"] + box["height"])
    box, before = symbol.bounding_box(), page.evaluate("scrollY")
    assert page.locator(".plan-map iframe").bounding_box()["height"] + box["y"] > 500
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x, y, delay=150)
    frame.locator(".map-card").get_by_text("h养老院").wait_for()
    assert page.evaluate("scrollY") == before
