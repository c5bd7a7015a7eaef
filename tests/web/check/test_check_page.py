"""The page that checks a list: what it says, what it refuses, and that it keeps nothing."""

from __future__ import annotations

import csv
import io
import logging
import os
import re
import tempfile
from urllib.parse import unquote

import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from werkzeug.exceptions import RequestTimeout

from geomap.data.files.findings.report import Finding, Report
from geomap.data.reading import Reading
from geomap.model.tables import TABLES
from tests.web.test_language import foreign_runs
from tests.web.test_safety import PAYLOADS, is_inert

GBK = """编号,机构名称,地址,联系电话,床位数
0001,甲敬老院,,0427-2810001,40
0002,,,0427-2810002,41
0003,丙敬老院,,二八零,八十张
""".encode("gbk")  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def checks(make_client, town, folder):
    """A client whose copies lie in `folder`."""
    client = make_client(town)
    assert client.application.extensions["geomap_checks"].copies.folder.parent == folder
    return client


def send(client, content: bytes = GBK, name: str = "盘锦.csv", *, query="", headers=None, **fields):
    data = {"file": (io.BytesIO(content), name), "as": "facilities", "datum": "unknown", **fields}
    answer = client.post(f"/check{query}", data=data, headers=headers or {})
    return answer, BeautifulSoup(answer.data, "html.parser")


def said(page) -> list[list[str]]:
    """The cells of the table of findings."""
    rows = page.select(".findings tbody tr")
    return [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in rows]


def test_the_form_names_each_field_and_says_what_is_kept(checks):
    page = BeautifulSoup(checks.get("/check").data, "html.parser")
    form = page.select_one("main form[method=post]")
    assert form["enctype"] == "multipart/form-data"
    for field in form.select("input, select, textarea"):
        assert field.find_parent("label") or form.select_one(f"label[for={field['id']}]")
        for described in field.get("aria-describedby", "").split():
            assert form.select_one(f"#{described}")
    assert len(form.select("fieldset > legend")) == 2
    assert form.select_one("input[name=datum][checked]")["value"] == "unknown"
    assert "文件不会保留；批注副本 15 分钟后删除" in form.get_text()
    assert page.select_one("footer a[href='/check']")


def test_a_clerk_reads_which_row_is_wrong_and_what_to_do(checks):
    answer, page = send(checks)
    assert answer.status_code == 200
    assert page.select_one(".outcome").get_text(strip=True) == (
        "3 行中有 2 行可用，1 行没有保留，2 处需要看看。有 2 行还没有位置。"
    )
    rows = said(page)
    assert rows[0] == ["第 3 行", "机构名称", "错误", "没有名称，这一行没有保留。请补上“名称”。"]
    assert [row[:3] for row in rows[1:]] == [
        ["第 4 行", "床位数", "请核对"],
        ["第 4 行", "联系电话", "请核对"],
    ] or [row[:3] for row in rows[1:]] == [
        ["第 4 行", "联系电话", "请核对"],
        ["第 4 行", "床位数", "请核对"],
    ]
    assert all("--" not in row[3] for row in rows)
    assert page.select_one("a[href='#level_error']").get_text(strip=True) == "错误1 处"
    assert page.select_one("tbody#level_error")
    unlocated = [each.get_text(" ", strip=True) for each in page.select(".unlocated li")]
    assert unlocated == ["第 2 行 甲敬老院", "第 4 行 丙敬老院"]
    meanings = {tr.th.get_text(): tr.td.get_text() for tr in page.select(".meanings tbody tr")}
    assert meanings["床位数"] == "床位总数"
    assert "GB18030" in page.select_one(".opened").get_text()


def test_the_copy_can_be_fetched_by_who_has_its_token_only(checks):
    _, page = send(checks)
    fields = {each["name"]: each["value"] for each in page.select(".actions input")}
    answer = checks.post("/check/copy", data=fields)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    named = unquote(answer.headers["Content-Disposition"])
    assert named.startswith("attachment")
    assert "盘锦-核对结果.xlsx" in named
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.worksheets[0]["A2"].value == "0001"
    assert "没有名称" in book.worksheets[0]["F3"].value
    for token in ("", "x" * 43, "../" + fields["token"], fields["token"] + "x"):
        assert checks.post("/check/copy", data={"token": token}).status_code == 404
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert checks.post("/check/copy", data=fields, headers=elsewhere).status_code == 404
    assert checks.get("/check/copy").status_code == 405


class Late(io.BytesIO):
    """A body that comes too slowly."""

    def read(self, *_):
        raise RequestTimeout("the body comes too slowly")

    readinto = read


@pytest.mark.parametrize(("lang", "said"), [("zh", "没有收全"), ("en", "did not all arrive")])
def test_a_list_that_comes_too_slowly_is_refused_on_a_page_that_says_so(checks, lang, said):
    answer = checks.post(
        f"/check?lang={lang}", input_stream=Late(b"x" * 999), content_length=999,
        content_type="multipart/form-data; boundary=x", headers={"Accept": "text/html"},
    )  # fmt: skip
    assert answer.status_code == 408
    assert said in BeautifulSoup(answer.data, "html.parser").main.get_text()


def test_nothing_of_the_upload_stays_and_the_copy_goes_after_its_time(checks, folder):
    desk = checks.application.extensions["geomap_checks"]
    _, page = send(checks, name="很特别的名字.csv")
    left = [path for path in folder.rglob("*") if path.is_file()]
    (copy,) = left
    assert copy.parent == desk.copies.folder
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    os.utime(copy, (0, 0))
    fields = {each["name"]: each["value"] for each in page.select(".actions input")}
    gone = checks.post("/check/copy", data=fields)
    assert gone.status_code == 404
    assert "再核对一次" in gone.get_data(as_text=True)
    desk.copies.clear()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_where_there_is_no_copy_the_page_says_why(checks, monkeypatch):
    from geomap.data.sandbox import annotating

    monkeypatch.setattr(annotating, "run", lambda *_: "took_too_long")
    _, page = send(checks)
    assert not page.select("input[name=token]")
    assert "没有做批注副本" in page.get_text()
    assert said(page)


def test_the_oldest_copies_go_first(checks, monkeypatch):
    monkeypatch.setattr("geomap.web.check.copies.MOST_COPIES", 2)
    desk = checks.application.extensions["geomap_checks"]
    tokens = []
    for age in (30, 20, 10):
        _, page = send(checks)
        tokens.append(page.select_one("input[name=token]")["value"])
        path = desk.copies.find(tokens[-1])
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    desk.copies.clear()
    assert [desk.copies.find(token) is None for token in tokens] == [True, False, False]


def test_names_of_files_stay_out_of_the_log(checks, caplog):
    with caplog.at_level(logging.DEBUG):
        send(checks, name="保密的名单.csv")
        send(checks, b"\x89PNG\r\n", name="保密的名单.csv")
    assert "保密" not in unquote(caplog.text)


def test_what_a_list_holds_is_shown_as_text(checks):
    payloads = [text.format(i=1) for text in PAYLOADS.values()]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["名称", "床位数", "电话", "类型", *payloads])
    writer.writerows([each] * (4 + len(payloads)) for each in payloads)
    writer.writerow(["合计", *payloads[:3]])
    content, name = buffer.getvalue().encode(), f"{payloads[0]}{payloads[1]}.csv".replace('"', "'")
    for query in ("", "?lang=en"):
        answer, page = send(checks, content, name, query=query)
        assert answer.status_code == 200
        is_inert(answer.get_data(as_text=True))
        shown = page.select_one("main").get_text()
        assert all(each[:20] in shown for each in payloads)
        assert name.rpartition("/")[2] in page.select_one(".file-name").get_text()
    fields = {"crs": payloads[0], "map": "\n".join(f"{each}=name" for each in payloads)}
    for changed in (fields, fields | {"crs": ""}, {"map": f"{payloads[0]}x=name"}):
        answer, _ = send(checks, content, **changed)
        assert answer.status_code == 400
        is_inert(answer.get_data(as_text=True))


def test_too_large_a_file_is_refused_with_the_limit(folder, make_client, town):
    client = make_client(town, upload_max_mb=1)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    answer = client.post(
        "/check",
        input_stream=io.BytesIO(head + b"x" * (3 * 2**20) + b"\r\n--x--\r\n"),
        content_type="multipart/form-data; boundary=x",
        content_length=len(head) + 3 * 2**20 + 9,
    )
    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 413
    assert "超过 1 MB" in page.select_one("#file-fault").get_text()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_other_sites_cannot_have_lists_read(checks, headers, status):
    answer, page = send(checks, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert "没有读取" in page.select_one("#file-fault").get_text()
        assert not page.select(".findings")


def test_when_many_check_at_once_the_next_is_asked_to_come_back(checks):
    desk = checks.application.extensions["geomap_checks"]
    desk.places.acquire()
    desk.places.acquire()
    answer, page = send(checks, type="nursing_home")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert page.select_one("#type option[selected]")["value"] == "nursing_home"
    desk.places.release()
    desk.places.release()
    desk.places.acquire()
    assert send(checks)[0].status_code == 200
    assert desk.places.acquire(blocking=False), "a place is given back"
    desk.places.release()
    desk.places.release()


def test_the_operator_can_switch_uploads_off(make_client, town):
    client = make_client(town, uploads=False)
    assert client.get("/check").status_code == 404
    assert send(client)[0].status_code == 404
    assert "/check" not in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"crs": "foo"}, "crs", "不认识坐标系“foo”"),
        ({"crs": "999999"}, "crs", "EPSG 代码"),
        ({"crs": "4547", "datum": "gcj02"}, "crs", "只填其中一项"),
        ({"map": "床位数"}, "map", "列名=内容"),
        ({"map": "床位数=床位总"}, "map", "床位总数"),
        ({"map": "a=name\nb=名称"}, "map", "有两列"),
        ({"map": "没有这列=床位总数"}, "map", "文件里的列：编号、机构名称"),
    ],
)
def test_what_cannot_be_followed_is_said_beside_its_field(checks, fields, field, sentence):
    answer, page = send(checks, **fields)
    assert answer.status_code == 400
    assert sentence in page.select_one(f"#{field}-fault").get_text()
    asked = page.select_one(f"[name={field}]")
    assert asked["aria-invalid"] == "true"
    assert f"{field}-fault" in asked["aria-describedby"].split()
    assert page.select_one(f".fault-summary a[href='#{field}']")
    assert page.select_one("details.more").has_attr("open")
    kept = asked.get("value") or asked.get_text()
    assert kept.split() == fields[field].split()


def test_columns_can_be_named_in_the_words_of_the_page(checks):
    content = "甲列,乙列\n甲敬老院,12\n".encode()
    for query, words in (("", "甲列＝名称\n乙列 = 床位总数"), ("?lang=en", "甲列=Name\n乙列=Beds")):
        answer, page = send(checks, content, query=query, map=words)
        assert answer.status_code == 200
        assert page.select(".outcome-accepted")


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "empty.csv", "文件是空的"),
        (b"\x89PNG\r\n\x1a\n", "scan.csv", "图片"),
        (b"a,b\n1,2\n", "list.xlsx", "结尾"),
        ("甲,乙\n1,2\n".encode(), "list.csv", "没有找到“名称”列"),
    ],
)
def test_a_file_that_cannot_be_used_is_answered_with_what_to_do(checks, content, name, sentence):
    answer, page = send(checks, content, name)
    assert answer.status_code == 200
    outcome = page.select_one(".outcome-refused").get_text()
    assert outcome.startswith("这个文件现在还不能用。")
    assert sentence in outcome
    assert "list" not in outcome


def test_no_file_is_asked_for(checks):
    answer = checks.post("/check", data={"as": "demand", "datum": "bd09", "crs": ""})
    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 400
    assert page.select_one("#file-fault").get_text() == "请选一个文件。"
    assert page.select_one("input[name=as][checked]")["value"] == "demand"
    assert page.select_one("input[name=datum][checked]")["value"] == "bd09"


def test_the_answer_is_in_the_language_of_the_reader(checks):
    for query, headers in (("?lang=en", {}), ("", {"Accept-Language": "en"})):
        answer, page = send(checks, name="list.csv", query=query, headers=headers)
        assert page.html["lang"] == "en"
        assert foreign_runs(page, "en") == []
        assert page.select_one(".outcome").get_text(strip=True) == (
            "2 of 3 rows can be used, 1 was not kept; 2 things to check. "
            "2 rows have no location yet."
        )
        sentence = page.select_one(".said").get_text()
        assert sentence == "The row has no name and was not kept. Fill in Name."
        fields = {each["name"]: each["value"] for each in page.select(".actions input")}
        copy = checks.post(f"/check/copy{query}", data=fields, headers=headers)
        assert "list-checked.xlsx" in copy.headers["Content-Disposition"]
        sheet = openpyxl.load_workbook(io.BytesIO(copy.data)).worksheets[0]
        assert sheet["F1"].value == "Check result"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Accept-Language" in answer.headers["Vary"]


def test_the_answer_is_as_strict_as_every_page(checks):
    answer, page = send(checks)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert page.select("style, [style], script:not([src])") == []
    assert len(page.select("h1")) == 1
    ids = [each["id"] for each in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert not re.search(r"\b(?:None|nan|NaN|null|undefined|<NA>)\b|[{}]|%\(", page.get_text())


def test_whoever_does_not_know_the_datum_is_told_what_was_assumed(checks):
    content = "名称,经度,纬度\n甲敬老院,121.45,31.23\n".encode()
    assert "先按 GPS" in send(checks, content)[1].select_one(".note").get_text()
    assert not send(checks, content, datum="wgs84")[1].select(".note")
    marked = "名称,高德经度,高德纬度\n甲敬老院,121.45,31.23\n".encode()
    page = send(checks, marked)[1]
    assert "可能不是 GPS" in page.select_one(".note").get_text()
    assert "在“坐标来自”选“高德、腾讯地图（GCJ-02）”" in page.select_one(".findings").get_text()


def test_a_long_table_ends_and_says_where_the_rest_is(checks):
    rows = "\n".join(f"第{n}敬老院,-{n + 1}" for n in range(620))
    page = send(checks, f"名称,床位数\n{rows}\n".encode(), datum="wgs84")[1]
    many = len(said(page))
    assert many <= 500
    shown = page.select_one(".counts").get_text(strip=True)
    assert "620" in shown
    assert len(page.select(".unlocated li")) == 100
    assert "另有 520 行" in page.get_text()


def test_places_that_a_row_may_be_at_are_listed(checks):
    from geomap.web.check.check_page import check_page

    table = TABLES["facilities"]
    frame = table.empty().reindex([0, 1])
    frame["name"] = pd.Series(["甲敬老院", "乙敬老院"], dtype="str")
    found = Finding("bad_phone", 3, "phone", {"came": "x", "candidates": ["上海市", "山东省"]})
    report = Report(
        "a.csv", "facilities", 2, 2, 2, findings=(found,), header=("name",), rows_unlocated=(2, 3)
    )
    with checks.application.test_request_context("/check"):
        page = check_page(Reading(frame, report), "zh", datum_known=True)
    assert [(each.where, each.name, list(each.candidates)) for each in page.unlocated] == [
        ("第 2 行", "甲敬老院", []),
        ("第 3 行", "乙敬老院", ["上海市", "山东省"]),
    ]
