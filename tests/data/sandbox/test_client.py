"""Reading in a process of its own: the same rows, and a sentence whatever goes wrong."""

from __future__ import annotations

import csv
import dataclasses
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from geomap.data.files.table import read_in_process
from geomap.data.reading import Options, check, read_table
from geomap.data.sandbox import client
from geomap.data.sandbox.limits import Limits
from geomap.data.sandbox.readers import READERS, Readers
from geomap.errors import CRSError, ParameterError
from geomap.model.area import AREAS
from geomap.model.facility import FACILITIES

HEADER = ["编号", "名称", "地址", "床位", "收住对象", "消防验收", "检查日期", "经度", "纬度"]
ROW = [
    "7",
    "甲敬老院",
    "上海市静安区一号",
    "120",
    "自理、失能",
    "是",
    "2020-05-01",
    "121.4",
    "31.2",
]


@pytest.fixture
def homes(tmp_path):
    def write(rows=1, name="homes.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(HEADER)
            lines.writerows([[f"{n}", f"甲{n}敬老院", *ROW[2:]] for n in range(rows)])
        return path

    return write


def limited(monkeypatch, **limits):
    monkeypatch.setattr(client, "limits_for", lambda _: Limits(**{"seconds": 10, **limits}))


def ended(monkeypatch, end):
    """Let something happen to each reader before it is watched."""
    watch = client._watch

    def watch_after(reader, limits):
        end(reader)
        return watch(reader, limits)

    monkeypatch.setattr(client, "_watch", watch_after)


# -- the same as here ----------------------------------------------------------------------------


def test_rows_and_report_are_those_of_reading_in_this_process(homes):
    path = homes(30)
    path.write_text(
        path.read_text("utf-8") + ",乙院,,x,什么,maybe,2025-02-30,200,0\n,,,,,,,,\n", "utf-8"
    )
    apart, here = read_table(path, FACILITIES), read_in_process(path, FACILITIES)
    assert apart.frame.equals(here.frame)
    assert apart.frame.dtypes.equals(here.frame.dtypes)
    assert apart.frame.crs == here.frame.crs
    for language in ("zh", "en"):
        assert apart.report.to_dict(language) == here.report.to_dict(language)
    FACILITIES.schema.validate(apart.frame, lazy=True)


def test_a_refused_file_is_an_empty_frame_and_the_same_report(tmp_path):
    path = tmp_path / "空 file.csv"
    path.touch()
    apart, here = read_table(path, AREAS), read_in_process(path, AREAS)
    assert apart.report == here.report
    assert apart.frame.equals(here.frame)
    assert apart.report.file == "空 file.csv"


def test_options_reach_the_reader(homes):
    options = Options(
        columns={"床位": "ignore"}, default_type="street_center", today=date(2019, 1, 1)
    )
    reading = read_table(homes(), FACILITIES, options)
    assert reading.frame.beds_total.isna().all()
    assert "bad_date" in reading.report.codes
    assert reading.report.details["datum"] == "wgs84"


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"columns": {"无此列": "name"}}, ParameterError),
        ({"encoding": "klingon"}, ParameterError),
        ({"crs": "EPSG:1"}, CRSError),
    ],
)
def test_a_wrong_option_raises_here_as_it_does_there(homes, options, kind):
    with pytest.raises(kind) as apart:
        check(homes(), **options)
    with pytest.raises(kind) as here:
        read_in_process(homes(), FACILITIES, Options(**options))
    assert str(apart.value) == str(here.value)


def test_a_plain_shapefile_is_read_with_the_parts_beside_it_whatever_their_case(tmp_path):
    import geopandas as gpd
    from shapely.geometry import box

    frame = gpd.GeoDataFrame({"名称": ["甲县"]}, geometry=[box(121, 31, 122, 32)], crs="EPSG:4326")
    frame.to_file(tmp_path / "Areas.shp", driver="ESRI Shapefile", encoding="UTF-8")
    (tmp_path / "Areas.dbf").rename(tmp_path / "areas.DBF")
    report = check(tmp_path / "Areas.shp", table=AREAS)
    assert (report.outcome, report.accepted) == ("accepted", 1)
    (tmp_path / "areas.DBF").unlink()
    report = check(tmp_path / "Areas.shp", table=AREAS)
    assert report.outcome == "refused"
    assert "Areas.dbf" in report.refusal
    assert "copy" not in json.dumps(report.to_dict("en"))


# -- what goes wrong is a sentence ---------------------------------------------------------------


def refused(report, code):
    (finding,) = report.findings
    assert (report.outcome, finding.code) == ("refused", code)
    for language in ("zh", "en"):
        assert finding.message(language).endswith(("。", "."))
        assert "Traceback" not in finding.message(language)
    return finding


def test_what_takes_too_long_is_stopped(homes, monkeypatch):
    limited(monkeypatch, seconds=1.0)
    ended(monkeypatch, lambda reader: os.kill(reader.pid, signal.SIGSTOP))
    begun = time.monotonic()
    refused(check(homes()), "took_too_long")
    assert time.monotonic() - begun >= 1


def test_what_computes_too_long_is_stopped_however_long_it_might_wait(homes, monkeypatch):
    limited(monkeypatch, seconds=0.2)
    monkeypatch.setattr("geomap.data.sandbox.limits._PATIENCE", 300)
    finding = refused(check(homes(100_000)), "took_too_long")
    for language in ("zh", "en"):
        assert " 0 " in finding.message(language)  # of computing, rounded
        assert " 60 " in finding.message(language)  # in all


def test_what_the_kernel_stops_for_computing_too_long_took_too_long(homes, monkeypatch):
    request, a_second = client.request_for, -4.0  # the kernel gives five more
    limited(monkeypatch, seconds=0.2)
    monkeypatch.setattr("geomap.data.sandbox.limits._PATIENCE", 300)
    monkeypatch.setattr(client, "work_seconds", lambda _: 0.0)
    monkeypatch.setattr(
        client, "request_for", lambda *given: dataclasses.replace(request(*given), seconds=a_second)
    )
    refused(check(homes(100_000)), "took_too_long")


def test_what_takes_too_much_memory_is_stopped(homes, monkeypatch):
    limited(monkeypatch, memory_bytes=2**20)
    finding = refused(check(homes(20_000)), "too_much_memory")
    assert "GB" in finding.message("en")


def test_a_crash_is_a_sentence_and_the_next_file_is_read(homes, monkeypatch):
    with monkeypatch.context() as patch:
        ended(patch, lambda reader: os.kill(reader.pid, signal.SIGSEGV))
        refused(check(homes()), "reader_failed")
    assert check(homes()).outcome == "accepted"


def test_an_unexpected_error_is_a_sentence_and_its_trace_is_logged_only(
    homes, monkeypatch, caplog, capfd
):
    request = client.request_for

    def wrong(*given):
        return dataclasses.replace(request(*given), table="castles")

    monkeypatch.setattr(client, "request_for", wrong)
    with caplog.at_level(logging.WARNING, "geomap.sandbox"):
        refused(check(homes()), "reader_failed")
    assert "KeyError: 'castles'" in caplog.text
    assert capfd.readouterr() == ("", "")


def test_an_answer_that_is_none_is_a_failure(homes, monkeypatch):
    watch = client._watch

    def spoil(reader, limits):
        end = watch(reader, limits)
        for answer in Path(tempfile.gettempdir()).glob("geomap-*/report.json"):
            answer.write_text('{"report": {"file": 7}}')
        return end

    monkeypatch.setattr(client, "_watch", spoil)
    refused(check(homes()), "reader_failed")


def test_a_file_that_grows_while_it_is_read_is_refused(homes):
    path, is_over = homes(200_000), threading.Event()

    def grow():
        with path.open("ab") as file:
            while not is_over.is_set():
                file.write(b"x")
                file.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        finding = refused(check(path), "file_changed")
    finally:
        is_over.set()
        writer.join()
    assert path.name in finding.message("en")


def test_nothing_stays_behind(homes, monkeypatch, tmp_path):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    others = children()  # a browser, where other tests have one open
    check(homes())
    check(tmp_path / "none.csv")
    assert list(place.iterdir()) == []
    assert children() - others <= {READERS._server._process.pid}


# -- the server of readers -----------------------------------------------------------------------


def children(pid=None):
    tasks = Path(f"/proc/{pid or os.getpid()}/task").glob("*/children")
    return {int(each) for task in tasks for each in task.read_text().split()}


def test_a_server_that_was_killed_is_started_again(homes):
    check(homes())
    first = READERS._server._process.pid
    os.kill(first, signal.SIGKILL)
    assert check(homes()).outcome == "accepted"
    assert READERS._server._process.pid != first


def test_threads_read_at_the_same_time_each_its_own_file(homes):
    paths = [homes(rows, f"{rows}.csv") for rows in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(check, paths))
    assert [(each.file, each.rows) for each in reports] == [
        (f"{rows}.csv", rows) for rows in range(1, 9)
    ]


def test_without_a_server_reading_fails_in_a_sentence(homes, monkeypatch):
    broken = Readers()
    monkeypatch.setattr("geomap.data.sandbox.readers._SERVER", "geomap.no_such_module")
    monkeypatch.setattr(client, "READERS", broken)
    refused(check(homes()), "reader_failed")


FORKING = """
import os, sys
import geomap as gm
from geomap.data.sandbox.readers import READERS
gm.check(sys.argv[1])
mine = READERS._server._process.pid
child = os.fork()
if child == 0:
    report = gm.check(sys.argv[1])
    is_own = READERS._server._process.pid != mine
    READERS.stop()
    os._exit(0 if report.outcome == "accepted" and is_own else 3)
_, status = os.waitpid(child, 0)
report = gm.check(sys.argv[1])
assert report.outcome == "accepted" and READERS._server._process.pid == mine
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_forked_process_has_a_server_of_its_own(homes):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKING, homes()],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


DYING = """
import os, signal, sys
import geomap as gm
from geomap.data.sandbox import client
from geomap.data.sandbox.readers import READERS
def die(reader, limits):
    print(READERS._server._process.pid, reader.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
client._watch = die
gm.check(sys.argv[1])
"""


def test_server_and_reader_end_with_the_process_that_asked(homes):
    done = subprocess.run(
        [sys.executable, "-c", DYING, homes()],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    pids = [int(each) for each in done.stdout.split()]
    over = time.monotonic() + 30
    while any(is_running(each) for each in pids) and time.monotonic() < over:
        time.sleep(0.05)
    assert not any(is_running(each) for each in pids)


def is_running(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_main_module_without_a_guard_is_not_run_again(homes, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"import geomap as gm\nprint('once')\nprint(gm.check({str(homes())!r}).outcome)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["once", "accepted"], "")
