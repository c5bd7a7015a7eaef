"""A planner sees who is out of reach, on a map and in charts that keep the strict policy."""

from __future__ import annotations

import pytest

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
    assert page.get_by_label("距离标准").is_visible()
    assert page.locator("#areas tbody tr").count() == 2
