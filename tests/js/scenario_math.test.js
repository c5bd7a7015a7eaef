import assert from "node:assert/strict";
import { test } from "node:test";

import "../../static/js/scenario-math.js";

const { CLASSES, answerTo, clipOf, degreesText, dividerX, lookOf, partsOf, peopleByPart, percentAt, readPress } =
    globalThis.geomap.scenario;

test("the four parts of a row are all its people, and what is gained less what is lost is the change", () => {
    for (const before of [0, 0.2, 0.5, 1]) {
        for (const after of [0, 0.3, 0.5, 1]) {
            const parts = partsOf(80, before, after);
            const sum = CLASSES.reduce((all, name) => all + parts[name], 0);
            assert.ok(Math.abs(sum - 80) < 1e-9);
            assert.ok(Math.abs(parts.newly - parts.lost - 80 * (after - before)) < 1e-9);
            assert.ok(CLASSES.every((name) => parts[name] >= 0));
        }
    }
});

test("people are drawn by what becomes of them, the most first, and parts of less than half a person are not", () => {
    const before = [[121, 25, 30, 0], [121.1, 25, 90, 0], [121.2, 25, 40, 1], [121.3, 25, 10, 0.5]];
    const after = before.map(([lon, lat, people], i) => [lon, lat, people, [1, 1, 0, 0.52][i]]);
    const found = peopleByPart(before, after);
    assert.deepEqual(found.newly.map(({ people }) => people), [90, 30]);
    assert.deepEqual(found.lost, [{ at: [121.2, 25], people: 40 }]);
    assert.deepEqual(found.reached, [{ at: [121.3, 25], people: 5 }]);
    assert.equal(found.beyond.length, 1);
});

test("before the changes nobody is newly reached or lost", () => {
    assert.deepEqual(CLASSES.map((name) => lookOf(name, "before")), ["beyond", "reached", "beyond", "reached"]);
    assert.deepEqual(CLASSES.map((name) => lookOf(name, "after")), CLASSES);
});

test("the two sides meet at the line and together are the whole map, wherever it was moved", () => {
    const corner = { x: -40, y: 12.345 };
    const size = { x: 300, y: 200 };
    assert.equal(clipOf("before", corner, size, 30), "polygon(-40px 12.3px, 50px 12.3px, 50px 212.3px, -40px 212.3px)");
    assert.equal(clipOf("after", corner, size, 30), "polygon(50px 12.3px, 260px 12.3px, 260px 212.3px, 50px 212.3px)");
    assert.equal(clipOf("after", corner, size, 100), "polygon(260px 12.3px, 260px 12.3px, 260px 212.3px, 260px 212.3px)");
});

test("the line stays on the map however far the handle is drawn", () => {
    assert.deepEqual([-20, 0, 75, 300, 900].map((x) => percentAt(x, 300)), [0, 0, 25, 100, 100]);
    assert.deepEqual([-5, 50, 130].map((percent) => dividerX(300, percent)), [0, 150, 300]);
});

test("a press is read only if it is a place on earth and told as the map tells it", () => {
    const press = { geomap: "scenario", lon: 121.5, lat: 25, facility: null };
    assert.deepEqual(readPress(press), { lon: 121.5, lat: 25, facility: null, moves: false });
    const facility = { id: "n1", name: "甲", type: "other", beds: null, more: "<b>" };
    assert.deepEqual(readPress({ ...press, facility, kind: "move" }), {
        lon: 121.5, lat: 25, facility: { id: "n1", name: "甲", type: "other", beds: null }, moves: true,
    });
    const wrong = [
        null, "scenario", {}, { ...press, geomap: "other" }, { ...press, lon: "121" }, { ...press, lon: 181 },
        { ...press, lat: NaN }, { ...press, lat: -90.1 }, { ...press, facility: { id: 3 } }, { ...press, facility: "n1" },
    ];
    wrong.forEach((each) => assert.equal(readPress(each), null));
});

test("degrees are written to a decimetre, without needless noughts", () => {
    assert.deepEqual([121.5, 25.12345678, -0.0000001].map(degreesText), ["121.5", "25.123457", "0"]);
});

const GROUND = { lon: 121.5, lat: 25, facility: null, moves: false };
const HOME = { id: "n1", name: "甲", type: "nursing_home", beds: 20 };

test("a press on the ground is a new facility, whatever was begun before", () => {
    for (const kind of ["add", "close", "enlarge", ""]) {
        const { fields, next, said } = answerTo(GROUND, { kind, facility_id: "n1" });
        assert.deepEqual([fields.kind, fields.facility_id, fields.lon, fields.lat], ["add", "", "121.5", "25"]);
        assert.deepEqual([next, said], ["name", "place"]);
    }
});

test("a press on the ground is the new place of the one that is moved, and the reader goes on to save", () => {
    const told = answerTo({ ...GROUND, facility: HOME, moves: true }, { kind: "close", facility_id: "" });
    const begun = answerTo(GROUND, { kind: "move", facility_id: "n1" });
    for (const { fields, next, said } of [told, begun]) {
        assert.deepEqual([fields.kind, fields.facility_id, fields.lon, fields.lat], ["move", "n1", "121.5", "25"]);
        assert.deepEqual([next, said], ["", "moved"]);
    }
    assert.equal(answerTo(GROUND, { kind: "move", facility_id: "" }).fields.kind, "add");
});

test("a press on a facility keeps what was to be done with it, brings its beds, and forgets a place typed before", () => {
    const kinds = ["add", "", "move", "close", "enlarge"];
    const found = kinds.map((kind) => answerTo({ ...GROUND, facility: HOME }, { kind, facility_id: "" }));
    assert.deepEqual(found.map(({ fields }) => fields.kind), ["close", "close", "move", "close", "enlarge"]);
    assert.ok(found.every(({ fields }) => fields.facility_id === "n1" && fields.lon === "" && fields.place === ""));
    assert.ok(found.every(({ fields, next, said }) => fields.beds === "20" && next === "kind" && said === "facility"));
    const unknown = answerTo({ ...GROUND, facility: { ...HOME, beds: null } }, { kind: "enlarge", facility_id: "" });
    assert.equal(unknown.fields.beds, "");
});
