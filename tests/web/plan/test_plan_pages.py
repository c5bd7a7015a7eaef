"""The planner's page says who is within reach, by which clause, with and without scripts."""

from __future__ import annotations

import io
import re
import time

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from flask import get_template_attribute

from geomap.web.plan.measures import MEASURES

MARKUP = "<b>甲</b>{{7*7}}</script>"


def page(client, address="/plan", status=200):
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == status, answer.text[:2000]
    return BeautifulSoup(answer.text, "html.parser")


def table_of(soup, heading):
    section = soup.find("h2", id=heading).find_parent("section")
    return [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in section.find("table").find_all("tr")
    ]


def test_the_figure_is_said_first_with_its_kind_and_its_clause(planner):
    soup = page(planner, "/plan?lang=zh")
    assert soup.h1.get_text(strip=True) == "谁还没有被服务到"
    told = soup.select_one(".plan-figure").get_text(" ", strip=True)
    assert "30.0% 的 60 岁及以上老人在直线 1,000 米距离内有机构" in told
    assert "30 人够得到，70 人够不到" in told
    assert "GB 50180" in told
    assert "2 家停办、在建或规划中，没有算" in told


def test_areas_stand_in_order_of_the_people_out_of_reach_and_sort_by_a_link(planner):
    soup = page(planner, "/plan?lang=zh")
    rows = table_of(soup, "areas-heading")
    assert [row[0] for row in rows[1:3]] == ["乙区", MARKUP]
    assert rows[1][1:4] == ["60", "60", "0"]
    link = next(a["href"] for a in soup.select("thead a") if "够得到的人占比" in a.text)
    again = page(planner, link)
    assert table_of(again, "areas-heading")[1][0] == MARKUP
    assert again.select_one("th[aria-sort]")["aria-sort"] == "descending"


def test_another_number_is_worked_out_and_says_that_it_has_no_clause(planner):
    soup = page(planner, "/plan?lang=zh&rule=&standard_m=5000")
    told = soup.select_one(".plan-figure").get_text(" ", strip=True)
    assert "直线 5,000 米" in told
    assert "40.0%" in told
    assert "您自己定的数" in told


def test_another_rule_pack_and_bed_norm_are_held_against_the_areas(planner):
    usual, own = (page(planner, f"/plan?lang=zh{more}") for more in ("", "&beds=90"))
    assert "要求不低于 40 张/千名老人" in usual.text
    assert "要求不低于 90 张/千名老人" in own.text
    assert "使用者改动" in own.text
    henan = page(planner, "/plan?lang=zh&pack=henan")
    assert henan.find(id="rules-heading") is None or "河南" in henan.find(id="rules-heading").text


def test_an_area_is_asked_about_by_its_code_and_its_total_is_its_own(planner):
    soup = page(planner, "/plan?lang=zh&area=410103&go=1")
    assert "0 人够得到，60 人够不到" in soup.text
    assert "乙区" in soup.h1.text


def test_indicators_come_with_formula_source_base_and_what_is_unknown(planner):
    section = page(planner, "/plan?lang=zh").find("h2", id="indicators-heading").parent
    found = [
        {cells[0]: cells for row in table.select("tbody tr")
         if (cells := [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])])}
        for table in section.select("table")
    ]  # fmt: skip
    known, unknown = found
    assert not known.keys() & unknown.keys()
    assert all(row[1] == "未知" for row in unknown.values())
    by_name = known | unknown
    assert len(by_name) == len(MEASURES)
    assert by_name["每千名老年人养老床位数"][1] == "100 张/千人"
    assert "床位总数 ÷ 60 岁及以上人口" in by_name["每千名老年人养老床位数"][4]
    assert by_name["入住率"][1] == "未知"


def test_every_chart_has_its_table(planner):
    soup = page(planner, "/plan?lang=zh")
    charts = soup.select(".chart")
    assert charts
    for chart in charts:
        cells = soup.find(id=chart["data-table"]).select("td[data-value]")
        assert cells
        assert all(float(cell["data-value"]) is not None for cell in cells)


def test_two_days_are_compared(planner):
    soup = page(planner, "/plan?lang=zh")
    days = [each.text for each in soup.select("#changes select[name=until] option")]
    assert days == ["2025-07-01", "2025-01-01", "2024-01-01"]
    told = soup.find(id="changes").get_text(" ", strip=True)
    assert "列入关注名单 ：1 家" in told or "列入关注名单：1 家" in told
    values = {each.text: each["value"] for each in soup.select("select[name=since] option")}
    query = f"since={values['2024-01-01']}&until={values['2025-07-01']}"
    told = page(planner, f"/plan?lang=zh&{query}").find(id="changes").get_text("", strip=True)
    assert "床位变化：1 家" in told
    assert "8 → 10" in told
    assert "2 → 3" in told


def test_a_first_rating_was_unknown_before_not_none(planner):
    row = {"name": "甲", "type": "养老院", "was": "", "now": "3", "href": None}
    group = {"kind": "rating", "label": "评级变化", "count": 1, "net": 0, "rows": [row], "more": 0}
    with planner.application.test_request_context("/plan?lang=zh"):
        told = get_template_attribute("plan_parts.html", "changed")(group)
    assert "未知 → 3" in told


@pytest.mark.parametrize("name", ["number", "endpoint", "_anchor", "_scheme", "_external"])
def test_no_parameter_of_an_address_stops_a_page(planner, slow, name):
    job = slow.get("/plan?go=1").location
    assert slow.get(f"{job}&{name}=x").status_code in (200, 303)
    for address in ("/plan?", "/plan/map?go=1&", "/?", "/favourites?"):
        assert planner.get(f"{address}&{name}=x").status_code == 200


def test_numbers_of_one_column_have_as_many_decimals(planner):
    rows = table_of(page(planner, "/plan?lang=zh"), "areas-heading")
    at = next(n for n, head in enumerate(rows[0]) if "占比" in head)
    assert [row[at] for row in rows[1:]] == ["0", "75.0", "30.0"]


def test_names_stay_text_on_the_page_and_in_the_map(planner):
    answer = planner.get("/plan?lang=zh")
    assert MARKUP not in answer.text
    assert "49" not in [each.text for each in BeautifulSoup(answer.text, "html.parser").select("a")]
    script = planner.get("/plan/map/script.js?lang=zh&go=1").text
    assert "</script>" not in script.replace("<\\/script>", "")
    assert "{{7" not in script


def test_every_source_is_ours_and_nothing_stands_inline(planner):
    for address in ("/plan?lang=zh", "/plan/map?go=1"):
        soup = page(planner, address)
        for tag, name in (("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src")):
            assert all(each[name].startswith("/") for each in soup.find_all(tag))
        assert not soup.select("[style], [onclick]")
        assert not [each for each in soup.find_all("script") if each.string]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "gpkg", "geojson", "parquet"])
@pytest.mark.parametrize("table", ["areas", "gaps", "changes"])
def test_tables_leave_as_files(planner, table, kind, tmp_path):
    answer = planner.get(f"/plan/{table}.{kind}?go=1&lang=en")
    assert answer.status_code == 200
    path = tmp_path / f"t.{kind}"
    path.write_bytes(answer.data)
    read = {"csv": pd.read_csv, "xlsx": pd.read_excel, "parquet": gpd.read_parquet}
    frame = read.get(kind, gpd.read_file)(path)
    assert len(frame)
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        cells = [cell for row in book.active.iter_rows() for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
        inside = "Longitude of a point inside" if table != "changes" else "lon"
        assert frame[inside].between(105, 105.2).all()


@pytest.mark.parametrize("query", ["standard_m=x&rule=", "standard_m=0&rule=", "beds=-1",
                                   "speed_mps=1e9", "rule=a.b", "pack=no", "method=fly",
                                   "rule=national.beds_per_1000"])  # fmt: skip
def test_what_cannot_be_asked_is_said_at_the_form(planner, query):
    soup = page(planner, f"/plan?lang=zh&{query}", status=400)
    assert soup.select_one(".fault-summary a")
    assert soup.select_one("form select[name=rule]")
    assert "None" not in soup.get_text()


def test_a_walk_without_streets_is_refused_with_what_to_import(planner):
    assert page(planner, "/plan?lang=zh").select_one("input[value=walk][disabled]")
    soup = page(planner, "/plan?lang=zh&method=walk", status=400)
    assert "路网" in soup.select_one(".fault-summary").text


def test_an_area_that_is_not_there_is_said_at_the_form(planner):
    soup = page(planner, "/plan?lang=zh&area=999999", status=404)
    assert "999999" in soup.select_one(".fault-summary").text


def test_without_demand_and_areas_it_says_what_to_import(make_client, town):
    client = make_client(town)
    soup = page(client, "/plan?lang=zh&area=310106&go=1")
    told = soup.select_one(".plan-needs").text
    assert "--as demand" in told
    assert "--as areas" in told
    assert "没有人口数据" in soup.select_one(".plan-figure").text
    assert "空白区" in soup.text


def test_english_says_the_same(planner):
    soup = page(planner, "/plan?lang=en")
    assert soup.h1.get_text(strip=True) == "Who is not served yet"
    told = soup.select_one(".plan-figure").get_text(" ", strip=True)
    assert "30.0% of people aged 60 and over have a facility within 1,000 m" in told
    for each in soup.select("#areas tbody th a"):
        assert each.get("lang") == "zh"


@pytest.fixture
def slow(make_planner, town_folder, tmp_path, monkeypatch):
    """A planner that has no patience: every question is a job."""
    import shutil

    folder = tmp_path / "slow"
    shutil.copytree(town_folder, folder)
    monkeypatch.setattr("geomap.web.plan.working.MOST_AREAS", 0)
    client = make_planner(folder)
    yield client
    desk = client.application.extensions["geomap_plan"]
    for each in desk.jobs.all():
        desk.jobs.cancel(each.id)


def test_long_work_is_a_job_with_a_bar_that_leads_to_the_answer(slow):
    first = slow.get("/plan?lang=zh&standard_m=2000&rule=")
    assert first.status_code == 303
    assert "/plan/jobs/" in first.location
    waiting = slow.get(first.location)
    end = time.monotonic() + 60
    while waiting.status_code == 200:
        soup = BeautifulSoup(waiting.text, "html.parser")
        assert soup.select_one("progress")
        assert soup.select_one(".plan-job form[method=post] button").text == "取消"
        assert soup.select_one("noscript meta[http-equiv=refresh]")["content"] == "2"
        shown = soup.select_one("#job")
        part = slow.get(shown["data-part"])
        assert part.status_code == 303 or 'id="job-said"' in part.text
        assert "<html" not in part.text
        assert time.monotonic() < end
        time.sleep(0.3)
        waiting = slow.get(first.location)
    assert waiting.status_code == 303
    part = slow.get(shown["data-part"])
    assert (part.status_code, part.location) == (303, waiting.location)
    assert shown["data-back"] == waiting.location
    soup = page(slow, waiting.location)
    assert "直线 2,000 米" in soup.select_one(".plan-figure").text


def test_a_table_that_is_not_worked_out_yet_leads_to_its_job(slow):
    answer = slow.get("/plan/areas.csv?standard_m=3000&rule=")
    assert answer.status_code == 303
    assert "/plan/jobs/" in answer.location


def test_a_question_leads_back_from_its_job_with_every_digit(slow):
    location = slow.get("/plan?standard_m=12345.67&rule=").location
    assert "standard_m=12345.67" in location


def test_a_job_is_cancelled_by_a_button_and_can_be_started_again(slow):
    address = slow.get("/plan?lang=zh&go=1").location
    number = re.search(r"/jobs/(\w+)", address)[1]
    away = {"Sec-Fetch-Site": "cross-site"}
    slow.post(f"/plan/jobs/{number}/cancel", headers=away)
    desk = slow.application.extensions["geomap_plan"]
    assert desk.jobs.find(number).state in ("queued", "running")
    soup = page_of(slow.post(f"/plan/jobs/{number}/cancel?lang=zh", follow_redirects=True))
    assert "已取消" in soup.text
    assert soup.select_one("a.primary").text == "再算一次"


def page_of(answer):
    return BeautifulSoup(answer.text, "html.parser")


def test_a_first_visit_to_much_data_starts_nothing(slow):
    soup = page(slow, "/plan?lang=zh")
    assert "请先选地区" in soup.text
    assert slow.application.extensions["geomap_plan"].jobs.all() == []
