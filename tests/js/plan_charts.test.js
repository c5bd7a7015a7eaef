import assert from "node:assert/strict";
import {test} from "node:test";

import "../../static/js/plan-charts.js";

const {barOptions, lineOptions, rowsOf, stepsOptions} = globalThis.geomapCharts;
const look = {text: "#000", second: "#333", hairline: "#ccc", line: "#00f"};

globalThis.getComputedStyle = () => ({fontFamily: "sans-serif"});
globalThis.document = {body: {}};

function table(rows) {
    const cell = (text, value) => ({textContent: text, dataset: {value}});
    return {tBodies: [{rows: rows.map(([name, value, text]) => ({cells: [cell(name), cell(text, value)]}))}]};
}

test("a chart shows the rows of its table, in their order, with their own words", () => {
    const rows = rowsOf(table([["甲", "0.5", "50%"], ["乙", "12345", "12,345"]]));
    const {yAxis, series, tooltip} = barOptions(rows, look);
    assert.deepEqual(yAxis.data, ["甲", "乙"]);
    assert.deepEqual(series[0].data, [0.5, 12345]);
    assert.equal(series[0].label.formatter({dataIndex: 1}), "12,345");
    assert.equal(tooltip.formatter([{dataIndex: 0}]), "甲: 50%");
    assert.equal(tooltip.renderMode, "richText"); // names never become markup
});

test("the curve of shares runs from nobody to everybody beside the line of equality", () => {
    const rows = rowsOf(table([["0%", "0", "0%"], ["50%", "10", "10%"], ["100%", "100", "100%"]]));
    const {series} = lineOptions(rows, look);
    assert.deepEqual(series[0].data, [[0, 0], [50, 10], [100, 100]]);
    assert.deepEqual(series[1].data, [[0, 0], [100, 100]]);
});

test("a curve of one point stands at its beginning, not nowhere", () => {
    const {series} = lineOptions(rowsOf(table([["0%", "0", "0%"]])), look);
    assert.deepEqual(series[0].data, [[0, 0]]);
});

test("a curve of steps stands where its rows say, whole numbers apart where they are whole", () => {
    const named = (rows) => ({tBodies: [{rows: rows.map(([at, value]) => ({cells: [
        {textContent: `${at} yuan`, dataset: {value: at}}, {textContent: value, dataset: {value}},
    ]}))}]});
    const whole = stepsOptions(rowsOf(named([["0", "30"], ["1", "90"]])), look, "sites");
    assert.deepEqual(whole.series[0].data, [[0, 30], [1, 90]]);
    assert.equal(whole.xAxis.minInterval, 1);
    const money = stepsOptions(rowsOf(named([["0.01", "30"], ["1200.5", "90"]])), look, "money");
    assert.deepEqual(money.series[0].data, [[0.01, 30], [1200.5, 90]]);
    assert.equal(money.xAxis.minInterval, 0);
});
