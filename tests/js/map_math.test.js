import assert from "node:assert/strict";
import { test } from "node:test";

import "../../static/js/map-math.js";

const {
    besideOthers, declutter, destination, firstFree, lengthText, ringPoints, ringRadii, spreadOut, stepAside,
    toDegrees, toGcj02, toWorld,
} = globalThis.geomap.math;
const WORDS = { metres: "{n} 米", kilometres: "{n} 公里" };

// By the package prcoords 1.0.2: lon, lat in WGS-84, then in GCJ-02.
const SHIFTED = [
    [116.3975, 39.9087, 116.40374357265176, 39.91010349934476],
    [121.4737, 31.2304, 121.47822305927693, 31.22845773757727],
    [87.6, 43.8, 87.60283897227161, 43.80121203029208],
    [114.1694, 22.3193, 114.17436706626148, 22.316550799399344],
    [126.65, 45.75, 126.65598759031859, 45.75196555514378],
    [91.1, 29.65, 91.10156828347536, 29.647300329055074],
];

function metresBetween([lon1, lat1], [lon2, lat2]) {
    const east = (lon2 - lon1) * 111_320 * Math.cos((lat1 * Math.PI) / 180);
    return Math.hypot(east, (lat2 - lat1) * 111_320);
}

test("the shift to GCJ-02 is that of another implementation within 1 mm", () => {
    for (const [lon, lat, shiftedLon, shiftedLat] of SHIFTED) {
        const found = toGcj02(lon, lat);
        assert.ok(metresBetween([found.lon, found.lat], [shiftedLon, shiftedLat]) < 0.001);
        assert.ok(metresBetween([lon, lat], [found.lon, found.lat]) > 100);
    }
});

test("outside the bounds of China nothing is shifted", () => {
    for (const [lon, lat] of [[0, 0], [139.7, 35.7], [72, 30], [105, 0.8], [105, 56], [-74, 40.7]]) {
        assert.deepEqual(toGcj02(lon, lat), { lon, lat });
    }
});

test("rings fit the spread of the results", () => {
    assert.deepEqual(ringRadii(1200), [500, 1000]);
    assert.deepEqual(ringRadii(320), [100, 300]);
    assert.deepEqual(ringRadii(23_000), [10_000, 20_000]);
    assert.deepEqual(ringRadii(60), [100]);
    for (let farthest = 50; farthest < 4_000_000; farthest *= 1.37) {
        const radii = ringRadii(farthest);
        assert.ok(radii[radii.length - 1] >= farthest * 0.8);
        assert.ok(radii.length === 1 || radii[0] <= radii[1] / 2);
    }
});

test("a ring lies at its distance on the ellipsoid", () => {
    // 50 km north and east of Beijing, by GeographicLib (pyproj 3.7)
    const [north] = destination(116.4, 39.9, 50_000, 0);
    assert.ok(Math.abs(north - 40.350300189722674) < 5e-4);
    const ring = ringPoints(116.4, 39.9, 1000, 8);
    assert.equal(ring.length, 9);
    for (const [lat, lon] of ring) {
        assert.ok(Math.abs(metresBetween([116.4, 39.9], [lon, lat]) - 1000) < 5);
    }
});

test("world coordinates go there and back", () => {
    for (const [lon, lat] of [[0, 0], [116.4, 39.9], [-179, -80]]) {
        const world = toWorld(lon, lat);
        const back = toDegrees(world.x, world.y);
        assert.ok(Math.abs(back.lon - lon) < 1e-9 && Math.abs(back.lat - lat) < 1e-9);
    }
});

test("a symbol stands at its place where no neighbour is, else inside its cell", () => {
    const alone = besideOthers({ x: 130, y: 70 }, 44, () => false);
    assert.deepEqual(alone, { x: 130, y: 70 });
    const crowded = besideOthers({ x: 130, y: 70 }, 44, () => true);
    assert.deepEqual(crowded, { x: 150, y: 86 });
    const left = besideOthers({ x: 130, y: 70 }, 44, (x, y) => x === 1 && y === 1);
    assert.deepEqual(left, { x: 150, y: 70 });
});

test("symbols of neighbouring cells never overlap", () => {
    let seed = 5;
    const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let round = 0; round < 200; round += 1) {
        const cells = Array.from({ length: 25 }, (_, i) => [i % 5, Math.floor(i / 5)]);
        const held = cells.filter(() => next() < 0.4);
        const has = (x, y) => held.some((each) => each[0] === x && each[1] === y);
        const spots = held.map(([x, y]) =>
            besideOthers({ x: (x + next()) * 64, y: (y + next()) * 64 }, 44, has),
        );
        spots.forEach((one, i) => {
            for (const other of spots.slice(0, i)) {
                const apart = Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y));
                assert.ok(apart >= 44 - 1e-9);
            }
        });
    }
});

test("listed results in one place are drawn side by side, the first at its place", () => {
    const spots = spreadOut(Array.from({ length: 10 }, () => ({ x: 5, y: 5 })), 46);
    assert.deepEqual(spots[0], { x: 5, y: 5 });
    spots.forEach((one, i) => {
        for (const other of spots.slice(0, i)) {
            assert.ok(Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y)) >= 46 - 1e-9);
        }
        assert.ok(Math.hypot(one.x - 5, one.y - 5) <= 4 * 46);
    });
    const apart = [{ x: 0, y: 0 }, { x: 60, y: 0 }];
    assert.deepEqual(spreadOut(apart, 46), apart);
});

test("what lies under a listed result steps aside, the rest stays", () => {
    const places = [{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 200, y: 0 }];
    stepAside(places, [{ x: 10, y: 0 }, { x: 300, y: 0 }], 44);
    assert.ok(Math.max(Math.abs(places[0].x - 10), Math.abs(places[0].y)) >= 44);
    assert.ok(Math.hypot(places[0].x, places[0].y) <= 88);
    assert.deepEqual(places.slice(1), [{ x: 100, y: 0 }, { x: 200, y: 0 }]);
});

test("no label covers another or a symbol", () => {
    const box = (x, y) => ({ x0: x, x1: x + 50, y0: y, y1: y + 20 });
    const boxes = [box(0, 0), box(40, 10), box(60, 0), box(200, 200)];
    assert.deepEqual(declutter(boxes), [true, false, true, true]);
    assert.deepEqual(declutter(boxes, [box(210, 210)]), [true, false, true, false]);
});

test("lengths are written in metres, then kilometres", () => {
    assert.equal(lengthText(500, WORDS), "500 米");
    assert.equal(lengthText(1000, WORDS), "1 公里");
    assert.equal(lengthText(20_000, WORDS), "20 公里");
});

test("a label takes the first place in view that is free", () => {
    const box = (x, y) => ({ x0: x, x1: x + 50, y0: y, y1: y + 20 });
    const view = { x0: 0, y0: 0, x1: 300, y1: 300 };
    const places = [box(-10, 0), box(40, 10), box(100, 100), box(200, 200)];
    assert.equal(firstFree(places, [], view), 1);
    assert.equal(firstFree(places, [box(60, 0)], view), 2);
    assert.equal(firstFree(places, [box(60, 0), box(110, 110), box(210, 190)], view), -1);
    assert.equal(firstFree([], [], view), -1);
});
