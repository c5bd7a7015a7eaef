from __future__ import annotations

import json
import re
import string

import numpy as np
import pandas as pd
import pytest

from geomap.data.files.findings.asking import FORM_FIELDS
from geomap.data.files.findings.messages import MESSAGES, phrase, shown
from geomap.data.files.findings.report import Finding, Report, arrange, on_rows


def names(template):
    parts = list(string.Formatter().parse(template))
    inner = [names(spec) for _, _, spec, _ in parts if spec]
    return {name for _, name, _, _ in parts if name}.union(*inner)


def asked(template):
    parts = string.Formatter().parse(template)
    return {spec.split(" ")[0] for _, name, spec, _ in parts if name == "state"}


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_both_languages_name_the_same_values(code):
    message = MESSAGES[code]
    assert names(message.zh) - {"name"} == names(message.en) - {"name"}
    assert asked(message.zh) == asked(message.en)
    values = dict.fromkeys(names(message.zh) | names(message.en), "x")
    for language in ("zh", "en"):
        assert "{" not in phrase(code, "beds_total", values, (2, 3), language)


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_no_sentence_names_an_option_of_the_command_line_to_who_has_none(code):
    message = MESSAGES[code]
    assert "--" not in message.zh + message.en
    assert asked(message.zh) <= set(FORM_FIELDS)
    values = dict.fromkeys(names(message.zh) | names(message.en), "x")
    for voice in ("form", "reply"):
        for language in ("zh", "en"):
            said = phrase(code, "beds_total", values, (), language, voice=voice)
            assert not re.search("--|(?<!=)beds_total", said), said


@pytest.mark.parametrize(
    ("voice", "zh", "en"),
    [
        ("command", "请用 --datum gcj02 指明。", "give --datum gcj02."),
        (
            "form",
            "请在“坐标来自”选“高德、腾讯地图（GCJ-02）”。",
            "choose “AMap, Tencent Maps (GCJ-02)” under “Coordinates come from”.",
        ),
        (
            "reply",
            "请在回信里写明坐标来自哪种地图。",
            "state which map the coordinates come from when you send the list back.",
        ),
    ],
)
def test_a_sentence_asks_in_the_words_of_whoever_reads_it(voice, zh, en):
    values = {"column": "经度", "came": "GCJ-02", "expected": "WGS-84", "option": "gcj02"}
    finding = Finding("datum_in_header", field="geometry", values=values)
    assert finding.message("zh", voice=voice).endswith(zh)
    assert finding.message("en", voice=voice).endswith(en)


def test_one_row_of_many_is_told_without_the_others():
    found = [
        Finding("rounded", row, "residents", {"came": "1.5", "expected": 2}) for row in range(30)
    ]
    (one,) = arrange(found)
    assert "30 行" in one.message("zh")
    assert "30 行" not in one.of_row("zh")
    assert "如第" not in one.of_row("zh")


def test_what_a_file_holds_is_quoted_on_one_line_and_cut():
    said = phrase("bad_number", "beds_total", {"came": "a\n\x1b[31m{evil}" + "b" * 500}, (), "en")
    assert "\n" not in said
    assert "\x1b" not in said
    assert "{evil}" in said
    assert len(said) < 200
    assert len(shown("长" * 61)) == 60


def test_findings_are_ordered_by_row_the_file_first():
    found = arrange([Finding("bad_phone", 9), Finding("nul_bytes"), Finding("bad_date", 3)])
    assert [each.row for each in found] == [None, 3, 9]


def test_many_notes_of_one_kind_are_told_once_with_all_rows():
    few = [Finding("zero_capacity", row, "beds_total") for row in range(2, 22)]
    assert len(arrange(few)) == 20
    (one,) = arrange([*few, Finding("zero_capacity", 22, "beds_total")])
    assert (one.row, len(one.rows)) == (None, 21)
    assert "21 行" in one.message("zh")


def test_one_of_many_that_differ_is_told_as_an_example():
    found = [
        Finding("rounded", row, "residents", {"came": row, "expected": 1}) for row in range(30)
    ]
    (one,) = arrange(found)
    assert one.message("en").startswith("For example row 0: ")
    same = [Finding("zero_capacity", row, "beds_total") for row in range(30)]
    assert arrange(same)[0].message("zh").startswith("“床位总数")


def test_an_unknown_word_is_told_once_and_another_word_apart():
    found = [Finding("bad_type", row, "type", {"came": "甲"}) for row in range(2, 9)]
    found.append(Finding("bad_type", 9, "type", {"came": "乙"}))
    told = arrange(found)
    assert [(each.row, len(each.rows)) for each in told] == [(None, 7), (9, 0)]


def test_warnings_are_told_row_by_row_unless_most_of_the_file_has_them():
    found = [Finding("looks_like_metres", row, "geometry") for row in range(2, 102)]
    assert len(arrange(found, rows=1000)) == 100
    assert len(arrange(found, rows=100)) == 1


def test_each_row_is_given_its_own_values():
    came = pd.Series(["a", "b", "c"])
    mask = np.array([True, False, True])
    numbers = np.array([2, 5, 9])
    found = on_rows("bad_number", mask, numbers, field="cost", came=came, seen=lambda at: at + 1)
    assert [(each.row, each.values["came"], each.values["seen"]) for each in found] == [
        *[(2, "a", 1), (9, "c", 3)]
    ]


@pytest.mark.parametrize(
    ("rows", "accepted", "outcome"),
    [(3, 3, "accepted"), (3, 2, "partial"), (3, 0, "refused"), (0, 0, "refused")],
)
def test_the_outcome_follows_from_the_rows_kept(rows, accepted, outcome):
    assert Report("a.csv", "facilities", rows=rows, accepted=accepted).outcome == outcome


def test_the_report_is_plain_json_with_the_published_keys():
    findings = (Finding("bad_phone", np.int64(2), "phone", {"came": "1"}),)
    report = Report("a.csv", "facilities", 1, 1, 1, findings, {"电话": "phone"}, ("备注",))
    document = json.loads(json.dumps(report.to_dict("en"), default=int))
    keys = ("file", "outcome", "rows", "accepted", "needs_location", "findings")
    assert set(keys) <= set(document)
    (finding,) = document["findings"]
    assert {"code", "message", "row", "field"} <= set(finding)
    assert document["columns"] == {"电话": "phone"}
