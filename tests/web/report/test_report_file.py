"""The report stands alone, says what the review found, and shows hostile names as texts."""

from __future__ import annotations

import io
import re
from datetime import date

import numpy as np
import pytest
from bs4 import BeautifulSoup

from tests.browser.test_payloads import PAYLOADS
from tests.web.report.conftest import MADE_ON


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def part(page: BeautifulSoup, key: str) -> BeautifulSoup:
    return page.select_one(f"#{key}").find_parent("section")


def rows_of(table) -> dict[str, list[str]]:
    return {
        row.th.get_text(strip=True): [cell.get_text(strip=True) for cell in row.select("td")]
        for row in table.select("tbody tr")
    }


@pytest.fixture(scope="module")
def town(write):
    return write(since=date(2024, 6, 1), by="某县民政局")


def test_the_figures_are_those_of_the_town_counted_by_hand(town):
    page = soup(town[0])
    said = part(page, "summary").get_text()
    assert "30.0%" in said
    assert "30 人够得到，70 人够不到" in said
    areas = rows_of(part(page, "areas").table)
    assert areas["乙区"][:3] == ["60", "60", "0"]
    assert areas["<b>甲</b>{{7*7}}</script>"][:3] == ["40", "10", "75.0"]
    assert areas["合计"][:3] == ["100", "70", "30.0"]


def test_what_is_written_is_what_the_review_found(town):
    html, found = town
    page = soup(html)
    listed = rows_of(part(page, "areas").table)
    for row in found.areas.to_dict("records"):
        people, uncovered, share = listed[row["name"]][:3]
        assert float(people.replace(",", "")) == round(row["people"])
        assert float(uncovered.replace(",", "")) == round(row["uncovered"])
        assert float(share) == pytest.approx(row["share"] * 100, abs=0.05)
    gaps = part(page, "gaps").select("tbody tr")
    assert len(gaps) == len(found.gaps)
    for told, row in zip(gaps, found.gaps.to_dict("records"), strict=True):
        _number, people, km2, nearest, _far = (cell.get_text() for cell in told.select("td"))
        assert float(people.replace(",", "")) == round(row["population"])
        assert float(km2.replace(",", "")) == pytest.approx(row["area_km2"], rel=0.01)
        assert nearest == "h养老院"
    defined = part(page, "indicators").select(".defined tbody tr")
    assert all(row.select("td")[3].get_text() for row in defined)  # each says its formula
    beds = next(row for row in defined if row.th.get_text() == "每千名老年人养老床位数")
    value = found.whole["beds_per_1000_aged_60"].iloc[0]
    assert float(beds.td.find(string=True)) == pytest.approx(value, rel=0.01) == 100


def test_standards_come_with_their_clause_and_how_sure_it_is(town):
    (first, *_others) = part(soup(town[0]), "standards").select("tbody tr")
    assert "GB 50437" in first.th.get_text()
    assert "见他处转载或报道" in first.th.get_text()
    assert "40" in first.td.get_text()


def test_areas_without_a_facility_in_service_are_named(town):
    told = part(soup(town[0]), "far")
    assert told.h3.get_text(" ", strip=True) == "没有在营机构的地区 1"
    assert [each.get_text(strip=True) for each in told.select(".todo li")] == ["乙区"]


def test_changes_since_a_day_are_told_with_the_figures_of_then(town):
    told = part(soup(town[0]), "changes")
    assert "2024-06-01" in told.get_text()
    figures = rows_of(told.table)
    assert figures["床位"] == ["8", "10", "+2"]
    assert figures["够得到的人"] == ["30", "30", "0"]
    changed = {each.get_text(" ", strip=True): each.find_next_sibling() for each in
               told.select("h3")}  # fmt: skip
    assert "8 → 10" in changed["床位变化 1"].get_text()
    assert "2 → 3" in changed["评级变化 1"].get_text()


def test_without_anything_that_old_the_oldest_state_is_compared_with_and_named(write):
    said = part(soup(write(since=date(2020, 1, 1))[0]), "changes").get_text()
    assert "没有保存 2020-01-01 的数据" in said
    assert "2024-01-01" in said
    said = part(soup(write(since=date(2025, 8, 1))[0]), "changes").get_text()
    assert "没有变化" in said


def test_it_stands_alone(town):
    page = soup(town[0])
    assert not page.find_all(["script", "link", "iframe", "object", "form"])
    assert "default-src 'none'" in page.select_one("meta[http-equiv]")["content"]
    for element in page.select("*"):
        assert not any(name.startswith("on") or name == "style" for name in element.attrs)
        assert element.get("src", "data:").startswith("data:image/svg+xml;base64,") or not (
            element.get("src")
        )
        assert element.get("href", "#").startswith("#")
    anchors = {each["href"][1:] for each in page.select(".contents a")}
    assert anchors == {each["id"] for each in page.select("main h2")}
    assert len(page.select("h1")) == 1


def test_it_can_be_signed(town):
    page = soup(town[0])
    cover = page.select_one(".cover").get_text()
    assert "某县民政局" in cover
    assert "2025年9月1日" in cover
    assert [each.get_text() for each in page.select(".sign-who")] == ["编制", "审核", "签发"]


def test_the_same_data_give_the_same_file(write, town):
    assert write(since=date(2024, 6, 1), by="某县民政局")[0] == town[0]


def test_invented_data_are_labelled_on_every_page(write, tmp_path):
    from geomap.data.demos.demo import demo_of

    demo_of(tmp_path / "demo", city=None, size=30, seed=1, today=MADE_ON)
    html, _found = write(tmp_path / "demo")
    assert "虚构" in soup(html).select_one(".cover-note").get_text()
    assert "string(note)" in html  # the running header of the pages


def test_what_there_was_no_time_for_is_named(write):
    page = soup(write(out_of_time=lambda: True)[0])
    said = part(page, "summary").get_text()
    assert "这份报告不完整" in said
    assert "空白区：没有算" in said
    assert "没有人口数据" not in said  # it was not looked at


def test_an_english_report_is_english_but_for_the_names(write):
    page = soup(write(language="en", since=date(2024, 6, 1))[0])
    assert page.html["lang"] == "en"
    for each in page.find_all(lang=True):
        if each.name != "html":
            each.decompose()
    for each in page.find_all(["style", "title"]):
        each.decompose()
    left = re.findall("[\u4e00-\u9fff]+[^\\s]*", page.get_text(" "))
    assert left == []


def test_an_unknown_number_of_people_is_said_not_shown_as_nobody(write, tmp_path):
    import shapely

    from tests.web.plan.conftest import fill, home

    bare = [
        {"id": "a", "name": "甲", "level": "county", "geometry": shapely.box(105, 35, 105.1, 35.1)}
    ]
    fill(tmp_path / "w", {"areas": [("2024-01-01", bare)],
                          "facilities": [("2024-01-01", [home("h", 105.05)])]})  # fmt: skip
    page = soup(write(tmp_path / "w")[0])
    assert "没有人口数据" in part(page, "summary").get_text()
    text = page.get_text(" ")
    assert not re.search(r"\b(nan|None|NaN|inf)\b", text)


def test_gaps_of_areas_that_are_not_drawn_are_unknown_not_none(write, tmp_path):
    from tests.web.plan.conftest import fill, home

    undrawn = [
        {"id": f"a{n}", "name": f"{n}区", "level": "county", "adcode": f"41010{n}",
         "aged_60": 100, "geometry": None}
        for n in (2, 3)
    ]  # fmt: skip
    homes = [home("h", 105.05, adcode="410102")]
    fill(tmp_path / "w", {"areas": [("2024-01-01", undrawn)],
                          "facilities": [("2024-01-01", homes)]})  # fmt: skip
    page = soup(write(tmp_path / "w")[0])
    told = {each.dt.get_text(): each.dd.get_text(" ", strip=True) for each in
            part(page, "summary").select(".key div")}  # fmt: skip
    assert told["空白区"] == "未知 各地区都没有界线"
    assert "2 个地区没有界线，里面的空白区未知。" in part(page, "methods").get_text()


def test_hostile_names_are_texts(write, hostile_folder):
    html, _found = write(hostile_folder, since=date(2024, 6, 1), by=PAYLOADS[1])
    page = soup(html)
    assert not page.find_all(["script", "desc", "img"], src=lambda s: s is None or s == "x")
    for element in page.select("*"):
        assert not any(name.lower().startswith("on") for name in element.attrs), element
    text = page.get_text()
    for each in PAYLOADS:
        assert each in text
    assert "49" not in re.sub(r"[\d.,]*49[\d.,]*", "", text)
    for picture in page.select("img"):
        import base64
        from xml.etree import ElementTree as ET

        drawn = ET.fromstring(base64.b64decode(picture["src"].partition(",")[2]))
        kinds = {each.tag.rpartition("}")[2] for each in drawn.iter()}
        assert kinds <= {"svg", "title", "defs", "pattern", "rect", "path", "clipPath", "g",
                         "circle", "text"}  # fmt: skip
        assert not any(name.startswith("on") for each in drawn.iter() for name in each.attrib)


def test_hostile_names_are_texts_in_the_pdf_too(write, hostile_folder):
    pytest.importorskip("weasyprint", exc_type=OSError)
    pypdf = pytest.importorskip("pypdf")
    from geomap.web.pdf import missing_for_pdf, pdf_of

    if missing_for_pdf():
        pytest.skip(f"PDF needs {missing_for_pdf()}")
    made = pdf_of(write(hostile_folder, since=date(2024, 6, 1))[0])
    read = pypdf.PdfReader(io.BytesIO(made))
    assert all(
        tuple(round(float(n)) for n in each.mediabox[2:]) == (595, 842) for each in read.pages
    )
    assert "/OpenAction" not in read.trailer["/Root"] or "/JS" not in str(read.trailer["/Root"])
    assert b"/JavaScript" not in made
    links = [
        str(note.get_object().get("/A", {}))
        for each in read.pages
        for note in each.get("/Annots", [])
    ]
    assert not any("javascript" in each.lower() for each in links)
    text = "".join(each.extract_text() for each in read.pages)
    assert "alert(2)" in text
    assert "/StructTreeRoot" in read.trailer["/Root"]


def test_numbers_in_bars_are_no_longer_than_the_box(town):
    for each in soup(town[0]).select("td.bar rect"):
        assert 0 <= float(each["width"]) <= 100.0 + 1e-9
    widths = [sum(float(r["width"]) for r in svg.select("rect"))
              for svg in soup(town[0]).select("td.bar svg")]  # fmt: skip
    assert widths
    assert np.max(widths) <= 100.1
