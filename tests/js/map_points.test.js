import assert from "node:assert/strict";
import { test } from "node:test";

import "../../static/js/map-math.js";
import "../../static/js/map-grid.js";
import "../../static/js/map-points.js";

const { Names, Points, isSparing, textLanguage } = globalThis.geomap;

function namesOf(records) {
    const texts = records.map((each) => new TextEncoder().encode(each.join("\0")));
    const head = new Uint32Array([texts.length, ...texts.map((each) => each.length)]);
    const all = [new Uint8Array(head.buffer), ...texts].flatMap((each) => [...each]);
    return new Names(new Uint8Array(all).buffer);
}

test("names are read one by one, whatever they hold", () => {
    const records = [["a", "颐养院"], ["b-2", ""], ["c", "Villa 𠮷"]];
    const names = namesOf(records);
    assert.deepEqual(records.map((_, place) => names.get(place)), records);
});

test("who saves data or has a slow connection is not sent the points", () => {
    assert.equal(isSparing({}), false);
    assert.equal(isSparing({ connection: { effectiveType: "4g" } }), false);
    assert.equal(isSparing({ connection: { effectiveType: "3g" } }), true);
    assert.equal(isSparing({ connection: { saveData: true } }), true);
});

test("the language of a name is that of the server", () => {
    const spoken = ["颐养院", "特別養護老人ホーム", "Sunrise Villa", "2024"].map(textLanguage);
    assert.deepEqual(spoken, ["zh", "ja", "en", null]);
});

test("without points the tiles are asked, and filters that are not known here too", () => {
    const points = new Points({ points: { inFile: 4 }, types: [] }, {});
    assert.equal(points.choice([], ""), null);
});
