import assert from "node:assert/strict";
import {test} from "node:test";

import "../../static/js/plan-job.js";

const {isTold, meaning} = globalThis.geomapJob;

test("a job is spoken of at its start and once it is half done, not at every step", () => {
    const steps = [0, 0, 10, 35, 49, 50, 51, 70, 99];
    const told = steps.filter((now, i) => isTold(i ? steps[i - 1] : null, now));
    assert.deepEqual(told, [0, 50]);
});

test("an answer that leads elsewhere is the end, one that fails is not", () => {
    assert.equal(meaning({type: "opaqueredirect", ok: false}), "done");
    assert.equal(meaning({type: "basic", ok: true}), "told");
    assert.equal(meaning({type: "basic", ok: false}), "lost");
});
