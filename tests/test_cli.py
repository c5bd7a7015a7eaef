"""The command as people and scripts use it: what it shows, what it asks, what it answers."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import select
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, NamedTuple

import openpyxl
import pytest
from rich.cells import cell_len
from rich.console import Console

from geomap.cli import main, shown
from geomap.cli.importing import pairs
from geomap.cli.shown import Screen, compact_rows, show_difference, show_report, working
from geomap.data.files.findings.report import Finding, Report
from geomap.data.store.workspace import Workspace
from geomap.errors import DataError, ParameterError

if TYPE_CHECKING:
    from pathlib import Path

GEOMAP = [sys.executable, "-m", "geomap"]
PLAIN = {"COLUMNS": "80", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def geomap(*arguments, **environment) -> Done:
    """Run the command in this process, as in a pipe."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in (PLAIN | environment).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["geomap", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return Done(int(ended.value.code or 0), *texts)


def run(*arguments) -> subprocess.CompletedProcess:
    """Run the command in a process of its own."""
    command = [*GEOMAP, *map(str, arguments)]
    environment = os.environ | PLAIN
    return subprocess.run(
        command, capture_output=True, check=False, env=environment, encoding="utf-8"
    )


def listed(path: Path, *rows: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def home(id_, name, *, phone="010-88123456", beds="10", lon="116.40"):
    return {
        "编号": id_,
        "机构名称": name,
        "电话": phone,
        "床位": beds,
        "经度": lon,
        "纬度": "39.90",
    }


@pytest.fixture
def office(tmp_path):
    """Two homes that were imported, and where to."""
    path = listed(
        tmp_path / "a.csv", home("1", "金色年华养老院"), home("2", "朝霞养老院", lon="116.6")
    )
    done = geomap("import", path, "--into", tmp_path / "w", "--json")
    assert json.loads(done.stdout)["outcome"] == "written", done.stderr
    return tmp_path


# What cannot be done


@pytest.mark.parametrize(
    ("options", "zh"),
    [
        (["--crs", "foo"], "坐标系须写 EPSG 代码"),
        (["--datum", "mars"], "坐标来源"),
        (["--map", "床位"], "--map 须写成 列名=字段"),
        (["--map", "无此列=name"], "文件里没有列"),
        (["--nope"], "没有选项 --nope"),
        (["--as", "mars"], "须为 'facilities'"),
        (["more.csv"], "多出了 more.csv"),
        (["--datum"], "--datum 后面要写它的值"),
    ],
)
def test_an_option_that_cannot_be_is_json_and_a_sentence_in_the_readers_language(
    tmp_path, options, zh
):
    path = tmp_path / "a.csv"
    path.write_text("机构名称,经度,纬度\n甲院,121.4,31.2\n", encoding="utf-8")
    done = geomap("check", path, "--json", *options, LC_ALL="zh_CN.UTF-8")
    report = json.loads(done.stdout)
    assert (done.returncode, report["outcome"], report["rows"]) == (2, "refused", 0)
    [finding] = report["findings"]
    assert (finding["code"], report["file"]) == ("bad_option", "a.csv")
    assert zh in finding["message"]
    assert done.stderr.startswith("geomap: ")
    assert zh in done.stderr
    assert "Traceback" not in done.stderr


def test_the_language_is_the_stated_one_wherever_it_stands(tmp_path):
    for arguments in (["--lang", "zh", "--datum", "mars"], ["--datum", "mars", "--lang=zh"]):
        assert "坐标来源" in geomap("check", tmp_path / "a.csv", *arguments).stderr
    assert "datum must be one of" in geomap("check", tmp_path / "a.csv", "--datum", "mars").stderr
    fault = geomap("check", tmp_path / "a.csv", "--lang", "fr", LC_ALL="zh_CN.UTF-8")
    assert "--lang 须为 zh 或 en" in fault.stderr
    assert fault.returncode == 2


def test_an_import_that_is_refused_is_json_too_and_writes_nothing(office):
    done = geomap("import", office / "a.csv", "--into", office / "w", "--same", "1=9", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["outcome"]) == (2, "refused")
    assert "no record '9'" in report["findings"][0]["message"]
    missing = geomap("import", office / "no.csv", "--into", office / "w2", "--json")
    assert json.loads(missing.stdout)["outcome"] == "refused"
    assert missing.returncode == 2
    assert not (office / "w2").exists()


@pytest.mark.parametrize(
    ("arguments", "zh", "help_"),
    [
        (["chek"], "没有命令 chek", "geomap --help"),
        (["serve", "--port", "x"], "须为整数", "geomap serve --help"),
        (["serve", "--port", "99999"], "须不大于 65535", "geomap serve --help"),
        (["serve", "--workers", "0"], "须不小于 1", "geomap serve --help"),
        (["nearest", "d", "--lon", "x", "--lat", "1"], "须为数字", "geomap nearest --help"),
        (["check"], "缺少 ", "geomap check --help"),
        (["check", "a", "--yes=1"], "没有选项 --yes", "geomap check --help"),
        (["import", "a", "--into", "w", "--yes=1"], "--yes 后面不写值", "geomap import --help"),
    ],
)
def test_a_command_that_is_not_understood_is_explained_in_chinese(arguments, zh, help_):
    done = geomap(*arguments, LC_ALL="zh_CN.UTF-8")
    assert done.returncode == 2
    assert zh in done.stderr
    assert f"用法见：{help_}" in done.stderr
    assert not set("valid not such".split()) & set(done.stderr.split())


def test_a_foreign_folder_is_refused_before_anything_is_read_or_sent(office):
    (office / "letters").mkdir()
    (office / "letters" / "a.txt").write_text("dear")
    for options in ([], ["--dry-run"], ["--json"]):
        command = ("import", office / "no.csv", "--into", office / "letters", "--lang", "zh")
        done = geomap(*command, *options)
        assert done.returncode == 2
        assert "须是新的或空的文件夹" in done.stderr
    assert [each.name for each in (office / "letters").iterdir()] == ["a.txt"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_stored_but_not_published_is_not_said_to_be_refused(office, monkeypatch, language):
    def fail(*_):
        raise DataError("the disk is full", zh="磁盘已满")

    path = listed(office / "b" / "a.csv", home("1", "金色年华养老院", beds="12"))
    command = ("import", path, "--into", office / "w", "--lang", language)
    monkeypatch.setattr("geomap.data.store.workspace.publish_current", fail)
    done = geomap(*command, "--json")
    answer = json.loads(done.stdout)
    [finding] = answer["findings"]
    assert (done.returncode, answer["outcome"], finding["code"]) == (2, "stored", "not_published")
    assert {"zh": "磁盘已满", "en": "the disk is full"}[language] in finding["message"]
    assert finding["message"] in done.stderr
    said = geomap(*command).stderr
    assert {"zh": "已经存入", "en": "are stored"}[language] in said
    assert {"zh": "没有", "en": "Nothing"}[language] not in said.replace("还没有发布", "")
    monkeypatch.undo()
    done = geomap(*command, "--json")  # the same again, as was said
    assert json.loads(done.stdout)["outcome"] == "written"
    assert Workspace.open(office / "w").published.read("facilities").beds_total.tolist() == [12, 10]


def test_who_closes_the_pipe_ends_the_command_quietly(office):
    command = [*GEOMAP, "check", office / "a.csv"]
    for more in ([], ["--json"]):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen([*command, *more], **pipes, env=os.environ | PLAIN) as process:
            process.stdout.close()
            assert (process.stderr.read(), process.wait(timeout=60)) == (b"", 141)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GEOCODER", "google", ("须为'tianditu', 'amap'", "must be one of 'tianditu'")),
        ("UPLOAD_MAX_MB", "0", ("须为不小于 1 的数，这里是 '0'", "must be at least 1, got '0'")),
        ("PROXIES", "some", ("须为整数，这里是 'some'", "must be a whole number, got 'some'")),
    ],
)
@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["import", "{}", "--into", "{}w2"]])
def test_a_wrong_setting_is_a_sentence(office, command, name, value, said):
    arguments = [each.format(office / "a.csv") for each in command]
    for language, words in zip(("zh_CN", "en_US"), said, strict=True):
        done = geomap(*arguments, LC_ALL=f"{language}.UTF-8", **{f"GEOMAP_{name}": value})
        assert done.returncode == 2
        assert f"GEOMAP_{name}, geomap.toml" in done.stderr
        assert words in done.stderr


def test_a_pair_needs_both_sides():
    assert pairs("--same", ["a=b=c"]) == [("a=b", "c")]
    for text in ("a", "=a", "a="):
        with pytest.raises(ParameterError, match="--same must be NEW=OLD"):
            pairs("--same", [text])


# How a check reads


def test_the_rows_of_a_finding_are_written_shortly():
    assert compact_rows(range(2, 900)) == "2–899"
    assert compact_rows([5, 2, 3, 3]) == "2–3, 5"
    assert compact_rows(list(range(1, 99, 2)), most=2) == "1, 3 … (49)"


def output(language, show, *, width=80, terminal=False):
    screen = Screen(language)
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, highlight=False)
    vars(screen)["console"] = console
    show(screen)
    return file.getvalue()


def problems(count=3):
    findings = [
        Finding("negative_value", row, "beds_total", {"came": "-3"}) for row in range(2, 2 + count)
    ]
    words = Finding(
        "bad_type",
        None,
        "type",
        {"came": "其他" * 60, "expected": ["甲"], "given": "甲"},
        (4, 5, 6, 9),
    )
    return Report("名单.csv", "facilities", 9, 9, 0, (words, *findings), {"床位": "beds_total"})


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_check_fits_the_screen_and_names_every_row(language, width):
    text = output(language, lambda screen: show_report(screen, problems()), width=width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "4–6, 9" in text
    lines = [line.split()[0] for line in text.splitlines() if line.strip()]
    assert [each for each in lines if each in {"2", "3", "4"}] == ["2", "3", "4"]
    assert "negative_value" in text
    assert "\x1b" not in text


def test_no_line_begins_with_punctuation():
    text = output("zh", lambda screen: show_report(screen, problems()), width=60)
    assert not any(line.strip().startswith(("，", "。", "；", "）")) for line in text.splitlines())


def test_colour_is_for_terminals_and_long_lists_are_cut_there():
    text = output("en", lambda screen: show_report(screen, problems(99)), terminal=True)
    assert "\x1b[" in text
    assert "70 more; --json has all" in text
    assert "\x1b" not in output("en", lambda screen: show_report(screen, problems(99)))


def test_what_a_file_says_is_shown_as_text_and_obeyed_by_no_terminal():
    evil = "[red]x[/red]\x1b[2J\x07"
    report = Report(evil, "facilities", 1, 1, 0, (), {evil: "name"}, (evil,))
    text = output("en", lambda screen: show_report(screen, report))
    assert "[red]x[/red]" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_a_marked_copy_is_written_and_named(office):
    path = listed(office / "b.csv", home("1", "金色年华养老院", beds="-3"))
    copy = office / "copy.xlsx"
    done = geomap("check", path, "--annotate", copy, "--lang", "zh")
    assert done.returncode == 1
    assert f"带说明的副本：{copy}" in done.stdout.replace("\n", "")
    assert any(
        "-3" in str(cell.value)
        for row in openpyxl.load_workbook(copy).worksheets[0]
        for cell in row
    )
    assert geomap("check", path, "--annotate", office / "copy.csv").returncode == 2
    assert geomap("check", path, "--annotate", path).returncode == 2
    assert path.read_text(encoding="utf-8").startswith("编号")


# What an import shows and asks


def test_a_dry_run_shows_every_case_and_writes_nothing(office):
    path = listed(
        office / "b" / "a.csv",
        home("1", "金色年华养老院", beds="12"),
        home("7", "安康养老院", phone="", lon="116.9"),
    )
    other = listed(office / "b.csv", home("x", "金色年华老年公寓"))
    before = (office / "w" / "workspace.db").read_bytes()
    done = geomap("import", path, other, "--into", office / "w", "--dry-run", "--lang", "en")
    assert done.returncode in (0, 1)
    flat = " ".join(done.stdout.split())
    assert "new 1, changed 1, gone from the file 1" in flat
    assert "New (1)" in flat
    assert all(part in flat for part in ("Changes (1)", "Beds", " 10 ", " 12 "))
    assert "Gone from the file (still kept) (1)" in flat
    assert "Possibly there already" in flat
    assert "name, place, telephone, 0 m" in flat
    assert "Nothing was written." in flat
    assert (office / "w" / "workspace.db").read_bytes() == before
    fresh = geomap("import", path, "--into", office / "none", "--dry-run")
    assert "Nothing was written." in fresh.stdout
    assert not (office / "none").exists()


def test_json_has_every_row_of_the_difference(office):
    path = listed(office / "b.csv", home("x", "金色年华老年公寓", beds="11"))
    done = geomap("import", path, "--into", office / "w", "--json", "--dry-run")
    document = json.loads(done.stdout)
    assert (document["outcome"], document["revision"]) == ("compared", None)
    [pair] = document["files"][0]["difference"]["possibly_same"]
    assert (pair["id"], pair["other_id"], pair["other_file"]) == ("x", "1", "a.csv")
    assert pair["certain"] is True


def test_answers_are_given_once_and_remembered(office):
    path = listed(
        office / "b.csv", home("x", "金色年华老年公寓"), home("y", "朝霞养护院", lon="116.6")
    )
    answered = geomap(
        "import", path, "--into", office / "w", "--same", "x=1", "--distinct", "y=2", "--json"
    )
    counts = json.loads(answered.stdout)["files"][0]["difference"]["counts"]
    assert {name: count for name, count in counts.items() if count} == {"new": 1, "changed": 1}
    again = geomap("import", path, "--into", office / "w", "--json")
    counts = json.loads(again.stdout)["files"][0]["difference"]["counts"]
    assert {name: count for name, count in counts.items() if count} == {"same": 2}


def test_all_that_is_certain_is_taken_as_the_same_by_one_option(office):
    path = listed(
        office / "b.csv", home("x", "金色年华老年公寓"), home("y", "朝霞养护院", lon="116.6")
    )
    done = geomap("import", path, "--into", office / "w", "--same-certain", "--json")
    counts = json.loads(done.stdout)["files"][0]["difference"]["counts"]
    assert {name: count for name, count in counts.items() if count} == {"changed": 2}


def test_files_that_contradict_each_other_are_both_left_out(office):
    """The second is refused only after the first would be in; nothing of the first stays."""
    first = listed(
        office / "b.csv", *(home(f"{n}", f"{n}号山庄养老院", lon=f"{n}") for n in range(80, 84))
    )
    geomap("import", first, "--into", office / "w", "--json")
    another = listed(
        office / "c" / "b.csv",
        *(home(f"{n}", f"{n}号海滨敬老院", lon=f"{n + 20}") for n in range(80, 84)),
    )
    new = listed(office / "d.csv", home("n", "新来养老院", phone="", lon="100"))
    done = geomap("import", new, another, "--into", office / "w", "--lang", "zh")
    assert done.returncode == 2
    assert "请把文件改名后再导入" in done.stderr
    kept = geomap("import", new, "--into", office / "w", "--dry-run", "--json")
    assert json.loads(kept.stdout)["files"][0]["difference"]["counts"]["new"] == 1


def conversation(answer: str, *arguments) -> tuple[int, str]:
    """Run the command on a terminal of its own, and answer what it asks."""
    parent, child = pty.openpty()
    command = [*GEOMAP, *map(str, arguments)]
    environment = os.environ | PLAIN | {"TERM": "xterm"}
    process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=environment)
    os.close(child)
    said = b""
    until = time.monotonic() + 120
    try:
        while select.select([parent], [], [], max(0.0, until - time.monotonic()))[0]:
            try:
                said += os.read(parent, 65536)
            except OSError:  # the terminal is closed when the process ends
                break
            if b"[y/N]" in said and answer:
                os.write(parent, answer.encode())
                answer = ""
        return process.wait(timeout=max(1.0, until - time.monotonic())), said.decode()
    finally:
        process.kill()
        os.close(parent)


def test_on_a_terminal_it_asks_before_it_changes_records(office):
    path = listed(office / "b" / "a.csv", home("1", "金色年华养老院", beds="12"))
    command = ("import", path, "--into", office / "w")
    before = (office / "w" / "published" / "current.json").read_bytes()
    code, said = conversation("\n", *command)
    assert (code, "Nothing was written." in said) == (2, True)
    assert (office / "w" / "published" / "current.json").read_bytes() == before
    code, said = conversation("y\n", *command)
    assert code in (0, 1)
    assert "Published revision" in said


@pytest.mark.parametrize(
    ("options", "beds", "asked"),
    [([], "12", True), ([], "10", False), (["--yes"], "12", False), (["--json"], "12", False)],
)
def test_it_asks_only_where_there_is_something_to_decide(office, monkeypatch, options, beds, asked):
    questions: list[str] = []
    monkeypatch.setattr("typer.confirm", lambda text, **_: questions.append(text) or True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    path = listed(
        office / "b" / "a.csv",
        home("1", "金色年华养老院", beds=beds),
        home("2", "朝霞养老院", lon="116.6"),
        home("n", "新来养老院", phone="", lon="100"),
    )
    done = geomap("import", path, "--into", office / "w", *options, FORCE_COLOR="1")
    assert done.returncode in (0, 1)
    assert bool(questions) == asked


def test_a_bar_appears_over_long_work_on_a_terminal_only(monkeypatch):
    monkeypatch.setattr(shown, "BAR_AFTER_S", 0.0)

    def work(screen):
        with working(screen, "Reading", 10) as tell:
            time.sleep(0.3)
            tell(5)

    assert "Reading" in output("en", work, terminal=True)
    assert output("en", work) == ""


def test_a_correction_by_hand_is_marked(tmp_path):
    from datetime import UTC, datetime

    from geomap.data.reading import read_table
    from geomap.data.store.difference import origin_of
    from geomap.data.store.workspace import Workspace
    from geomap.model.facility import FACILITIES

    now = {"who": "li", "at": datetime.now(UTC)}
    workspace = Workspace.create(tmp_path / "w")
    for beds in ("10", "12"):
        path = listed(tmp_path / "a.csv", home("1", "金色年华养老院", beds=beds))
        frame = read_table(path, FACILITIES).frame
        found = workspace.apply(frame, FACILITIES, origin=origin_of(path), **now)
        if beds == "10":
            workspace.edit("1", "beds_total", 11, **now, source="电话核实")
    assert "11（人工更正）" in output("zh", lambda screen: show_difference(screen, found))


# Addresses that leave the machine


def test_addresses_are_sent_nowhere_unless_the_operator_says_so(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("机构名称,地址\n甲院,某处\n", encoding="utf-8")
    quiet = geomap("import", path, "--into", tmp_path / "w", "--lang", "zh")
    assert "发送" not in quiet.stdout + quiet.stderr
    options = {"GEOMAP_GEOCODER": "nominatim", "GEOMAP_GEOCODER_URL": "http://127.0.0.1:9/"}
    told = geomap("import", path, "--into", tmp_path / "w2", "--lang", "zh", **options)
    assert "地址将发送给 Nominatim" in told.stderr


def test_no_workspace_is_made_by_asking_alone_and_the_answers_are_kept_in_a_new_one(
    tmp_path, monkeypatch
):
    path = tmp_path / "a.csv"
    path.write_text("机构名称,地址\n甲院,某处\n", encoding="utf-8")
    monkeypatch.setenv("GEOMAP_GEOCODER", "nominatim")
    asked: list[bool] = []

    def answer(frame, _settings, answers, **_):
        asked.append(answers.exists() or answers.write_bytes(b"answers") < 0)
        return frame, []

    monkeypatch.setattr("geomap.data.geocoding.geocode_missing", answer)
    into = tmp_path / "w"
    geomap("import", path, "--into", into, "--dry-run")
    assert not into.exists()
    geomap("import", path, "--into", into)
    assert (into / "geocoder.db").read_bytes() == b"answers"
    geomap("import", path, "--into", into, "--dry-run")
    geomap("import", path, "--into", into)
    assert asked == [False, False, True, True], "known before"


# A whole year of a real office


def test_the_homes_of_taipei_are_imported_and_a_year_later_reviewed(data_folder, tmp_path):
    source = data_folder / "taipei" / "homes.csv"
    first = run("import", source, "--into", tmp_path / "w", "--lang", "zh")
    assert first.returncode == 1, first.stderr
    assert "新增 94" in first.stdout
    with source.open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    rows.pop(10)
    rows[20]["電話"] = "02-11112222"
    new = rows[0] | {
        "機構名稱": "臺北市私立朝陽老人養護所",
        "電話": "02-27000000",
        "lat": "25.0262",
    }
    rows.insert(3, new | {"地址": "臺北市大安區和平東路1段1號", "lon": "121.5435"})
    for number, row in enumerate(rows, 1):
        row["編號"] = f"TP{number:03}"
    later = listed(tmp_path / "later" / "homes.csv", *rows)

    shown = geomap("import", later, "--into", tmp_path / "w", "--dry-run", "--json")
    counts = json.loads(shown.stdout)["files"][0]["difference"]["counts"]
    assert (counts["new"], counts["possibly_same"], counts["gone"]) == (94, 93, 94)
    done = geomap("import", later, "--into", tmp_path / "w", "--same-certain", "--lang", "zh")
    assert "新增 1，有改动 1，没有变化 92，文件中已没有 1" in done.stdout
    assert "02-23943265~6" in done.stdout
    assert "02-11112222" in done.stdout
    again = geomap("import", later, "--into", tmp_path / "w", "--json")
    document = json.loads(again.stdout)
    counts = document["files"][0]["difference"]["counts"]
    assert {name: count for name, count in counts.items() if count} == {"same": 94, "gone": 1}
    assert document["revision"] == int(done.stdout.split("已发布第 ")[1].split(" ")[0])
