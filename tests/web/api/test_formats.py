"""Facilities as lines, CSV and GeoParquet: the same as in GeoJSON, and never a formula."""

from __future__ import annotations

import csv
import gzip
import io
import json

import brotli
import geopandas as gpd
import pytest
from backports import zstd

FACILITIES, NEAREST = "/api/v1/facilities", "/api/v1/nearest"
ASKED = [f"{FACILITIES}?limit=4&offset=1", f"{NEAREST}?lon=121.45&lat=31.23"]
TYPES = {
    "geojsonseq": "application/geo+json-seq", "ndjson": "application/x-ndjson", "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet", "geojson": "application/geo+json",
}  # fmt: skip


def ids_in(answer, form):
    if form == "geojson":
        return [each["id"] for each in json.loads(answer.data)["features"]]
    if form == "csv":
        return [each["id"] for each in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))]
    if form == "parquet":
        return gpd.read_parquet(io.BytesIO(answer.data))["id"].tolist()
    lines = answer.data.decode().removesuffix("\n").split("\n")  # splitlines() would split at RS
    assert all(each.startswith("\x1e") == (form == "geojsonseq") for each in lines)
    return [json.loads(each.lstrip("\x1e"))["id"] for each in lines]


@pytest.mark.parametrize("url", ASKED)
@pytest.mark.parametrize("form", TYPES)
def test_every_form_gives_the_same_facilities_by_name_and_by_accept(client, url, form):
    wanted = ids_in(client.get(url), "geojson")
    named = client.get(f"{url}&f={form}")
    accepted = client.get(url, headers={"Accept": f"{TYPES[form]}, */*;q=0.1"})
    for answer in (named, accepted):
        assert answer.status_code == 200
        assert answer.mimetype == TYPES[form]
        assert "Accept" in answer.headers["Vary"]
        assert ids_in(answer, form) == wanted
        assert int(answer.headers.get("Content-Length", len(answer.data))) == len(answer.data)


def test_lines_say_what_geojson_says(client):
    whole = json.loads(client.get(FACILITIES).data)["features"]
    lines = client.get(f"{FACILITIES}?f=ndjson").data.splitlines()
    assert [json.loads(each) for each in lines] == whole


def test_distances_are_in_every_form(client):
    url = ASKED[1]
    wanted = [f["properties"]["distance_m"] for f in json.loads(client.get(url).data)["features"]]
    table = csv.DictReader(io.StringIO(client.get(f"{url}&f=csv").data.decode("utf-8-sig")))
    assert [float(each["distance_m"]) for each in table] == wanted
    frame = gpd.read_parquet(io.BytesIO(client.get(f"{url}&f=parquet").data))
    assert frame["distance_m"].tolist() == wanted
    assert frame.crs.to_epsg() == 4326


def test_a_hostile_formula_stays_text(make_client, facilities_of):
    rows = [{"id": f"h{n}", "name": name, "type": "other", "lon": 121.4, "lat": 31.2}
            for n, name in enumerate(["=1+1", "@SUM(A1)", "-2+3", "＝cmd"])]  # fmt: skip
    text = make_client(facilities_of(rows)).get(f"{FACILITIES}?f=csv").data.decode("utf-8-sig")
    assert [each["name"] for each in csv.DictReader(io.StringIO(text))] == [
        "'=1+1", "'@SUM(A1)", "'-2+3", "'＝cmd",
    ]  # fmt: skip


def test_pages_beside_a_file_stand_in_its_headers(client):
    answer = client.get(f"{FACILITIES}?limit=2&offset=2&f=csv")
    links = answer.headers.getlist("Link")
    assert [each.rsplit("rel=", 1)[1] for each in links] == ['"self"', '"next"', '"prev"']
    assert "offset=4" in links[1]
    assert "f=csv" in links[1]
    assert (answer.headers["OGC-NumberMatched"], answer.headers["OGC-NumberReturned"]) == ("5", "2")


@pytest.mark.parametrize("form", TYPES)
def test_each_form_has_a_tag_of_its_own(client, form):
    tags = [
        client.get(FACILITIES, headers={"Accept": each}).headers["ETag"] for each in TYPES.values()
    ]
    assert len(set(tags)) == len(TYPES)
    tag = client.get(FACILITIES, headers={"Accept": TYPES[form]}).headers["ETag"]
    again = client.get(FACILITIES, headers={"Accept": TYPES[form], "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("url", "accept", "kind"),
    [
        *((url, JAVA, "json") for url in (FACILITIES, "/api/v1/search?q=a", f"{FACILITIES}/a")),
        *((url, "*", "json") for url in (FACILITIES, "/api/v1/search?q=a", "/ogc/conformance")),
        *((url, f"application/{kind};charset=utf-8", "json") for kind in ("json", "geo+json")
          for url in (FACILITIES, f"{NEAREST}?lon=1&lat=2", "/api/v1/search?q=a",
                      "/ogc/collections/facilities/items")),
        (FACILITIES, "text/csv; charset=utf-8", "csv"),
        (FACILITIES, "text/csv;q=0.5, application/geo+json;v=1;q=.4", "csv"),
        ("/api/v1/search?q=a", "application/json;v=1;q=0.5", "json"),
        ("/ogc/conformance", "application/json;charset=utf-8", "json"),
        ("/ogc/api", "application/json;charset=utf-8", "version=3.0"),
        ("/ogc/api", 'application/vnd.oai.openapi+json;charset=utf-8;version="3.1"', "version=3.1"),
    ],
)  # fmt: skip
def test_what_programs_write_beside_a_media_type_does_not_matter(client, url, accept, kind):
    answer = client.get(url, headers={"Accept": accept})
    assert answer.status_code == 200, answer.json
    assert kind in answer.content_type


@pytest.mark.parametrize(
    ("url", "accept"),
    [(FACILITIES, "text/html"), (FACILITIES, "application/geo+json;q=0"), (NEAREST, "image/png"),
     ("/api/v1/search?q=a", "text/csv"), (f"{FACILITIES}/a", "text/csv")],
)  # fmt: skip
def test_what_cannot_be_given_is_not_acceptable(client, url, accept):
    answer = client.get(f"{url}{'' if '?' in url else '?lon=1&lat=2' if url == NEAREST else ''}",
                        headers={"Accept": accept})  # fmt: skip
    if accept.endswith("q=0"):
        assert answer.status_code in (200, 406)
        return
    assert (answer.status_code, answer.mimetype) == (406, "application/problem+json")


def test_a_form_that_there_is_not_is_refused_by_name(client):
    answer = client.get(f"{FACILITIES}?f=xml")
    assert answer.status_code == 400
    assert "geojson, geojsonseq, ndjson, csv, parquet" in answer.get_data(as_text=True)


@pytest.mark.parametrize("form", ["geojson", "ndjson", "csv"])
def test_texts_come_compressed_as_the_reader_takes_them(client, form):
    plain = client.get(f"{FACILITIES}?f={form}").data
    undo = {"br": brotli.decompress, "zstd": zstd.decompress, "gzip": gzip.decompress}
    for encoding, decompress in undo.items():
        answer = client.get(f"{FACILITIES}?f={form}", headers={"Accept-Encoding": encoding})
        assert answer.headers["Content-Encoding"] == encoding
        assert decompress(answer.data) == plain
    best = client.get(f"{FACILITIES}?f={form}", headers={"Accept-Encoding": "gzip, br, zstd"})
    assert best.headers["Content-Encoding"] == "br"
