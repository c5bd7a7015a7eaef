"""What chat programs and word processors are given: pictures, codes, posters."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from bs4 import BeautifulSoup
from PIL import Image

pytestmark = pytest.mark.usefixtures("without_boundaries")


def meta(answer):
    page = BeautifulSoup(answer.data, "html.parser")
    return {each["property"]: each["content"] for each in page.select("meta[property^='og:']")}


def opened(answer):
    assert answer.status_code == 200
    assert answer.mimetype == "image/png"
    return Image.open(io.BytesIO(answer.data))


@pytest.mark.parametrize(
    "path", ["/", "/?type=nursing_home&lang=en", "/facilities/a", "/facilities/e"]
)
def test_a_page_names_a_picture_of_the_size_that_it_states(client, path):
    said = meta(client.get(path))
    assert said["og:title"]
    with opened(client.get(said["og:image"])) as picture:
        stated = int(said["og:image:width"]), int(said["og:image:height"])
        assert picture.size == stated == (1200, 630)
    assert client.get(said["og:url"]).status_code == 200


def test_what_was_typed_as_an_address_is_in_no_shared_link(client):
    page = client.get("/?q=江宁路97号")
    assert "og:image" not in meta(page) or "97" not in meta(page)["og:image"]


def test_a_picture_that_is_held_is_not_sent_again(client):
    tag = client.get("/facilities/a/picture.png").headers["ETag"]
    again = client.get("/facilities/a/picture.png", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_there_is_no_picture_of_what_is_not_there(client):
    assert client.get("/facilities/nobody/picture.png").status_code == 404
    assert client.get("/picture.png?type=castle").status_code == 400


@pytest.mark.parametrize("ending", ["", "@2x"])
def test_tiles_are_pictures_with_filters(client, ending):
    size = 512 if ending else 256
    with opened(client.get(f"/tiles/facilities/3/6/3{ending}.png")) as picture:
        assert picture.size == (size, size)
        assert picture.getextrema()[3] == (0, 255)
    with opened(client.get(f"/tiles/facilities/3/6/3{ending}.png?type=street_center")) as picture:
        assert picture.getextrema()[3] == (0, 0)
    assert client.get(f"/tiles/facilities/3/9/3{ending}.png").status_code == 404
    assert client.get(f"/tiles/facilities/3/6/3{ending}.png?type=castle").status_code == 400
    tag = client.get(f"/tiles/facilities/3/6/3{ending}.png").headers["ETag"]
    held = client.get(f"/tiles/facilities/3/6/3{ending}.png", headers={"If-None-Match": tag})
    assert held.status_code == 304


@pytest.mark.parametrize("first", ["?adcode=99", "?unsure=1", ""])
def test_a_picture_tile_is_what_its_address_says_whoever_asked_before(make_client, town, first):
    client = make_client(town)
    address = "/tiles/facilities/3/6/3.png"
    client.get(f"{address}{first}")
    drawn = {}
    for query in ("", "?adcode=99", "?adcode=310115", "?adcode=310115&unsure=1"):
        answer = client.get(f"{address}{query}")
        with opened(answer) as picture:
            drawn[query] = picture.tobytes(), answer.headers["ETag"]
    pictures, tags = map(set, zip(*drawn.values(), strict=True))
    assert len(pictures) == 3  # nobody is of division 99, and nobody may be of Pudong
    assert len(tags) == 4


def test_the_style_draws_the_tiles_of_its_filters_and_asks_no_other_host(client):
    style = client.get("/tiles/facilities/style.json?type=other").json
    assert style["version"] == 8
    address = style["sources"]["facilities"]["url"]
    assert parse_qs(urlsplit(address).query)["type"] == ["other"]
    told = client.get(address).json
    layers = {each["id"] for each in told["vector_layers"]}
    drawn = [each for each in style["layers"] if each["type"] != "background"]
    assert {each["source-layer"] for each in drawn} == layers
    assert not {"glyphs", "sprite"} & {*style}
    assert urlsplit(address).netloc == "localhost"


def test_a_camera_reads_the_address_of_the_view(client):
    with opened(client.get("/qr.png?type=other&lon=121.45&lat=31.23")) as picture:
        (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    found = urlsplit(code.text)
    assert found.netloc == "localhost"
    assert parse_qs(found.query) == {"type": ["other"], "lon": ["121.45"], "lat": ["31.23"]}
    assert client.get("/qr.svg?type=other").data.startswith(b"<svg")
    assert client.get("/qr.png?q=" + "养" * 199).status_code in (200, 400)


def test_a_poster_has_the_map_the_code_and_the_address(client):
    page = BeautifulSoup(client.get("/poster?type=nursing_home").data, "html.parser")
    pictures = [each["src"] for each in page.select(".poster img")]
    assert [client.get(each).status_code for each in pictures] == [200, 200]
    assert page.select_one(".poster-address").get_text() == "localhost"
    assert page.select_one(".poster h1").get_text()


def test_a_poster_of_all_is_called_after_the_division_that_all_are_in(client):
    page = BeautifulSoup(client.get("/poster").data, "html.parser")
    assert page.select_one(".poster h1").get_text() == "上海市的养老机构"


def test_a_poster_explains_only_the_symbols_that_stand_on_its_map(make_client, facilities_of):
    rows = [{"lon": 121.1, "lat": 31.1, "type": "other"},
            {"lon": 121.9, "lat": 31.9, "type": "nursing_home"}]  # fmt: skip
    client = make_client(facilities_of(rows))

    def explained(query):
        page = BeautifulSoup(client.get(f"/poster{query}").data, "html.parser")
        return {each.get_text(strip=True) for each in page.select(".poster-kinds li")}

    assert len(explained("")) == 2
    assert explained("?lon=121.1&lat=31.1") == explained("?type=other") < explained("")


def test_the_code_and_the_picture_of_a_poster_are_there_alone(client):
    page = BeautifulSoup(client.get("/poster?type=nursing_home").data, "html.parser")
    links = [each["href"] for each in page.select(".sheet-tools a")]
    kinds = {client.get(each).mimetype for each in links if "qr." in each or "picture" in each}
    assert kinds == {"image/png", "image/svg+xml"}
    assert "/embed/new?type=nursing_home" in links


@pytest.mark.parametrize("more", ["", "&lang=en"])
def test_a_poster_of_a_search_too_long_for_a_code_says_so(client, more):
    query = "?q=" + "\U00020bb7" * 200 + more
    page = BeautifulSoup(client.get(f"/poster{query}").data, "html.parser")
    pictures = [each["src"] for each in page.select(".poster img")]
    assert [client.get(each).status_code for each in pictures] == [200]
    assert ("QR code" if more else "二维码") in page.select_one(".note").get_text()
    assert "扫码" not in page.select_one(".poster").get_text()
    links = [each["href"] for each in page.select(".sheet-tools a")]
    assert not [each for each in links if "/qr." in each]
    assert [client.get(each).status_code for each in links if "picture" in each] == [200]
    assert client.get(f"/poster{query}&f=pdf").status_code == 200


@pytest.mark.parametrize("signs", [2_331, 2_332])
def test_a_poster_has_a_code_just_where_its_address_fits_into_one(client, signs):
    chinese, single = divmod(signs - len("http://localhost/?q=&walk=9"), len("%F0%A0%AE%B7"))
    query = "?walk=9&q=" + "\U00020bb7" * chinese + "x" * single
    poster = client.get(f"/poster{query}")
    fits = client.get(f"/qr.svg{query}").status_code == 200
    assert poster.status_code == 200
    assert ("poster-code" in poster.text) == fits == (signs == 2_331)


def test_a_poster_never_says_where_somebody_lives(client):
    assert "97" not in client.get("/poster?q=江宁路97号").text


def test_a_poster_is_one_sheet_of_pdf(client):
    pypdf = pytest.importorskip("pypdf")
    answer = client.get("/poster?f=pdf")
    assert answer.mimetype == "application/pdf"
    (sheet,) = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    assert (float(sheet.mediabox.width), float(sheet.mediabox.height)) == pytest.approx(
        (595, 842), abs=1
    )
    assert "localhost" in sheet.extract_text()
