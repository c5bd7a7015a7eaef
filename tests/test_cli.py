from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "options",
    [["--crs", "foo"], ["--datum", "mars"], ["--map", "床位"], ["--map", "无此列=name"]],
)
def test_an_option_that_cannot_be_is_json_and_a_sentence(tmp_path, options):
    path = tmp_path / "a.csv"
    path.write_text("机构名称,经度,纬度\n甲院,121.4,31.2\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "geomap", "check", str(path), "--json", *options],
        capture_output=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert (done.returncode, report["outcome"], report["rows"]) == (2, "refused", 0)
    assert [each["code"] for each in report["findings"]] == ["bad_option"]
    assert done.stderr.decode().startswith("geomap: ")
    assert b"Traceback" not in done.stderr
