"""An office clerk checks a list in a real Chromium, with and without JavaScript."""

from __future__ import annotations

import csv

import openpyxl
import pytest
from playwright.sync_api import expect

LINES = [
    ["编号", "机构名称", "地址", "联系电话", "床位数", "经度", "纬度"],
    *(
        [f"{n:04}", f"第{n}敬老院", f"石油大街{n}号", f"0427-28{n:05}", "40", "122.07", "41.12"]
        for n in range(1, 74)
    ),
    ["0074", "", "石油大街74号", "二八零", "-3", "", ""],
    ["0075", "一家名字很长很长很长很长很长的养老服务中心", "地址" * 30, "x", "八十张", "0", "0"],
]


@pytest.fixture(scope="module")
def homes_gbk(tmp_path_factory):
    """A list of 75 homes as a spreadsheet program in China saves it."""
    path = tmp_path_factory.mktemp("office") / "盘锦养老机构.csv"
    with path.open("w", encoding="gbk", newline="") as lines:
        csv.writer(lines).writerows(LINES)
    return path


def check(page, path) -> None:
    page.set_input_files("#file", path)
    page.click(".form button[type=submit]")
    page.locator(".outcome").wait_for()


def download(page, folder):
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载批注副本").click()
    path = folder / "copy.xlsx"
    waiting.value.save_as(path)
    return waiting.value.suggested_filename, openpyxl.load_workbook(path)


@pytest.mark.parametrize("script", [True, False])
def test_a_clerk_finds_the_page_checks_a_list_and_takes_the_copy(
    open_page, homes_gbk, tmp_path, script
):
    page = open_page("/", java_script_enabled=script, accept_downloads=True)
    page.locator("footer").get_by_text("核对名单").click()
    check(page, homes_gbk)
    assert "75 行中有 74 行可用，1 行没有保留" in page.locator(".outcome").inner_text()
    first = page.locator(".findings tbody tr").first.inner_text()
    assert "第 75 行" in first
    assert "没有名称" in first
    page.locator(".counts a[href='#level_warning']").click()
    expect(page.locator("#level_warning tr").nth(2)).to_be_visible()
    name, book = download(page, tmp_path)
    assert name == "盘锦养老机构-核对结果.xlsx"
    sheet = book["名单"]
    assert [cell.value for cell in sheet[75][:3]] == ["0074", None, "石油大街74号"]
    assert "没有名称" in sheet.cell(75, 8).value
    assert sheet.cell(2, 8).value is None or "错误" not in sheet.cell(2, 8).value


def test_the_real_homes_of_taipei_can_all_be_used(open_page, data_folder, tmp_path):
    page = open_page("/check", accept_downloads=True)
    page.get_by_label("GPS、天地图").check()
    check(page, data_folder / "taipei" / "homes.csv")
    assert page.locator(".outcome").inner_text().startswith("全部 94 行可用")
    row = page.locator("#level_warning tr", has_text="電話").first.inner_text()
    assert "第 19 行" in row
    _, book = download(page, tmp_path)
    assert "电话" in book["名单"].cell(19, book["名单"].max_column).value


def test_too_large_a_file_is_answered_and_not_cut_off(chromium, server_url, tmp_path):
    path = tmp_path / "large.csv"
    path.write_bytes(b"name,beds\n" + b"x,1\n" * (12 * 2**20))
    context = chromium.new_context(base_url=server_url, locale="zh-CN")
    page = context.new_page()
    page.goto("/check")
    page.set_input_files("#file", path)
    page.click(".form button[type=submit]")
    page.locator("#file-fault").wait_for()
    assert "超过 32 MB" in page.locator("#file-fault").inner_text()
    context.close()


SMALL = """() => [...document.querySelectorAll("main a, main button, main select, main textarea, " +
        "main input:not([type=hidden]):not([type=radio]), label.choice")]
    .filter((each) => each.checkVisibility() && !each.closest("p, dd, .fault-summary"))
    .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
    .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""


@pytest.mark.parametrize(
    ("width", "scheme", "lang"),
    [(320, "light", "en"), (768, "dark", "zh"), (1440, "light", "en")],
)
def test_form_and_answer_fit_every_screen_and_reader(open_page, homes_gbk, width, scheme, lang):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(f"/check?lang={lang}", width=width, height=800, color_scheme=scheme)
    for step in ("form", "advanced", "answer"):
        if step == "advanced":
            page.locator("details.more summary").click()
        elif step == "answer":
            check(page, homes_gbk)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, step
        assert page.evaluate(SMALL) == [], step
        violations = Axe().run(page).response["violations"]
        found = [(each["id"], each["nodes"][0]["html"][:160]) for each in violations]
        assert found == [], step


def test_what_was_refused_is_shown_at_the_field(chromium, server_url, homes_gbk):
    context = chromium.new_context(base_url=server_url, locale="zh-CN")
    page = context.new_page()
    page.goto("/check")
    page.locator("details.more summary").click()
    page.fill("#crs", "999999")
    page.fill("#map", "床位数=床")
    page.set_input_files("#file", homes_gbk)
    page.click(".form button[type=submit]")
    page.locator(".fault-summary").wait_for()
    assert page.locator("#crs-fault").is_visible()
    assert page.locator("#map-fault").is_visible()
    assert page.input_value("#crs") == "999999"
    page.locator(".fault-summary a[href='#map']").click()
    assert page.evaluate("document.activeElement.id") == "map"
    context.close()
