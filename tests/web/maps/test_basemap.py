"""Street tiles as they are served: small, checked for change, only where there are any."""

from __future__ import annotations

import gzip
import json
import re
import time

import mapbox_vector_tile
import pytest

from geomap.data.basemap.store import FOLDER, write_map
from geomap.data.sandbox.mapping import map_of
from geomap.settings import Settings
from geomap.web.app import create_app
from geomap.web.maps.basemap import widened

TILE = "/tiles/basemap/14/13719/6694.mvt"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, town_extract):
    folder = tmp_path_factory.mktemp("workspace")
    with map_of(town_extract) as made:
        write_map(folder, made)
    return folder


@pytest.fixture(scope="module")
def reader(client, workspace):
    """A client of an application whose workspace has a street map."""
    service = client.application.extensions["geomap"]
    app = create_app(workspace, Settings(), service=service)
    app.test_client_class = client.application.test_client_class
    return app.test_client()


def config_of(client, language="zh"):
    script = client.get(f"/map/script.js?lang={language}").text
    return json.loads(json.loads(re.search(r'"geomap": (".*"),\n', script)[1]))


def test_a_tile_is_sent_compressed_to_those_who_read_it_and_is_the_same_for_others(reader):
    packed = reader.get(TILE, headers={"Accept-Encoding": "gzip, br"})
    plain = reader.get(TILE, headers={"Accept-Encoding": ""})
    assert packed.status_code == plain.status_code == 200
    assert packed.mimetype == "application/vnd.mapbox-vector-tile"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    names = {
        each["properties"].get("name")
        for layer in mapbox_vector_tile.decode(plain.data).values()
        for each in layer["features"]
    }
    assert {"江宁路", "静安公园", "小湖"} <= names


def test_a_tile_that_is_held_is_not_sent_again(reader):
    first = reader.get(TILE)
    again = reader.get(TILE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "no-cache" in first.headers["Cache-Control"]
    assert "max-age=86400" in reader.get(f"{TILE}?v=1").headers["Cache-Control"]


def test_where_there_is_no_street_map_there_is_nothing_and_no_fault(reader, client):
    for one, path in ((reader, "/tiles/basemap/14/0/0.mvt"), (client, TILE)):
        answer = one.get(path)
        assert (answer.status_code, answer.data) == (204, b"")
    assert reader.get("/tiles/basemap/14/99999/0.mvt").status_code == 404
    assert reader.get("/tiles/basemap/19/0/0.mvt").status_code == 404


def test_the_tiles_describe_themselves(reader, client):
    said = reader.get("/tiles/basemap.json").get_json()
    assert said["tilejson"] == "3.0.0"
    assert said["tiles"] == ["http://localhost/tiles/basemap/{z}/{x}/{y}.mvt"]
    assert said["bounds"] == pytest.approx([121.44, 31.22, 121.48, 31.24], abs=1e-6)
    assert (said["minzoom"], said["maxzoom"]) == (7, 14)
    assert said["attribution"] == "© OpenStreetMap contributors"
    drawn = mapbox_vector_tile.decode(reader.get(TILE).data)
    assert set(drawn) <= {each["id"] for each in said["vector_layers"]}
    assert "bounds" not in client.get("/tiles/basemap.json").get_json()


def test_the_map_is_told_where_streets_are_and_whose(reader, client):
    said = config_of(reader)["streetTiles"]
    (one,) = said["maps"]
    assert one["attribution"] == "街道 © OpenStreetMap 贡献者"
    address = said["url"].replace("{z}/{x}/{y}", "14/13719/6694")
    assert reader.get(address).status_code == 200
    assert (
        "OpenStreetMap contributors"
        in config_of(reader, "en")["streetTiles"]["maps"][0]["attribution"]
    )
    assert config_of(client)["streetTiles"] is None


def test_the_scripts_that_draw_streets_are_loaded_only_where_there_are_any(reader, client):
    assert "map-streets" in reader.get("/map").text
    assert "map-streets" not in client.get("/map").text


def test_a_street_map_abroad_widens_the_ground_that_is_drawn():
    china = [[2.0, 72.0], [55.0, 137.0]]
    assert widened(china, None) == china
    abroad = {"maps": [{"bounds": [[47.0, 9.4], [47.3, 9.7]]}]}
    assert widened(china, abroad) == [[2.0, 9.4], [55.0, 137.0]]


def test_a_map_that_is_imported_while_the_server_runs_is_drawn(client, tmp_path, town_extract):
    service = client.application.extensions["geomap"]
    app = create_app(tmp_path, Settings(), service=service)
    app.test_client_class = client.application.test_client_class
    one = app.test_client()
    assert one.get(TILE).status_code == 204
    with map_of(town_extract) as made:
        write_map(tmp_path, made)
    time.sleep(1.1)  # it looks once a second
    assert one.get(TILE).status_code == 200
    (tmp_path / FOLDER / "town.mbtiles").write_bytes(b"damaged")
    time.sleep(1.1)
    assert one.get(TILE).status_code == 200  # what was there is served on


def test_a_picture_of_a_link_is_not_held_on_once_the_streets_are_others(reader, monkeypatch):
    tag = reader.get("/facilities/a/picture.png").headers["ETag"]
    held = {"If-None-Match": tag}
    assert reader.get("/facilities/a/picture.png", headers=held).status_code == 304
    monkeypatch.setattr("geomap.web.open_data.pictures.streets_stamp", lambda: "other")
    assert reader.get("/facilities/a/picture.png", headers=held).status_code == 200
