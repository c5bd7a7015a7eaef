import assert from "node:assert/strict";
import { test } from "node:test";

import "../../static/js/map-math.js";
import "../../static/js/map-grid.js";

const { PointSet } = globalThis.geomap;
const { toWorld } = globalThis.geomap.math;
const WHOLE = { x0: 0, y0: 0, x1: 0.999999, y1: 0.999999 };

function scattered(count) {
    let seed = 7;
    const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    return Array.from({ length: count }, () => toWorld(100 + 20 * next(), 25 + 15 * next()));
}

function setOf(places, kinds = places.map(() => 0)) {
    return PointSet.of(places.map(({ x }) => x), places.map(({ y }) => y), kinds);
}

test("grouping counts every point once at every zoom", () => {
    const all = setOf(scattered(300)).choose();
    for (let zoom = 0; zoom <= 12; zoom += 3) {
        const view = { x0: 0.75, y0: 0.35, x1: 0.85, y1: 0.45 };
        const total = all.group(zoom, view).reduce((sum, each) => sum + each.count, 0);
        assert.equal(total, 300);
    }
});

test("discs of groups never overlap, single points stand within 2 m of where they are", () => {
    const places = scattered(300);
    const set = setOf(places);
    for (const zoom of [4, 6, 8]) {
        const found = set.choose().group(zoom, { x0: 0.75, y0: 0.35, x1: 0.85, y1: 0.45 });
        const discs = found.filter((each) => each.count > 1);
        const px = ({ lon, lat }) => {
            const world = toWorld(lon, lat);
            return [world.x * 256 * 2 ** zoom, world.y * 256 * 2 ** zoom];
        };
        const size = (each) => (each.count >= 100 ? 56 : each.count >= 10 ? 50 : 44);
        discs.forEach((one, i) => {
            for (const other of discs.slice(0, i)) {
                const [a, b] = [px(one), px(other)];
                const apart = Math.hypot(a[0] - b[0], a[1] - b[1]);
                assert.ok(apart >= (size(one) + size(other)) / 2 - 1e-6);
            }
        });
        for (const single of found.filter((each) => each.count === 1)) {
            const world = toWorld(single.lon, single.lat);
            const place = places[set.rows[single.ranks[0]]];
            assert.ok(Math.hypot(world.x - place.x, world.y - place.y) < 2 ** -24);
        }
    }
});

test("points in one place are listed, others open at a deeper zoom", () => {
    const place = toWorld(116.4, 39.9);
    assert.deepEqual(setOf([place, place]).choose().group(5, WHOLE)[0].ranks, [0, 1]);
    const two = setOf(scattered(2)).choose();
    const [found] = two.group(0, WHOLE);
    assert.ok(found.zoom > 0);
    assert.equal(two.group(found.zoom, WHOLE).length, 2);
});

test("what is left out is in no group, and what is not chosen neither", () => {
    const set = setOf(scattered(100), Array.from({ length: 100 }, (_, row) => row % 3));
    const count = (choice, without) =>
        choice.group(3, WHOLE, without).reduce((sum, each) => sum + each.count, 0);
    assert.equal(count(set.choose(), new Set([3, 4, 99, -1, 100])), 97);
    const chosen = set.choose((rank) => set.kinds[rank] === 1);
    assert.equal(count(chosen), 33);
    const one = Array.from({ length: 100 }, (_, rank) => rank).find((rank) => set.kinds[rank] === 1);
    const other = Array.from({ length: 100 }, (_, rank) => rank).find((rank) => set.kinds[rank] === 2);
    assert.equal(count(chosen, new Set([one, other])), 32);
});

test("no points at all give no groups, and what is no file of points is refused", () => {
    assert.deepEqual(setOf([]).choose().group(2, WHOLE), []);
    const empty = new Uint8Array([103, 109, 112, 49, 0, 0, 0, 0]).buffer;
    assert.equal(PointSet.read(empty).count, 0);
    const refused = { message: "this is no file of points" };
    assert.throws(() => PointSet.read(new ArrayBuffer(0)), refused);
    assert.throws(() => PointSet.read(new Uint8Array([103, 109, 112, 49, 1, 0, 0, 0]).buffer), refused);
});
