"""Files made to harm: none is obeyed, none is quoted, none changes what it does not own.

``tests/hostile`` makes them; at full size: ``python tests/drills/hostile_drill.py``.
"""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geomap.cli import app
from geomap.data.reading import read_table
from geomap.data.sandbox import client
from geomap.data.sandbox.limits import Limits
from geomap.model.tables import TABLES

MAKE = Path(__file__).parents[1] / "hostile" / "make_hostile.py"
SECRET = "the-canary-sings-7f3a"  # noqa: S105 (what no output may hold)
#: What honest readers need here is under a second; endless files are given up sooner than usual.
SECONDS = 6
#: Sound in content, or with damage that leaves rows: they must not be refused for their looks.
READ = {
    "--help.csv", "csv-formulas", "csv-markup", "csv-nuls", "csv-numbers", "csv-sly-name",
    "csv-utf16-odd", "csv-wkt-odd", "json-duplicate-keys", "json-rings", "kml-links",
    "shp-gbk", "shp-gbk-zip", "xlsx-dimension", "xlsx-links",
}  # fmt: skip


@dataclass
class Fate:
    """What came of all files."""

    folder: Path
    calls: list
    before: dict
    after: dict
    readings: dict


@pytest.fixture(scope="module")
def fate(tmp_path_factory):
    folder, calls = tmp_path_factory.mktemp("hostile"), []
    canary = folder / "canary.csv"
    canary.write_text(f"名称,地址\n{SECRET},{SECRET}\n", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.MonkeyPatch.context() as patch:
        thread = threading.Thread(target=answer, args=(listener, calls))
        thread.start()
        patch.setattr(client, "limits_for", lambda _: Limits(SECONDS))
        paths = make(folder, canary, f"http://127.0.0.1:{listener.getsockname()[1]}")
        before = contents(folder)
        with ThreadPoolExecutor(2) as pool:
            readings = dict(zip(paths, pool.map(read, paths), strict=True))
        fate = Fate(folder, list(calls), before, contents(folder), readings)
        with socket.create_connection(listener.getsockname()) as caller:  # it does hear
            assert caller.recv(1) == b""
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert calls
    return fate


def make(folder, canary, url):
    done = subprocess.run(
        [sys.executable, MAKE, folder, "--url", url, "--canary", canary],
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(each) for each in json.loads(done.stdout)]


def answer(listener, calls):
    with suppress(OSError):
        while True:
            connection, caller = listener.accept()
            calls.append(caller)
            connection.close()


def read(path):
    is_areas = path.parent.name.startswith(("shp", "json-"))
    return read_table(path, TABLES["areas" if is_areas else "facilities"])


def contents(folder):
    """Hash every regular file of a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 2**32
    }


def test_every_file_is_read_or_refused_in_a_sentence(fate):
    assert len(fate.readings) > 250
    for path, reading in fate.readings.items():
        report = reading.report
        assert len(reading.frame) == report.accepted, path
        if report.outcome != "refused":
            TABLES[report.table].schema.validate(reading.frame, lazy=True)
            continue
        for language in ("zh", "en"):
            said = [each.message(language) for each in report.findings if each.level == "error"]
            assert said, path
            assert all(each.endswith(("。", "）", ".", ")")) for each in said), (path, said)
            assert not any("Traceback" in each or "/geomap/" in each for each in said), (path, said)


def test_no_reader_breaks_off(fate):
    broken = [
        path.relative_to(fate.folder)
        for path, reading in fate.readings.items()
        if "reader_failed" in reading.report.codes
    ]
    assert broken == []


def test_what_is_only_odd_is_read(fate):
    outcomes = {path.parent.name: reading.report.outcome for path, reading in fate.readings.items()}
    assert {name: outcomes[name] for name in READ if outcomes[name] == "refused"} == {}


def test_nobody_is_called(fate):
    assert fate.calls == []


def test_no_output_quotes_another_file(fate):
    for path, reading in fate.readings.items():
        report = reading.report
        said = json.dumps([report.to_dict("zh"), report.to_dict("en")], ensure_ascii=False)
        assert SECRET not in said, path
        assert SECRET not in reading.frame.to_csv(), path


def test_reading_writes_nothing_anywhere(fate):
    assert fate.before == fate.after


def test_a_refused_file_leaves_the_workspace_byte_for_byte(fate, tmp_path, monkeypatch):
    folder = tmp_path / "workspace"
    good = tmp_path / "good.csv"
    good.write_text("名称,经度,纬度\n甲敬老院,121.5,31.2\n", "utf-8")
    run = CliRunner().invoke(app, ["import", str(good), "--into", str(folder), "--yes"])
    assert run.exit_code == 0, (run.output, run.exception)
    before = contents(folder)
    assert before
    refused = {
        path: each for path, each in fate.readings.items() if each.report.outcome == "refused"
    }
    monkeypatch.setattr(client, "read", lambda path, *_: refused[path])  # as it came out above
    for path, reading in refused.items():
        arguments = ["--into", str(folder), "--as", reading.report.table, "--yes", "--", str(path)]
        run = CliRunner().invoke(app, ["import", *arguments])
        assert run.exit_code == 2, (path, run.output)
        assert contents(folder) == before, path
