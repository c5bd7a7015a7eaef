"""The abstract tests of OGC 18-058r1, annex A; the oracle is pyproj itself."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from pyproj import CRS, Transformer
from shapely import get_coordinates
from shapely.geometry import shape

COLLECTIONS = ("facilities", "areas", "gaps")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = [f"http://www.opengis.net/def/crs/EPSG/0/{each}" for each in (4326, 4490, 3857)]
#: 0.1 mm; degrees are written with 7 decimals, metres too.
CLOSE = {CRS84: 1e-7, EPSG[0]: 1e-7, EPSG[1]: 1e-7, EPSG[2]: 1e-2}


def oracle(uri):
    """Turn longitude, latitude into a system as its authority writes it: never always_xy."""
    if uri == CRS84:
        return lambda lon, lat: (lon, lat)
    code = uri.rpartition("/")[2]
    if code == "4490":  # the same degrees: no shift is published
        assert [each.direction for each in CRS.from_epsg(4490).axis_info] == ["north", "east"]
        return lambda lon, lat: (lat, lon)
    into = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
    return into.transform


def items_of(client, name, **asked):
    answer = client.get(f"/ogc/collections/{name}/items", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer


def test_crs_uri(client):
    """/conf/crs/crs-uri."""
    document = client.get("/ogc/collections").json
    for each in (document, *document["collections"]):
        for uri in (*each["crs"], each.get("storageCrs", CRS84)):
            assert (urlsplit(uri).scheme, urlsplit(uri).netloc) == ("http", "www.opengis.net")
            authority, version, code = urlsplit(uri).path.removeprefix("/def/crs/").split("/")
            assert CRS.from_user_input(f"{authority}:{code}").name
            assert version


@pytest.mark.parametrize("name", COLLECTIONS)
def test_default_and_storage_crs(client, name):
    """/conf/crs/default-crs, /conf/crs/storageCrs."""
    for document in (client.get(f"/ogc/collections/{name}").json,
                     *client.get("/ogc/collections").json["collections"]):  # fmt: skip
        assert document["crs"] == [CRS84, *EPSG]
        assert document["storageCrs"] in document["crs"]


@pytest.mark.parametrize("uri", [CRS84, *EPSG])
@pytest.mark.parametrize("name", COLLECTIONS)
def test_crs_parameter_and_its_transformation(client, name, uri):
    """/conf/crs/crs-parameter, /conf/crs/crs-parameter-transform."""
    plain = items_of(client, name).json["features"]
    answer = items_of(client, name, crs=uri)
    assert answer.headers["Content-Crs"] == f"<{uri}>"
    for before, after in zip(plain, answer.json["features"], strict=True):
        assert before | {"geometry": None} == after | {"geometry": None}
        given = get_coordinates(shape(after["geometry"]))
        expected = oracle(uri)(*get_coordinates(shape(before["geometry"])).T)
        assert abs(given[:, 0] - expected[0]).max() <= CLOSE[uri]
        assert abs(given[:, 1] - expected[1]).max() <= CLOSE[uri]
    one = client.get(f"/ogc/collections/{name}/items/{plain[0]['id']}", query_string={"crs": uri})
    assert one.headers["Content-Crs"] == f"<{uri}>"
    assert one.json["geometry"] == answer.json["features"][0]["geometry"]


@pytest.mark.parametrize("name", COLLECTIONS)
def test_crs_parameter_default(client, name):
    """/conf/crs/crs-parameter-default."""
    answer = items_of(client, name, limit=1)
    assert answer.headers["Content-Crs"] == f"<{CRS84}>"
    one = client.get(f"/ogc/collections/{name}/items/{answer.json['features'][0]['id']}")
    assert one.headers["Content-Crs"] == f"<{CRS84}>"


@pytest.mark.parametrize("name", COLLECTIONS)
@pytest.mark.parametrize("parameter", ["crs", "bbox-crs"])
@pytest.mark.parametrize(
    "uri", ["EPSG:4326", "http://www.opengis.net/def/crs/EPSG/0/2326", f"{CRS84}h", "+proj=longlat",
            "https://www.opengis.net/def/crs/OGC/1.3/CRS84", "x" * 3000, f"{CRS84}\x00", "#/crs"],
)  # fmt: skip
def test_invalid_crs_is_refused(client, name, parameter, uri):
    """/conf/crs/crs-parameter-invalid, /conf/crs/bbox-crs-parameter-invalid."""
    asked = {"bbox": "1,2,3,4", parameter: uri}
    answer = client.get(f"/ogc/collections/{name}/items", query_string=asked)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert [each["parameter"] for each in answer.json["errors"]] == [parameter]
    assert len(answer.data) < 2000


@pytest.mark.parametrize("uri", EPSG)
@pytest.mark.parametrize("name", COLLECTIONS)
def test_bbox_crs_parameter(client, name, uri):
    """/conf/crs/bbox-crs-parameter, /conf/crs/bbox-crs-parameter-default."""
    west, south, east, north = 121.44, 31.2, 121.46, 31.26
    plain = items_of(client, name, bbox=f"{west},{south},{east},{north}")
    same = items_of(client, name, bbox=f"{west},{south},{east},{north}", **{"bbox-crs": CRS84})
    corners = [*oracle(uri)(west, south), *oracle(uri)(east, north)]
    asked = {"bbox": ",".join(map(repr, map(float, corners))), "bbox-crs": uri}
    found = items_of(client, name, **asked)
    assert found.json["features"] == plain.json["features"] == same.json["features"]
    assert 0 < len(found.json["features"]) < items_of(client, name).json["numberMatched"]
    assert found.headers["Content-Crs"] == f"<{CRS84}>"  # its answer is not in that system


def test_a_box_off_the_earth_in_its_own_system_is_refused(client):
    for box, uri in (("121,31,122,32", EPSG[0]), ("1e14,1,2e14,2", EPSG[2])):
        asked = {"bbox": box, "bbox-crs": uri}
        answer = client.get("/ogc/collections/facilities/items", query_string=asked)
        assert answer.status_code == 400
        assert [each["parameter"] for each in answer.json["errors"]] == ["bbox"]


def test_the_whole_world_in_metres_is_the_whole_world(reader):
    edge = 20037508.3428  # rounded up, as many programs write it
    asked = {"bbox": f"-{edge},-{edge},{edge},{edge}", "bbox-crs": EPSG[2], "limit": 999}
    whole = items_of(reader, "facilities", limit=999).json
    assert items_of(reader, "facilities", **asked).json["features"] == whole["features"]


def test_where_the_projection_has_no_place_the_geometry_is_null(make_client, facilities_of):
    row = {"id": "pole", "name": "x", "type": "other", "lon": 0, "lat": 90}
    client = make_client(facilities_of([row]))
    answer = items_of(client, "facilities", crs=EPSG[2]).json
    (feature,) = answer["features"]
    assert feature["geometry"] is None or abs(feature["geometry"]["coordinates"][1]) > 2e7
