"""The map's file of points: small, whole, and grouped by the browser exactly as by the server."""

from __future__ import annotations

import json
import math
import shutil
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from geomap.maps.clusters import ClusterIndex
from geomap.maps.points import kinds_of, pack_choice, pack_names, pack_points
from geomap.maps.tilemath import Tile, tile_at
from geomap.settings import static_dir

TYPES = ("nursing_home", "community_center", "street_center", "rural_welfare_home", "other")
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
#: The side of a square of the file, 2.4 m: more than any place or mean is off by.
CELL_DEG = 360 / 2**24
GROUP = """
import { readFileSync } from "node:fs";
for (const name of ["math", "grid"]) await import(`file://${process.argv[2]}/js/map-${name}.js`);
const { PointSet } = globalThis.geomap;
const bytes = readFileSync(process.argv[3]);
const set = PointSet.read(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const asked = JSON.parse(readFileSync(0, "utf8"));
const answers = asked.map(({ zoom, view, kinds, without }) => {
    const choice = set.choose(kinds && ((rank) => kinds.includes(set.kinds[rank] % 8)));
    return choice.group(zoom, view, new Set(without));
});
process.stdout.write(JSON.stringify(answers));
"""


def country(n: int, seed: int = 3):
    """Points crowded as people are; some stand in one place."""
    random = np.random.default_rng(seed)
    towns = random.uniform([76, 20], [130, 48], (max(n // 100, 3), 2))
    spots = towns[random.integers(len(towns), size=n)] + random.normal(0, 0.05, (n, 2))
    spots[n // 2 : n // 2 + n // 20] = spots[: n // 20]
    types = [TYPES[each] for each in random.integers(len(TYPES), size=n)]
    return spots[:, 0], spots[:, 1], types, random.random(n) < 0.1


def written(tmp_path, index, types, closed) -> Path:
    path = tmp_path / "points.bin"
    rows = index.order
    path.write_bytes(pack_points(index.keys, kinds_of([types[row] for row in rows], closed[rows])))
    return path


def by_browser(tmp_path, path, asked) -> list[list[dict]]:
    if NODE is None:
        pytest.skip("no node to run the map's script")
    script = tmp_path / "group.mjs"
    script.write_text(GROUP)
    run = subprocess.run(
        [NODE, script, static_dir(), path],
        input=json.dumps(asked), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(run.stdout)


def block(z: int, lon: float, lat: float, side: int = 4) -> tuple[list[Tile], dict[str, float]]:
    """Tiles around a place, and the view that they fill."""
    middle = tile_at(lon, lat, z)
    reach = range(-side, side + 1)
    tiles = [
        Tile(z, middle.x + x, middle.y + y)
        for x in reach
        for y in reach
        if 0 <= middle.x + x < 1 << z and 0 <= middle.y + y < 1 << z
    ]
    xs, ys = [tile.x for tile in tiles], [tile.y for tile in tiles]
    inside = 1e-9
    return tiles, {
        "x0": min(xs) / 2**z, "x1": (max(xs) + 1) / 2**z - inside,
        "y0": min(ys) / 2**z, "y1": (max(ys) + 1) / 2**z - inside,
    }  # fmt: skip


@pytest.mark.parametrize(("n", "zooms"), [(3_000, range(0, 19, 2)), (400_000, (3, 6, 9, 12, 15))])
def test_the_browser_groups_exactly_as_the_server(tmp_path, n, zooms):
    lon, lat, types, closed = country(n)
    index = ClusterIndex(lon, lat, types)
    path = written(tmp_path, index, types, closed)
    wanted = ("nursing_home", "other")
    own, asked = [], []
    for i, z in enumerate(zooms):
        tiles, view = block(z, float(lon[7 * i]), float(lat[7 * i]))
        without = index.ranks[[7 * i, 7 * i + 1, n // 2]]
        for kinds, left in ((None, []), ([0, 5], []), (None, without.tolist())):
            options = {"types": wanted if kinds else None, "without": index.order[left].tolist()}
            own.append([each for tile in tiles for each in index.tile(tile, **options)])
            asked.append({"zoom": z, "view": view, "kinds": kinds, "without": left})
    for one, here, there in zip(asked, own, by_browser(tmp_path, path, asked), strict=True):
        ours = {cell_of(c.lon, c.lat, one["zoom"]): c for c in here}
        theirs = {cell_of(c["lon"], c["lat"], one["zoom"]): c for c in there}
        assert len(ours) == len(here)
        assert ours.keys() == theirs.keys()
        for cell, mine in ours.items():
            other = theirs[cell]
            assert (other["count"], other["zoom"]) == (mine.count, mine.zoom)
            assert abs(other["lon"] - mine.lon) < CELL_DEG
            assert abs(other["lat"] - mine.lat) < CELL_DEG
            assert {int(index.order[rank]) for rank in other["ranks"]} == set(mine.rows)


def test_the_points_of_all_tiles_at_z14_are_the_facilities_once_each():
    lon, lat, types, _ = country(1_000)
    index = ClusterIndex(lon, lat, types)
    by_hand = Counter(cell_of(x, y, 12) for x, y in zip(lon, lat, strict=True))
    found = {tile: index.tile(tile) for tile in {Tile(14, *cell) for cell in by_hand}}
    assert {tile[1:]: sum(each.count for each in own) for tile, own in found.items()} == by_hand
    rows = [row for own in found.values() for each in own for row in each.rows]
    assert len(rows) == len(set(rows)) > 100


def cell_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """The cell of 64 px at a place, by the textbook."""
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return math.floor((lon / 360 + 0.5) * 2 ** (z + 2)), math.floor(y * 2 ** (z + 2))


def test_a_file_of_points_is_read_by_its_own_description():
    keys = np.array([5, 5, 2**51 + 16], dtype=np.uint64) << np.uint64(0)
    packed = pack_points(keys, np.array([0, 9, 13], dtype=np.uint8))
    assert packed[:4] == b"gmp1"
    (count,) = struct.unpack_from("<I", packed, 4)
    planes = np.frombuffer(packed, np.uint8, offset=8).reshape(7, count)
    steps = [sum(int(planes[i, row]) << 8 * i for i in range(6)) for row in range(count)]
    assert np.cumsum(steps).tolist() == [key >> 4 for key in keys.tolist()]
    assert planes[6].tolist() == [0, 9, 13]


def test_facilities_without_a_place_are_in_no_file():
    index = ClusterIndex([float("nan"), 116.4, 100.0], [39.9] * 3, ["other"] * 3)
    assert sorted(index.order.tolist()) == [1, 2]
    assert index.ranks[0] == -1
    assert index.order[index.ranks[[1, 2]]].tolist() == [1, 2]


def test_a_choice_marks_each_point_by_one_bit_in_order():
    chosen = np.random.default_rng(2).random(1_003) < 0.3
    bits = np.frombuffer(pack_choice(chosen), np.uint8)
    assert [(bits[i >> 3] >> (i & 7)) & 1 for i in range(1_003)] == chosen.tolist()


def test_names_keep_what_offices_write():
    packed = pack_names(["a", "b"], ["颐养院\n\t", ""])
    count, *lengths = struct.unpack_from("<3I", packed)
    assert count == 2
    assert packed[12 : 12 + lengths[0]].decode() == "a\0颐养院\n\t"
    assert packed[12 + lengths[0] :] == b"b\0"
