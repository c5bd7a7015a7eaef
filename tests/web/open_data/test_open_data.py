"""The page of open data and its files, as a browser and a download tool ask for them."""

from __future__ import annotations

import hashlib
import json

import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from geomap.cli import app as command
from geomap.settings import Settings
from geomap.web.app import create_app
from tests.web.conftest import Client

ROWS = """id,name,type,lon,lat,steward_name
x,</script><b>甲院,other,121.5,31.2,张管家
y,乙院,nursing_home,121.6,31.3,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("open")
    (place / "homes.csv").write_text(ROWS, encoding="utf-8")
    own = ["import", place / "homes.csv", "--into", place / "own", "--as", "facilities", "--yes"]
    for words in ([*own, "--licence", "CC-BY-4.0"], ["dump", place / "own"]):
        done = CliRunner().invoke(command, list(map(str, words)))
        assert done.exit_code == 0, done.output
    return place / "own"


def client_of(folder, **options):
    app = create_app(folder, Settings(**options))
    app.test_client_class = Client
    return app.test_client()


@pytest.fixture(scope="module")
def site(folder):
    return client_of(folder)


def things(answer):
    page = BeautifulSoup(answer.data, "html.parser")
    return json.loads(page.find("script", type="application/ld+json").string)


def test_each_file_has_the_checksum_that_the_page_states(site):
    page = BeautifulSoup(site.get("/open-data").data, "html.parser")
    links = [each["href"] for each in page.select(".files > li a")]
    stated = {each.dt.get_text(): each.code.get_text() for each in page.select(".sums dl > div")}
    assert [each.rsplit("/", 1)[1] for each in links] == [*stated]
    assert len(links) == 6
    for link, stated_sum in zip(links, stated.values(), strict=True):
        answer = site.get(link, headers={"Accept-Encoding": "gzip, br"})
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers
        assert hashlib.sha256(answer.data).hexdigest() == stated_sum
        assert answer.headers["ETag"] == f'"{stated_sum}"'
    sums = dict(
        reversed(line.split()) for line in site.get("/open-data/SHA256SUMS").text.splitlines()
    )
    assert sums == stated
    assert "CC-BY-4.0" in site.get("/open-data/LICENCE.txt").text


def test_a_download_goes_on_where_it_broke_off(site):
    whole = site.get("/open-data/facilities.geojson").data
    rest = site.get(
        "/open-data/facilities.geojson", headers={"Range": "bytes=100-", "Accept-Encoding": "br"}
    )
    assert rest.status_code == 206
    assert rest.data == whole[100:]
    tag = rest.headers["ETag"]
    assert (
        site.get("/open-data/facilities.geojson", headers={"If-None-Match": tag}).status_code == 304
    )


def test_what_stands_beside_the_files_is_named_anew_when_it_is_written_anew(folder, tmp_path):
    from shutil import copytree

    own = copytree(folder, tmp_path / "own", symlinks=True)
    client = client_of(own)
    held = {"If-None-Match": client.get("/open-data/SHA256SUMS").headers["ETag"]}
    assert client.get("/open-data/SHA256SUMS", headers=held).status_code == 304
    for sums in own.rglob("SHA256SUMS"):
        sums.write_text(sums.read_text() + "0  other\n")
    assert client.get("/open-data/SHA256SUMS", headers=held).status_code == 200


@pytest.mark.parametrize(
    "name", ["workspace.db", "..%2Fworkspace.db", "facilities.xlsx", ".unfinished-1"]
)
def test_nothing_else_of_the_folder_is_served(site, name):
    assert site.get(f"/open-data/{name}").status_code == 404


def test_programs_read_the_data_set_with_its_files_and_licence(site):
    thing = things(site.get("/open-data?lang=en"))
    assert thing["@type"] == "Dataset"
    assert thing["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert thing["spatialCoverage"]["geo"]["box"] == "31.2000 121.5000 31.3000 121.6000"
    files = {each["contentUrl"]: each for each in thing["distribution"]}
    for address, each in files.items():
        answer = site.get(address)
        assert answer.status_code == 200
        if "sha256" in each:
            assert hashlib.sha256(answer.data).hexdigest() == each["sha256"]
            assert each["contentSize"] == f"{len(answer.data)} B"
    assert sum("sha256" in each for each in files.values()) == 6


def described(client, language):
    said = things(client.get(f"/open-data?lang={language}"))["description"]
    assert 50 <= len(said) <= 5_000
    return said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_search_engines_read_a_description_of_the_length_they_ask_for(site, client, language):
    told = described(site, language)
    for word in ("2", "csv", "pmtiles", "CC-BY-4.0"):
        assert word in told
    # without files of its own it names none
    assert "pmtiles" not in described(client, language)
    assert "GeoJSON" in described(client, language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_layer_that_ships_is_described_as_the_sample_that_it_is(language):
    assert {"zh": "样本数据", "en": "A sample"}[language] in described(client_of(None), language)


def test_the_finder_names_its_homes_and_the_catalogue(site):
    page = site.get("/")
    _site, catalogue, homes = things(page)["@graph"]
    assert catalogue["@type"] == "DataCatalog"
    assert catalogue["dataset"]["@id"] == things(site.get("/open-data"))["@id"]
    names = [each["name"] for each in homes["itemListElement"]]
    assert sorted(names) == ["</script><b>甲院", "乙院"]
    assert b"</script><b>" not in page.data


def test_without_a_dump_the_page_says_so_and_offers_the_interfaces(client):
    page = client.get("/open-data")
    assert page.status_code == 200
    assert "文件还没有准备好" in page.text
    assert client.get("/open-data/facilities.csv").status_code == 404


def test_a_dump_with_officials_is_not_served_once_they_are_not_published(folder, tmp_path):
    from datetime import date
    from shutil import copytree

    from geomap.data.dump import write_dump
    from geomap.data.published import read_published

    own = copytree(folder, tmp_path / "own")
    write_dump(read_published(own), own / "open-data", day=date(2026, 1, 1), stewards=True)
    assert client_of(own).get("/open-data/facilities.csv").status_code == 404
    shown = client_of(own, show_stewards=True).get("/open-data/facilities.csv")
    assert "张管家" in shown.text


def test_the_page_is_english_where_that_is_asked(site):
    page = BeautifulSoup(site.get("/open-data?lang=en").data, "html.parser")
    assert page.h1.get_text() == "Open data"
    assert "All 2 care facilities" in page.get_text()
