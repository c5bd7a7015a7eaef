"""What a reader says comes through whole, and is refused where it is not what it must be."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.files.findings.messages import MESSAGES
from geomap.data.files.findings.report import Finding, Report
from geomap.data.files.table import read_in_process
from geomap.data.sandbox import answer
from geomap.errors import CRSError, DataError, ParameterError
from geomap.model.facility import FACILITIES
from geomap.model.table import Label

TEXTS = st.text(max_size=20)
SINGLE = st.one_of(
    TEXTS, st.integers(), st.floats(allow_nan=False), st.none(), st.builds(Label, TEXTS, TEXTS)
)
VALUES = st.one_of(SINGLE, st.lists(SINGLE, max_size=4))
NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=8)
ROW_NUMBERS = st.lists(st.integers(1, 10**6), max_size=3).map(tuple)
#: What any sentence quotes.
QUOTED = dict.fromkeys(re.findall(r"{(\w+)}", str(MESSAGES)), "x")
FINDINGS = st.builds(
    lambda code, row, field, values, rows: Finding(code, row, field, QUOTED | values, rows),
    st.sampled_from(sorted(MESSAGES)),
    st.none() | st.integers(1, 10**6),
    st.sampled_from(FACILITIES.names),
    st.dictionaries(NAMES, VALUES, max_size=4),
    ROW_NUMBERS,
)
REPORTS = st.builds(
    Report,
    TEXTS,
    st.just("facilities"),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 99),
    st.lists(FINDINGS, max_size=4).map(tuple),
    st.dictionaries(TEXTS, TEXTS, max_size=3),
    st.lists(TEXTS, max_size=3).map(tuple),
    st.dictionaries(NAMES, SINGLE, max_size=3),
    st.lists(TEXTS, max_size=3).map(tuple),
    ROW_NUMBERS,
)


@given(REPORTS)
def test_every_report_comes_through_whole(report):
    assert answer.from_message(json.loads(json.dumps(answer.to_message(report)))) == report


def test_no_part_of_a_report_is_forgotten():
    parts = {each.name for each in dataclasses.fields(Report)}
    assert set(answer.to_message(Report("a", "areas"))) == parts


def test_values_of_other_kinds_come_as_what_would_be_shown():
    odd = {"came": np.int64(3), "expected": (np.float64(1.5), ValueError("no"), True)}
    report = Report("a.csv", "areas", findings=(Finding("file_empty", 2, values=odd),))
    (finding,) = answer.from_message(answer.to_message(report)).findings
    assert finding.values == {"came": 3, "expected": [1.5, "no", True]}


def spoilt(**changes):
    return {**answer.to_message(Report("a.csv", "areas")), **changes}


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        {},
        spoilt(rows="1"),
        spoilt(rows=True),
        spoilt(file=None),
        spoilt(more=1),
        spoilt(columns=[]),
        spoilt(columns={"a": 1}),
        spoilt(header=["a", 1]),
        spoilt(findings=[["file_empty", None, None, {}]]),
        spoilt(findings=[["no_such_code", None, None, {}, []]]),
        spoilt(findings=[[[], None, None, {}, []]]),
        spoilt(findings=[["file_empty", "2", None, {}, []]]),
        spoilt(findings=[["file_empty", 2, None, {"came": {"zh": "x"}}, []]]),
        spoilt(findings=[["file_empty", 2, None, {"came": {"zh": "x", "en": 1}}, []]]),
        spoilt(findings=[["file_empty", 2, None, {}, ["1"]]]),
        spoilt(findings=[["bad_date", 2, None, {}, []]]),  # its sentences quote what came
        spoilt(findings=[["crs_link", 2, "a\nb", {"came": "x"}, []]]),
        spoilt(findings=[["crs_link", 2, None, {"came": [["x"]]}, []]]),
        spoilt(findings="x"),
        {each: value for each, value in spoilt().items() if each != "rows"},
    ],
)
def test_what_is_no_report_is_refused(message):
    with pytest.raises(DataError):
        answer.from_message(message)


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("名称,床位,收住对象,经度,纬度\n甲敬老院,5,自理,121.5,31.2\n乙院,,,,\n", "utf-8")
    reading = read_in_process(path, FACILITIES)
    answer.write_reading(tmp_path, reading, FACILITIES)
    return tmp_path, reading


def test_a_reading_comes_through_whole(written):
    folder, reading = written
    again = answer.read_answer(folder, FACILITIES)
    assert again.frame.equals(reading.frame)
    assert again.report == reading.report


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"report": 1}', '{"error": 1}'])
def test_a_report_that_is_no_report_is_refused(written, text):
    folder, _ = written
    (folder / answer.REPORT).write_text(text)
    with pytest.raises(DataError):
        answer.read_answer(folder, FACILITIES)


@pytest.mark.parametrize("name", [answer.REPORT, answer.ROWS])
def test_an_answer_that_is_a_link_a_pipe_or_a_folder_is_refused(written, name):
    folder, _ = written
    (folder / name).rename(folder / "elsewhere")
    for make in (lambda path: path.symlink_to("elsewhere"), os.mkfifo, lambda path: path.mkdir()):
        make(folder / name)
        with pytest.raises(DataError):
            answer.read_answer(folder, FACILITIES)
        (folder / name).rmdir() if (folder / name).is_dir() else (folder / name).unlink()


def test_an_answer_that_is_too_long_is_not_taken_into_memory(written, monkeypatch):
    folder, _ = written
    monkeypatch.setattr(answer, "_LONGEST_ROWS", 100)
    with pytest.raises(DataError, match="at most 100 bytes"):
        answer.read_answer(folder, FACILITIES)


def test_rows_that_the_report_does_not_count_are_refused(written):
    folder, _ = written
    said = json.loads((folder / answer.REPORT).read_text())
    said["report"]["accepted"] += 1
    (folder / answer.REPORT).write_text(json.dumps(said))
    with pytest.raises(DataError, match="fit"):
        answer.read_answer(folder, FACILITIES)


def test_a_missing_answer_is_refused(tmp_path):
    with pytest.raises(DataError):
        answer.read_answer(tmp_path, FACILITIES)


@pytest.mark.parametrize("error", [ParameterError("k must be", zh="k 须"), CRSError("no")])
def test_an_option_error_is_raised_as_it_was(tmp_path, error):
    answer.write_option_error(tmp_path, error)
    with pytest.raises(type(error)) as raised:
        answer.read_answer(tmp_path, FACILITIES)
    assert (str(raised.value), raised.value.zh) == (str(error), error.zh)
