"""Tiles: exact counts whatever is chosen, ETags, nothing that fails where there is nothing."""

from __future__ import annotations

import gzip
import math
import struct

import brotli
import pytest

PLACE = (121.455, 31.23)


def tile_of(z: int) -> str:
    """The tile of the town, by the textbook."""
    lon, lat = PLACE
    phi = math.radians(lat)
    x = (lon + 180) / 360
    y = 0.5 - math.log(math.tan(math.pi / 4 + phi / 2)) / (2 * math.pi)
    return f"{z}/{int(x * 2**z)}/{int(y * 2**z)}"


def counted(answer) -> int:
    return sum(each["count"] for each in answer.json["clusters"])


def all_tiles(z: int) -> list[str]:
    return [f"/tiles/clusters/{z}/{x}/{y}.json" for x in range(2**z) for y in range(2**z)]


@pytest.mark.parametrize("z", [0, 1, 2, 3])
def test_every_located_facility_is_counted_once(client, z):
    assert sum(counted(client.get(each)) for each in all_tiles(z)) == 4


def test_a_single_facility_says_what_it_is(client):
    answer = client.get("/tiles/clusters/10/858/418.json")
    (found,) = answer.json["clusters"]
    assert found == {
        "lon": 121.69, "lat": 31.23, "count": 1, "zoom": None,
        "facilities": [
            {
                "id": "d", "name": "Sunrise Villa", "lang": "en", "type": "other",
                "closed": False, "at": 3,
            }
        ],
    }  # fmt: skip


def test_a_group_says_at_which_zoom_it_opens(client):
    (found,) = client.get("/tiles/clusters/0/0/0.json").json["clusters"]
    assert (found["count"], found["facilities"]) == (4, [])
    opened = client.get(f"/tiles/clusters/{tile_of(found['zoom'])}.json").json["clusters"]
    assert 1 <= max(each["count"] for each in opened) < 4


def test_types_and_listed_facilities_change_the_count(client):
    tile = "/tiles/clusters/0/0/0.json"
    assert counted(client.get(f"{tile}?type=nursing_home")) == 2
    assert counted(client.get(f"{tile}?type=nursing_home&type=other")) == 3
    assert counted(client.get(f"{tile}?without=a&without=d")) == 2
    assert counted(client.get(f"{tile}?type=other&without=a")) == 1
    assert counted(client.get(f"{tile}?without=nobody&without=e")) == 4


@pytest.mark.parametrize("z", [1, 3, 10])
def test_a_block_says_what_its_tiles_say(client, z):
    x, y = (int(each) for each in tile_of(z).split("/")[1:])
    last = min(x + 1, 2**z - 1), min(y + 1, 2**z - 1)
    address = f"/tiles/clusters/{z}/{x}-{last[0]}/{y}-{last[1]}.json?without=a"
    tiles = client.get(address).json["tiles"]
    for across in range(x, last[0] + 1):
        for down in range(y, last[1] + 1):
            alone = client.get(f"/tiles/clusters/{z}/{across}/{down}.json?without=a").json
            assert tiles.get(f"{across}/{down}", []) == alone["clusters"]


@pytest.mark.parametrize("block", ["9/3-2/0-0", "9/0-0/3-2", "9/0-16/0-15", "9/0-512/0-0"])
def test_a_block_that_is_none_or_too_large_is_refused(client, block):
    assert client.get(f"/tiles/clusters/{block}.json").status_code in (400, 404)


@pytest.mark.parametrize(
    "address",
    [
        "/tiles/clusters/0/0/0.json",
        "/tiles/clusters/1/0-1/0-1.json",
        "/tiles/points/1.bin",
        "/tiles/names/1/0.bin",
        "/tiles/chosen/1.bin?medical=inhouse",
        "/tiles/context/0/0/0.json",
        "/tiles/background/0/0/0.png",
        "/map/script.js",
    ],
)
@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_what_the_browser_holds_is_not_sent_again(client, address, encoding):
    accepts = {"Accept-Encoding": encoding}
    first = client.get(address, headers=accepts)
    assert first.status_code == 200
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"], **accepts})
    assert (again.status_code, again.data) == (304, b"")


READ = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@pytest.mark.parametrize("encoding", READ)
@pytest.mark.parametrize("name", ["points/1.bin", "names/1/0.bin", "chosen/1.bin"])
def test_files_of_the_map_are_kept_and_compressed(client, name, encoding):
    answer = client.get(f"/tiles/{name}", headers={"Accept-Encoding": encoding})
    plain = client.get(f"/tiles/{name}").data
    assert READ[encoding](answer.data) == plain
    assert answer.headers.get("Content-Encoding", "") == encoding
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_points_are_all_located_facilities(client):
    points, names = (
        client.get(f"/tiles/{each}").data for each in ("points/1.bin", "names/1/0.bin")
    )
    assert struct.unpack_from("<I", points, 4) == (4,)
    assert sorted(points[-4:]) == [0, 0, 5, 9]  # two nursing homes, one other, one being built
    count, *lengths = struct.unpack_from("<5I", names)
    assert count == 4
    texts = names[20:].decode()
    assert len(names) == 20 + sum(lengths)
    assert {each for each in "abcd" if f"{each}\0" in texts} == set("abcd")
    assert "没有位置" not in texts


def test_a_choice_marks_what_fits_the_filters(client):
    chosen = client.get("/tiles/chosen/1.bin?medical=inhouse").data
    tile = client.get("/tiles/clusters/0/0/0.json?medical=inhouse")
    assert [bin(each).count("1") for each in chosen] == [counted(tile)] == [1]
    assert client.get("/tiles/chosen/1.bin?medical=none_such").status_code == 400


@pytest.mark.parametrize("name", ["points/2.bin", "names/2/0.bin", "names/1/1.bin", "chosen/0.bin"])
def test_files_of_another_revision_are_not_found(client, name):
    assert client.get(f"/tiles/{name}").status_code == 404


def test_texts_are_compressed_for_those_who_accept_it(client):
    answer = client.get("/", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert brotli.decompress(answer.data).startswith(b"<!DOCTYPE html>")
    assert "Content-Encoding" not in client.get("/").headers


def test_a_tile_of_a_named_revision_is_kept_and_another_is_asked_for(client):
    assert "max-age" in client.get("/tiles/clusters/0/0/0.json?v=1").headers["Cache-Control"]
    assert "no-cache" in client.get("/tiles/clusters/0/0/0.json").headers["Cache-Control"]


@pytest.mark.parametrize("kind", ["clusters/{}.json", "context/{}.json", "background/{}.png"])
@pytest.mark.parametrize("tile", ["19/0/0", "2/4/0", "2/0/4", "-1/0/0", "a/0/0", "99999999/0/0"])
def test_a_tile_outside_the_grid_is_not_found(client, kind, tile):
    assert client.get(f"/tiles/{kind.format(tile)}").status_code == 404


def test_bad_parameters_are_refused(client):
    many = "&".join(f"without={n}" for n in range(101))
    assert client.get("/tiles/clusters/0/0/0.json?type=hotel").status_code == 400
    assert client.get(f"/tiles/clusters/0/0/0.json?{many}").status_code == 400


def test_where_the_background_has_no_picture_an_empty_one_comes(client):
    answer = client.get("/tiles/background/6/0/0.png")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\x89PNG")
    assert len(answer.data) < 100


def test_context_has_names_hospitals_and_housing_by_zoom(client):
    near = client.get(f"/tiles/context/{tile_of(13)}.json").json["points"]
    names = {kind: {point[3] for point in points} for kind, points in near.items()}
    assert names["hospitals"] == {"华东医院"}
    assert names["residential"] == {"静安新村"}
    assert "places" not in client.get(f"/tiles/context/{tile_of(6)}.json").json["points"]


def test_context_names_places_in_the_readers_language(client):
    tile = f"/tiles/context/{tile_of(9)}.json"
    spoken = {
        lang: {p[3] for p in client.get(f"{tile}?lang={lang}").json["points"]["places"]}
        for lang in ("zh", "en")
    }
    assert {"静安区", "浦东新区"} >= spoken["zh"] != set()
    assert {"Jing'an", "Pudong"} >= spoken["en"] != set()


def test_context_tiles_stay_small(client):
    sizes = [
        len(client.get(f"/tiles/context/{z}/{x}/{y}.json").data)
        for z, x, y in [(4, 12, 6), (4, 13, 6), (5, 26, 12), (8, 210, 99), (8, 209, 104)]
    ]
    assert max(sizes) < 60_000


def test_context_tells_land_from_what_is_not_known(client):
    land = {z: client.get(f"/tiles/context/{tile_of(z)}.json").json["land"] for z in (6, 8, 14)}
    assert land[6] == []
    assert land[8]
    assert land[8] is not True
    assert land[14] is True
    assert client.get("/tiles/context/9/440/210.json").json["land"] == []  # in the Pacific
