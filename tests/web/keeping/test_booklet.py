"""The booklet: which homes, in which order, as a page, as one file and as PDF."""

from __future__ import annotations

import csv
import io
import re
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

A4 = (595, 842)


def soup(client, url: str) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def names(page: BeautifulSoup) -> list[str]:
    return [each.get_text(strip=True) for each in page.select(".contents-list li")]


pytestmark = pytest.mark.usefixtures("without_boundaries")


@pytest.fixture(scope="module")
def pdf_of_town(make_client, town):
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("weasyprint", exc_type=OSError)
    answer = make_client(town).get("/booklet?f=pdf&adcode=31")
    assert answer.mimetype == "application/pdf"
    return pypdf.PdfReader(io.BytesIO(answer.data))


def test_a_division_is_listed_by_county_township_and_name(make_client, facilities_of):
    homes = [
        ("1", "乙院", "310106", "江宁路街道"),
        ("2", "丙院", "310115", "张江镇"),
        ("3", "甲院", "310106", None),
        ("4", "丁院", "310106", "江宁路街道"),
        ("5", "外院", "320106", None),
    ]
    rows = [
        {"id": i, "name": name, "type": "other", "adcode": code, "township": township}
        for i, name, code, township in homes
    ]
    page = soup(make_client(facilities_of(rows)), "/booklet?adcode=310000")
    assert page.h1.get_text() == "名册：上海市"
    assert names(page) == ["丁院", "乙院", "甲院", "丙院"]
    assert [each.get_text() for each in page.select("h3")] == [
        "上海市静安区 江宁路街道", "上海市静安区", "上海市浦东新区 张江镇",
    ]  # fmt: skip
    assert [each["value"] for each in page.select(".contents-list li")] == ["1", "2", "3", "4"]


def test_types_and_filters_narrow_a_division_and_are_named(client):
    page = soup(client, "/booklet?adcode=310106&type=nursing_home&beds=free,full&within=500")
    assert set(names(page)) <= {"江宁路颐养院", "南京西路福寿养老院"}
    status = page.select_one("[role=status]").get_text()
    assert "养老院" in status
    for each in page.select(".booklet-files a"):
        asked = parse_qs(urlsplit(each["href"]).query)
        assert asked["adcode"] == ["310106"]
        assert asked["type"] == ["nursing_home"]
        assert "within" not in asked


def test_a_searched_place_is_no_part_of_the_booklets_address(client):
    page = soup(client, "/?q=静安区&type=nursing_home")
    link = page.select_one(".to-booklet a")
    assert link.get_text(strip=True) == "打印静安区的名册：2 家"
    assert parse_qs(urlsplit(link["href"]).query) == {
        "adcode": ["310106"], "type": ["nursing_home"],
    }  # fmt: skip
    assert len(names(soup(client, link["href"]))) == 2
    for url in ("/", "/?lon=121.45&lat=31.23", "/?q=颐养", "/?q=静安新村"):
        assert not soup(client, url).select(".to-booklet")
    for each in soup(client, "/booklet?ids=a&q=江宁路97号&lon=1&lat=2").select("main a[href]"):
        assert not {"q", "lon", "lat"} & set(parse_qs(urlsplit(each["href"]).query))


def test_ids_that_are_gone_are_named_and_nothing_asked_says_how_to_begin(client):
    page = soup(client, "/booklet?ids=a,<b>x,c")
    assert names(page) == ["南京西路福寿养老院", "江宁路颐养院"]
    assert "<b>x" in page.select_one(".note").get_text()
    empty = soup(client, "/booklet")
    assert empty.h1.get_text() == "打印名册"
    assert empty.main.select_one("a[href='/favourites']")
    nobody = soup(client, "/booklet?ids=nobody")
    assert "没有可以打印的" in nobody.main.get_text()
    assert client.get("/booklet?ids=nobody&f=pdf").mimetype == "text/html"


@pytest.mark.parametrize(
    "url", ["/booklet?adcode=x", "/booklet?adcode=1", "/booklet?adcode=31&type=x"]
)
def test_what_cannot_be_read_is_said(client, url):
    answer = client.get(url)
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"


def test_a_booklet_that_is_too_thick_is_cut_says_so_and_offers_thinner_ones(
    make_client, facilities_of, monkeypatch
):
    from geomap.web.keeping import booklet_page

    monkeypatch.setattr(booklet_page, "MOST", {"html": 3, "pdf": 2})
    kinds = ["other", "nursing_home"]
    rows = [
        {"id": f"{i}", "name": f"院{i}", "type": kinds[i % 2], "adcode": code}
        for i, code in enumerate(["310106", "310106", "310106", "310115", "310115"])
    ]
    client = make_client(facilities_of(rows))
    page = soup(client, "/booklet?adcode=31")
    assert len(names(page)) == 3
    hints = [each.get_text(strip=True) for each in page.select(".booklet-files .hint")]
    assert any("只有前 3 家" in each for each in hints)
    parts = page.select(".narrower a")
    assert [each.get_text(strip=True) for each in parts] == [
        "上海市静安区：3 家",
        "上海市浦东新区：2 家",
    ]
    assert len(names(soup(client, parts[1]["href"]))) == 2
    by_type = soup(client, "/booklet?adcode=310106&f=").select(".narrower a")
    assert [each.get_text(strip=True) for each in by_type] == ["养老院：1 家", "其他养老服务：2 家"]
    file = soup(client, "/booklet?adcode=31&f=html")
    assert len(file.select("article.sheet")) == 3
    assert "一共有 5 家，这一册只有前 3 家" in file.get_text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_file_holds_all_it_needs_and_nothing_that_runs(client, language):
    answer = client.get(f"/booklet?adcode=31&f=html&lang={language}")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=booklet.html")
    html = answer.get_data(as_text=True)
    page = BeautifulSoup(html, "html.parser")
    assert page.html["lang"] == {"zh": "zh-CN", "en": "en"}[language]
    assert not page.select("script, link, iframe, object, embed, form, [style]")
    for element in page.select("[src], [href], [srcset], [action]"):
        address = element.get("src") or element.get("href")
        assert address.startswith(("data:image/svg+xml;base64,", "#")), address
    assert not re.search(r"url\(|@import", page.style.string)
    policy = page.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    assert policy.startswith("default-src 'none'")
    ids = [each["id"] for each in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert all(page.select(each["href"]) for each in page.select(".contents a"))
    sheets = page.select("article.sheet")
    assert len(sheets) == len(page.select(".contents a")) == 5
    assert len(page.select("h1")) == 1
    assert len(page.select(".sheet-qr img")) == 5
    assert len(page.select(".sheet-map")) == 4


def test_the_cover_says_how_to_use_it_warns_and_gives_the_number_to_call(make_client, town):
    page = soup(make_client(town, help_phone="96222"), "/booklet?adcode=31&f=html")
    cover = page.get_text()
    for said in ("怎么用", "交钱之前", "图例", "目录", "96222", "制作日期", "© OpenStreetMap"):
        assert said in cover
    assert len(page.select(".kinds svg.symbol")) == 6
    assert len(page.select(".kinds")) == 1


def test_sheet_and_booklet_show_a_home_alike(client):
    alone = soup(client, "/facilities/a/print").select_one("article.sheet")
    bound = soup(client, "/booklet?ids=a&f=html").select_one("article.sheet")
    for each in (alone, bound):
        each.select_one(".sheet-at") and each.select_one(".sheet-at").extract()
    assert alone.get_text(" ", strip=True) == bound.get_text(" ", strip=True)


def test_the_pdf_has_a_page_for_each_home_after_cover_and_contents(pdf_of_town, town):
    texts = [each.extract_text() for each in pdf_of_town.pages]
    assert len(texts) == len(town) + 2
    assert "目录" in texts[1]
    for name in town["name"]:
        assert any(name in each.replace("\n", "") for each in texts[2:]), name
    assert "021-6200 0000" in "".join(texts)
    for page in pdf_of_town.pages:
        assert tuple(round(float(each)) for each in page.mediabox[2:]) == A4


def test_the_pdf_embeds_its_fonts_and_can_be_read_out(pdf_of_town):
    for page in pdf_of_town.pages:
        for font in page["/Resources"]["/Font"].values():
            (inner,) = font.get_object()["/DescendantFonts"]
            described = inner.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(described)
            assert re.match(r"/[A-Z]{6}\+", described["/FontName"])
    root = pdf_of_town.trailer["/Root"]
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert "上海市" in pdf_of_town.metadata.title
    outline = str(pdf_of_town.outline)
    assert "江宁路颐养院" in outline


def test_nothing_is_fetched_while_a_pdf_is_made(tmp_path):
    """Neither a file of this machine nor an address: only what the document holds."""
    pytest.importorskip("weasyprint", exc_type=OSError)
    from geomap.web.pdf import pdf_of

    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="20">SECRET</text></svg>')
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    asked = []

    class Notes(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Notes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    outside = f"http://127.0.0.1:{server.server_port}/x"
    html = f"""<html lang="zh"><title>x</title><style>@import "{outside}.css";
        p {{ background: url({outside}.png) }}</style>
        <link rel="stylesheet" href="{outside}.css"><p>here <img alt="x" src="{outside}.png">
        <img alt="x" src="file://{secret}"><object data="{outside}.svg"></object></p></html>"""
    made = pdf_of(html)
    server.shutdown()
    server.server_close()
    pypdf = pytest.importorskip("pypdf")
    text = pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text()
    assert "here" in text
    assert "SECRET" not in text
    assert asked == []


def test_where_pdf_cannot_be_made_the_page_says_what_to_install(client, monkeypatch):
    from geomap.web.keeping import booklet_page

    for lacks, said in [
        ("weasyprint", "geomap[pdf]"),
        ("pango", "libpango"),
        ("font", "fonts-noto-cjk"),
    ]:
        monkeypatch.setattr(booklet_page, "missing_for_pdf", lambda lacks=lacks: lacks)
        for url in ("/booklet?ids=a", "/booklet?ids=a&f=pdf"):
            page = soup(client, url)
            assert said in page.main.get_text()
            assert [
                parse_qs(urlsplit(a["href"]).query)["f"] for a in page.select(".booklet-files a")
            ] == [["html"]]


def test_a_pdf_that_fails_says_what_else_to_do(client, monkeypatch):
    from geomap.web.keeping import booklet_page
    from geomap.web.pdf import NotMadeError

    def fail(_html):
        raise NotMadeError("too long")

    monkeypatch.setattr(booklet_page, "pdf_of", fail)
    monkeypatch.setattr(booklet_page, "missing_for_pdf", lambda: None)
    answer = client.get("/booklet?ids=a&f=pdf")
    assert answer.status_code == 503
    page = BeautifulSoup(answer.data, "html.parser")
    assert "网页版" in page.select_one("[role=alert]").get_text()
    assert page.select(".booklet-files a")


def test_a_booklet_of_a_real_register_has_every_home(data_folder, context):
    import geomap as gm
    from geomap.settings import Settings
    from geomap.web.app import create_app
    from geomap.web.state import Service, Site, Snapshot
    from tests.web.conftest import Client

    source = data_folder / "taipei" / "homes.csv"
    homes = gm.read_facilities(source)
    load = partial(Snapshot, "1", homes, Site(), context.__getitem__)
    app = create_app(settings=Settings(), service=Service(load, lambda: "1"))
    app.test_client_class = Client
    ids = homes["id"].tolist()[:30]
    file = soup(app.test_client(), f"/booklet?f=html&ids={','.join(ids)}")
    with source.open(encoding="utf-8") as lines:
        stated = {each["機構名稱"]: each for each in csv.DictReader(lines)}
    sheets = file.select("article.sheet")
    assert len(sheets) == 30
    for each in sheets:
        home = stated[each.select_one(".sheet-name").get_text()]
        assert home["地址"] in each.get_text()
        assert unquote(each.select_one(".sheet-address").get_text()).startswith(
            "http://localhost/facilities/"
        )
