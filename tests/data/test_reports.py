"""Reports of readers in the workspace: none is lost, none is read by others."""

from __future__ import annotations

import json
import multiprocessing
import stat
from datetime import UTC, datetime

import pytest

from geomap.data import reports
from geomap.data.reports import FacilityReport, keep_report, read_reports
from geomap.errors import DataError, TooLargeError

NOW = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)


def report(text: str = "电话不对") -> FacilityReport:
    return FacilityReport("a", "颐养院", "1", "phone", text, None, "zh")


def test_reports_come_back_in_the_order_in_which_they_came(tmp_path):
    numbers = [keep_report(tmp_path, report(f"第 {n} 条\n换行"), NOW) for n in range(5)]
    kept = list(read_reports(tmp_path))
    assert [each["number"] for each in kept] == numbers
    assert [each["text"] for each in kept] == [f"第 {n} 条\n换行" for n in range(5)]
    assert kept[0]["at"] == "2026-07-01T08:30:00+00:00"
    assert len(set(numbers)) == 5


def test_only_the_owner_may_read_them(tmp_path):
    keep_report(tmp_path, report(), NOW)
    path = tmp_path / "reports" / "reports.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_flushed_before_it_is_acknowledged(tmp_path, monkeypatch):
    steps = []
    real = reports.os.fsync
    monkeypatch.setattr(
        reports.os, "fsync", lambda handle: (steps.append("fsync"), real(handle))[1]
    )
    monkeypatch.setattr(reports, "sync_folder", lambda _folder: steps.append("folder"))
    keep_report(tmp_path, report(), NOW)
    assert steps[-2:] == ["fsync", "folder"]


def test_a_line_cut_by_a_crash_spoils_no_other(tmp_path):
    keep_report(tmp_path, report("一"), NOW)
    path = tmp_path / "reports" / "reports.jsonl"
    with path.open("ab") as file:
        file.write(b'{"number": "cut')
    keep_report(tmp_path, report("二"), NOW)
    assert [each["text"] for each in read_reports(tmp_path)] == ["一", "二"]


def _keep_many(folder, name):
    for n in range(20):
        keep_report(folder, report(f"{name}-{n} " + "长" * 900), NOW)


def test_writers_at_the_same_time_mix_no_lines(tmp_path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_keep_many, args=(tmp_path, n)) for n in range(4)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    lines = (tmp_path / "reports" / "reports.jsonl").read_text(encoding="utf-8").splitlines()
    assert len({json.loads(line)["text"] for line in lines}) == 80


def test_a_full_file_is_not_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(reports, "MOST_BYTES", 300)
    keep_report(tmp_path, report(), NOW)
    with pytest.raises(TooLargeError, match="read the reports"):
        keep_report(tmp_path, report("长" * 200), NOW)
    assert len(list(read_reports(tmp_path))) == 1


def test_a_disk_that_takes_half_a_line_leaves_none_of_it(tmp_path, monkeypatch):
    keep_report(tmp_path, report("一"), NOW)
    real = reports.os.write
    monkeypatch.setattr(reports.os, "write", lambda handle, line: real(handle, line[:10]))
    with pytest.raises(DataError, match="full"):
        keep_report(tmp_path, report("二"), NOW)
    path = tmp_path / "reports" / "reports.jsonl"
    assert path.read_bytes().endswith(b"\n")
    assert len(path.read_bytes().splitlines()) == 1


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "reports").write_text("a file in the way")
    with pytest.raises(DataError, match="reports"):
        keep_report(tmp_path, report(), NOW)
