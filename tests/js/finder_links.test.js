import assert from "node:assert/strict";
import {test} from "node:test";

import {
    grouped,
    isFinder,
    isWorthSuggesting,
    markedParts,
    moved,
    resultAddress,
    roundPosition,
    spotAddress,
    textLanguage,
} from "../../static/js/finder_links.js";

const HERE = "http://127.0.0.1:8000/?q=%E9%9D%99%E5%AE%89&page=3&type=nursing_home&lang=en";

test("a position leaves the browser with three decimals only", () => {
    assert.equal(roundPosition(121.473701), 121.474);
    const url = new URL(spotAddress(HERE, {lon: 121.473701, lat: -31.2304161}));
    assert.equal(url.searchParams.get("lon"), "121.474");
    assert.equal(url.searchParams.get("lat"), "-31.23");
});

test("a picked spot drops the searched name and the page, and keeps type and language", () => {
    const url = new URL(spotAddress(HERE, {lon: 1, lat: 2}));
    assert.deepEqual([...url.searchParams.keys()].sort(), ["lang", "lat", "lon", "type"]);
});

test("a facility leads to its page, whatever its id holds", () => {
    const url = new URL(resultAddress(HERE, {kind: "facility", id: "../a?b#c"}));
    assert.equal(url.pathname, "/facilities/..%2Fa%3Fb%23c");
    assert.equal(url.search, "?lang=en");
});

test("a place keeps its name, a street address does not", () => {
    const spot = {name: "文化路97号", lon: 113.6, lat: 34.7};
    assert.equal(new URL(resultAddress(HERE, {...spot, kind: "address"})).searchParams.get("q"), null);
    assert.equal(new URL(resultAddress(HERE, {...spot, kind: "place"})).searchParams.get("q"), "文化路97号");
});

test("only our own finder is shown in place", () => {
    assert.equal(isFinder("/?page=2", HERE), true);
    assert.equal(isFinder("/facilities/a", HERE), false);
    assert.equal(isFinder("https://example.org/", HERE), false);
    assert.equal(isFinder("javascript:alert(1)", HERE), false);
});

test("suggestions open from one Chinese or two Latin characters", () => {
    assert.deepEqual(["静", "j", "ji", " ", ""].map(isWorthSuggesting), [true, false, true, false, false]);
});

test("the matched parts of a name are marked and nothing is lost", () => {
    const marked = (name, matched) => markedParts(name, matched).filter((part) => part.marked).map((part) => part.text);
    assert.deepEqual(marked("Sunrise Villa", [[3, 7]]), ["rise"]);
    assert.deepEqual(marked("𠮷野家静安店", [[0, 1], [3, 5]]), ["𠮷", "静安"]);
    assert.deepEqual(marked("静安区"), []);
    for (const matched of [[], [[0, 3]], [[1, 2]], [[0, 1], [2, 3]]]) {
        assert.equal(markedParts("静<b", matched).map((part) => part.text).join(""), "静<b");
    }
});

test("results are grouped by kind in the order of the best", () => {
    const results = [{kind: "place", id: 1}, {kind: "facility", id: 2}, {kind: "place", id: 3}];
    assert.deepEqual(grouped(results).map((group) => [group.kind, group.results.map((each) => each.id)]), [
        ["place", [1, 3]],
        ["facility", [2]],
    ]);
});

test("arrows go round through the rows and the text", () => {
    assert.equal(moved(-1, "ArrowDown", 3), 0);
    assert.equal(moved(2, "ArrowDown", 3), -1);
    assert.equal(moved(-1, "ArrowUp", 3), 2);
    assert.equal(moved(0, "ArrowUp", 3), -1);
});

test("the language of a name is told by its script", () => {
    assert.deepEqual(["颐养院", "老人ホーム", "Villa", "2024"].map(textLanguage), ["zh", "ja", "en", ""]);
});
