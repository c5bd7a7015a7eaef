"""A planner asks where the next one should go: form, job, map and curve under the strict policy."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.web.plan.conftest import MARKUP
from tests.web.siting.conftest import shop_folder  # noqa: F401 (a fixture)


@pytest.fixture(scope="module")
def server_url(shop_folder, tmp_path_factory):  # noqa: F811 (the fixture)
    with serving(tmp_path_factory.mktemp("server") / "log", shop_folder) as address:
        yield address


def test_a_planner_asks_and_sees_why_there_and_axe_finds_nothing(open_page):
    page = open_page("/plan/site?lang=zh")
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("选几处").fill("1")
    page.get_by_role("button", name="选地点").click()
    page.get_by_role("heading", name="为什么在这里").wait_for(timeout=60_000)
    assert "+60" in page.locator(".plan-figure").inner_text()
    page.locator(".chart canvas").first.wait_for()
    page.wait_for_load_state("networkidle")  # a map that is still drawn may move below the press
    frame = page.frame_locator(".plan-map iframe")
    mark = frame.get_by_role("button", name=f"1 {MARKUP}2")
    mark.click()
    frame.locator(".map-card").get_by_text("新够得到的人：60").wait_for()
    assert Axe().run(page).response["violations"] == []


def test_what_is_folded_stays_folded_until_it_is_wanted(open_page):
    page = open_page("/plan/site?lang=zh")
    assert not page.get_by_label("每处计划几张床").is_visible()
    assert not page.get_by_label("格点相隔（米）").is_visible()
    page.get_by_label("哪里都可以：按格点选").check()
    page.get_by_label("格点相隔（米）").fill("1000")
    page.locator("summary", has_text="几类机构一起选").click()
    page.get_by_label("养老院：几处").fill("1")
    page.get_by_label("养老院：多远（米）").fill("1000")
    page.get_by_role("button", name="选地点").click()
    page.get_by_role("heading", name="为什么在这里").wait_for(timeout=60_000)
    assert "人次够得到" in page.locator(".plan-figure").inner_text()
    assert page.get_by_label("养老院：几处").input_value() == "1"
    assert Axe().run(page).response["violations"] == []


def test_it_is_asked_and_answered_without_scripts_on_a_phone(open_page):
    path = "/plan/site?lang=zh&go=1&p=1&standard_m=1000"
    page = open_page(path, width=360, height=760, java_script_enabled=False)
    page.get_by_role("heading", name="为什么在这里").wait_for(timeout=60_000)
    assert page.locator("#curve tbody tr").count() == 3
    page.locator("label.for-form").click()
    expect(page.get_by_label("选几处")).to_be_visible()
