import assert from "node:assert/strict";
import {test} from "node:test";

import {chosenVoice, parts, spoken} from "../../static/js/elder_reading.js";

const voice = (lang, localService = true) => ({lang, localService});

test("only a voice on the device reads, in the language of the page", () => {
    assert.equal(chosenVoice([], "zh-CN"), null);
    assert.equal(chosenVoice([voice("zh-CN", false), voice("en-US")], "zh-CN"), null);
    assert.equal(chosenVoice([voice("zh-CN"), voice("en-US")], "en").lang, "en-US");
});

test("Mandarin reads before other voices of Chinese, however the browser writes it", () => {
    assert.equal(chosenVoice([voice("zh-HK"), voice("zh_CN")], "zh-CN").lang, "zh_CN");
    assert.equal(chosenVoice([voice("zh-HK"), voice("cmn-Hans-CN")], "zh-CN").lang, "cmn-Hans-CN");
    assert.equal(chosenVoice([voice("zh-TW")], "zh-CN").lang, "zh-TW");
});

test("telephone numbers are said digit by digit, other numbers are not", () => {
    assert.equal(spoken("打电话 021-6200 0000", "zh-CN"), "打电话 0 2 1 6 2 0 0 0 0 0 0");
    assert.equal(spoken("空床 6 张，共 120 张", "zh-CN"), "空床 6 张，共 120 张");
});

test("ranges are said with a word, marks as a pause", () => {
    assert.equal(spoken("3,200–5,600 元", "zh-CN"), "3,200 到 5,600 元");
    assert.equal(spoken("¥3,200–5,600 · a month", "en"), "¥3,200 to 5,600 , a month");
    assert.equal(spoken("  甲\n 乙  ", "zh-CN"), "甲 乙");
});

test("long texts are cut after sentences, and nothing is lost", () => {
    const text = "第一句。第二句！第三句？".repeat(20);
    const cut = parts(text, 50);
    assert.ok(cut.every((each) => each.length <= 50 && /[。！？]$/.test(each)));
    assert.equal(cut.join(""), text);
});

test("a sentence without an end is cut after a comma, else anywhere", () => {
    assert.deepEqual(parts("甲乙，丙丁，戊己", 6), ["甲乙，丙丁，", "戊己"]);
    assert.deepEqual(parts("甲乙丙丁", 3), ["甲乙丙", "丁"]);
    assert.deepEqual(parts("  ", 3), []);
});
