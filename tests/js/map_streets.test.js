import assert from "node:assert/strict";
import { test } from "node:test";

import "../../static/js/map-math.js";
import "../../static/js/map-vector.js";
import "../../static/js/map-streets.js";

const { readTile, Streets, widthAt } = globalThis.geomap;
const { declutter } = globalThis.geomap.math;
// Written by geomap.data.basemap.encoding: a square with a hole, two lines of a road, two names.
const TILE = Buffer.from("1a3b78020a057761746572121e12020000180322160900001a1400001413000f09040b1a0400000303000f1a046b696e6422070a0577617465722880201a5c78020a05726f616473121e1206000001010202180222120909000a9240d80409f93fc90412040300021a046b696e641a046e616d651a0674756e6e656c22090a077072696d617279220b0a09e6b19fe5ae81e8b7af220228012880201a4178020a056e616d6573120d12040000010118012203093222120718012203093c281a046e616d651a047a6f6f6d220b0a09e99d99e5ae89e5afba2202280d288020", "hex");

function bytesOf(buffer) {
    return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length);
}

test("a tile is read layer by layer, with its attributes and the box of each part", () => {
    const layers = readTile(bytesOf(TILE));
    assert.deepEqual([...layers.keys()], ["water", "roads", "names"]);
    const [lake] = layers.get("water");
    assert.deepEqual(lake.properties, { kind: "water" });
    assert.equal(lake.parts.length, 2);
    assert.deepEqual(lake.boxes, [[0, 0, 10, 10], [2, 2, 4, 4]]);
    const [road] = layers.get("roads");
    assert.deepEqual(road.properties, { kind: "primary", name: "江宁路", tunnel: 1 });
    assert.deepEqual(road.parts, [[-5, 0, 4100, 300], [7, 7, 9, 5, 9, 6]]);
    const [station, nameless] = layers.get("names");
    assert.deepEqual([station.properties, station.parts], [{ name: "静安寺", zoom: 13 }, [[25, 17]]]);
    assert.deepEqual([nameless.properties, nameless.parts], [{}, [[30, 20]]]);
});

test("an empty tile has no layers, a damaged one is a fault and never an endless loop", () => {
    assert.equal(readTile(new ArrayBuffer(0)).size, 0);
    for (let length = 1; length < TILE.length; length += 1) {
        try {
            readTile(bytesOf(TILE.subarray(0, length)));
        } catch (error) {
            assert.match(String(error), /cut off|wire type/);
        }
    }
});

test("roads grow wider from zoom to zoom, and are not drawn before their first", () => {
    const widths = [[13, 1], [15, 4], [18, 13]];
    assert.deepEqual([12, 13, 14, 15, 18, 19].map((zoom) => widthAt(widths, zoom)), [0, 1, 2.5, 4, 13, 13]);
});

test("tiles are asked for only where a street map reaches, and never deeper than its last zoom", async () => {
    const asked = [];
    globalThis.L = { Util: { template: (url, { z, x, y }) => `${z}/${x}/${y}` } };
    globalThis.fetch = async (url) => {
        asked.push(url);
        return { ok: true, arrayBuffer: async () => bytesOf(TILE) };
    };
    const world = [0.8375, 0.4085, 0.8376, 0.4086];
    const streets = new Streets({ url: "", minZoom: 7, maxZoom: 14, maps: [{ world }] });
    const at = (z) => ({ z, x: Math.floor(0.83755 * 2 ** z), y: Math.floor(0.40855 * 2 ** z) });
    assert.equal(await streets.load(at(6)), null);
    assert.equal(await streets.load({ z: 14, x: 1, y: 1 }), null);
    assert.equal(asked.length, 0);
    const whole = await streets.load(at(14));
    assert.deepEqual(whole.view, { x0: 0, y0: 0, x1: 4096, y1: 4096, unit: 16, zoom: 14 });
    const part = await streets.load(at(16));
    assert.equal(asked.length, 1); // of the same tile
    assert.equal(part.view.unit, 4);
    assert.equal(part.view.x1 - part.view.x0, 1024);
    assert.equal((at(16).x % 4) * 1024, part.view.x0);
});

test("a name is kept once within its distance, and along its whole slanting length", () => {
    const box = (x, y, name) => ({ x, y, x0: x - 9, x1: x + 9, y0: y - 9, y1: y + 9, name, apart: 300 });
    assert.deepEqual(declutter([box(0, 0, "a"), box(200, 0, "a"), box(200, 0, "b"), box(400, 0, "a")]), [true, false, true, true]);
    const slanting = { x: 50, y: 50, boxes: [box(0, 0), box(50, 50), box(100, 100)] };
    assert.deepEqual(declutter([box(100, 100, "a"), slanting, box(50, 0, "c")]), [true, false, true]);
});
