// What the scenario map and the form beside it reckon, without a page: people, the swipe, messages.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const CLASSES = ["beyond", "reached", "newly", "lost"]; // as they are drawn, the last on top
    const KINDS = ["add", "move", "close", "enlarge"];
    const LEAST_PEOPLE = 0.5; // a part of a row with fewer is not drawn
    const DEGREE_DIGITS = 6; // a decimetre

    /**
     * What becomes of the people of one row of demand; the four parts are all of them.
     * @param {number} people how many they are
     * @param {number} before the share within reach before the changes, 0 to 1
     * @param {number} after the same after them
     */
    function partsOf(people, before, after) {
        return {
            beyond: people * (1 - Math.max(before, after)),
            reached: people * Math.min(before, after),
            newly: people * Math.max(0, after - before),
            lost: people * Math.max(0, before - after),
        };
    }

    /**
     * The people to draw, those of each kind with the most first: small circles lie on large ones.
     * @param {number[][]} before rows of longitude, latitude, people, share within reach
     * @param {number[][]} after the same rows in the same order
     * @returns {Object<string, {at: number[], people: number}[]>} by what becomes of them
     */
    function peopleByPart(before, after) {
        const found = Object.fromEntries(CLASSES.map((name) => [name, []]));
        before.forEach(([lon, lat, people, share], i) => {
            const parts = partsOf(people, share, after[i][3]);
            CLASSES.filter((name) => parts[name] >= LEAST_PEOPLE).forEach((name) => {
                found[name].push({ at: [lon, lat], people: parts[name] });
            });
        });
        Object.values(found).forEach((each) => each.sort((a, b) => b.people - a.people));
        return found;
    }

    /** What a part of the people looks like on one side: before the changes nothing is new or lost. */
    function lookOf(part, side) {
        return side === "after" ? part : ({ newly: "beyond", lost: "reached" }[part] ?? part);
    }

    /** Where the line between before and after stands, pixels from the left. */
    function dividerX(width, percent) {
        return (width * Math.min(100, Math.max(0, percent))) / 100;
    }

    /** How many per cent of the width lie left of a place, whole. */
    function percentAt(x, width) {
        return Math.round(Math.min(1, Math.max(0, x / width)) * 100);
    }

    /**
     * The part of the map that a side shows, as a value of clip-path.
     * @param {{x: number, y: number}} corner the map's upper left corner in the plane of its layers
     * @param {{x: number, y: number}} size of the map, pixels
     */
    function clipOf(side, corner, size, percent) {
        const middle = corner.x + dividerX(size.x, percent);
        const [left, right] = side === "before" ? [corner.x, middle] : [middle, corner.x + size.x];
        const [top, bottom] = [corner.y, corner.y + size.y];
        const corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
        return `polygon(${corners.map(([x, y]) => `${round(x, 1)}px ${round(y, 1)}px`).join(", ")})`;
    }

    function round(value, digits) {
        return Number(value.toFixed(digits));
    }

    /** Degrees as they are written into the form. */
    function degreesText(value) {
        return String(round(value, DEGREE_DIGITS));
    }

    function isDegrees(value, most) {
        return typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= most;
    }

    /**
     * Read what the map tells of a press; null if it is nothing of the kind.
     * @returns {?{lon: number, lat: number, facility: ?Object, moves: boolean}}
     */
    function readPress(data) {
        if (data?.geomap !== "scenario" || !isDegrees(data.lon, 180) || !isDegrees(data.lat, 90)) {
            return null;
        }
        const { lon, lat, facility, kind } = data;
        if (facility && typeof facility.id !== "string") {
            return null;
        }
        return { lon, lat, facility: facility ? plain(facility) : null, moves: kind === "move" };
    }

    function plain({ id, name, type, beds }) {
        const text = (value) => (typeof value === "string" ? value : "");
        return { id, name: text(name), type: text(type), beds: Number.isFinite(beds) ? beds : null };
    }

    /**
     * What a press writes into the form, and where the reader goes on.
     * @param {{lon: number, lat: number, facility: ?Object, moves: boolean}} press
     * @param {{kind: string, facility_id: string}} given what the form says
     * @returns {{fields: Object<string, string>, next: string, said: string}} the field to go to,
     *     and which sentence tells what was taken
     */
    function answerTo(press, given) {
        const at = { lon: degreesText(press.lon), lat: degreesText(press.lat), place: "" };
        const id = press.facility?.id ?? given.facility_id;
        if (press.moves || (!press.facility && given.kind === "move" && id)) {
            return { fields: { kind: "move", facility_id: id, ...at }, next: "", said: "moved" };
        }
        if (!press.facility) {
            return { fields: { kind: "add", facility_id: "", ...at }, next: "name", said: "place" };
        }
        const kind = given.kind === "add" || !KINDS.includes(given.kind) ? "close" : given.kind;
        const beds = press.facility.beds === null ? "" : String(press.facility.beds);
        return { fields: { kind, facility_id: id, lon: "", lat: "", place: "", beds }, next: "kind", said: "facility" };
    }

    geomap.scenario = {
        CLASSES,
        answerTo,
        clipOf,
        degreesText,
        dividerX,
        lookOf,
        partsOf,
        peopleByPart,
        percentAt,
        readPress,
    };
})(globalThis);
