"""Long work: told how far it is, cancelled, found again, and said to be cut off when it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from geomap.data import jobs as jobs_module
from geomap.data.job_state import JobStates
from geomap.data.jobs import BusyError, Jobs, Progress
from geomap.errors import NotFoundError

CHILD = "tests_job_child"
SOURCE = """
import sys, time
from pathlib import Path
from geomap.data.jobs import Jobs
from geomap.errors import DataError
folder, number = Path(sys.argv[1]), sys.argv[2]
asked = Jobs(folder).asked(number)
jobs = Jobs(folder, asked.get("at_once", 1))
with jobs.work(number) as progress:
    progress.tell("half", number=1, of_steps=2, share=0.5)
    if asked["do"] == "sleep":
        time.sleep(60)
    if asked["do"] == "refuse":
        raise DataError("no areas", zh="没有地区")
    (jobs.place(number) / "result.txt").write_text(asked["do"])
"""


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    (tmp_path / f"{CHILD}.py").write_text(SOURCE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = Jobs(tmp_path / "jobs")
    yield made
    for each in made.all():
        made.cancel(each.id)


def wait(jobs, number, *states, seconds=30):
    end = time.monotonic() + seconds
    while (found := jobs.find(number)).state not in states:
        assert time.monotonic() < end, f"still {found}"
        time.sleep(0.02)
    return found


def test_a_job_ends_done_and_its_result_is_found_by_another_process(jobs):
    job = jobs.start({"do": "add"}, CHILD)
    done = wait(jobs, job.id, "done")
    again = Jobs(jobs.folder)
    assert (again.place(job.id) / "result.txt").read_text() == "add"
    assert again.find(job.id).share == done.share == 1.0
    assert again.start({"do": "add"}, CHILD).state == "done"  # the same question, once


def test_who_waits_for_a_job_waits_no_longer_than_it_takes_nor_than_said(jobs):
    job = jobs.start({"do": "add"}, CHILD)
    assert jobs.wait(job.id, seconds=30).state == "done"
    long = jobs.start({"do": "sleep"}, CHILD)
    assert not jobs.wait(long.id, seconds=0.1).ended


def test_a_job_that_is_refused_says_why_and_may_be_tried_again(jobs):
    job = jobs.start({"do": "refuse"}, CHILD)
    failed = wait(jobs, job.id, "failed")
    assert (failed.said, failed.said_zh) == ("no areas", "没有地区")
    assert jobs.start({"do": "refuse"}, CHILD).began_at > failed.ended_at


def test_a_running_job_is_cancelled_and_the_next_has_its_turn(jobs):
    first = jobs.start({"do": "sleep"}, CHILD)
    running = wait(jobs, first.id, "running")
    second = jobs.start({"do": "next"}, CHILD)
    time.sleep(0.5)
    assert jobs.find(second.id).state == "queued"
    assert jobs.cancel(first.id).state == "cancelled"
    wait(jobs, second.id, "done")
    time.sleep(0.5)
    with pytest.raises(ProcessLookupError):
        os.kill(running.pid, 0)


def test_a_job_stays_cancelled_whenever_that_was_said(jobs):
    for pause in (0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6):
        job = jobs.start({"do": "sleep", "again": pause}, CHILD)
        time.sleep(pause)
        assert jobs.cancel(job.id).state == "cancelled"
        assert jobs.find(job.id).state == "cancelled"
    time.sleep(1)
    assert {each.state for each in jobs.all()} == {"cancelled"}


def test_a_process_that_was_slow_to_begin_or_to_die_says_no_more_of_a_cancelled_job(jobs):
    job = jobs.start({"do": "sleep"}, CHILD)
    jobs.cancel(job.id)
    with pytest.raises(SystemExit), jobs.work(job.id):
        raise AssertionError("it was cancelled before it began")
    for says in (
        lambda: Progress(jobs, job.id).tell("half", number=1, of_steps=2, share=0.5, now=True),
        lambda: jobs._go_on(job.id, state="running"),
    ):
        with pytest.raises(SystemExit):
            says()
    assert jobs._end(job.id, "done").state == "cancelled"
    assert jobs.find(job.id).state == "cancelled"


def test_a_job_whose_process_was_killed_says_that_it_was_cut_off(jobs):
    job = jobs.start({"do": "sleep"}, CHILD)
    running = wait(jobs, job.id, "running")
    os.kill(running.pid, signal.SIGKILL)
    assert wait(jobs, job.id, "interrupted").seconds_left is None
    assert not jobs.start({"do": "sleep"}, CHILD).ended  # and is done again when asked for


def test_progress_tells_the_step_and_how_long_it_may_take(jobs):
    job = jobs.start({"do": "sleep"}, CHILD)
    end = time.monotonic() + 30
    while not (found := jobs.find(job.id)).step:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert (found.step, found.number, found.of_steps, found.share) == ("half", 1, 2, 0.5)
    assert found.seconds_left >= 0


def test_too_many_that_wait_are_turned_away(jobs, monkeypatch):
    monkeypatch.setattr(jobs_module, "MOST_WAITING", 1)
    jobs.start({"do": "sleep"}, CHILD)
    with pytest.raises(BusyError):
        jobs.start({"do": "more"}, CHILD)


@pytest.mark.parametrize("number", ["0" * 20, "../..", "", "a/b", "äöü"])
def test_what_is_no_job_is_not_found(jobs, number):
    with pytest.raises(NotFoundError):
        jobs.find(number)


def test_old_results_are_swept_away_and_running_ones_stay(jobs, monkeypatch):
    for name in ("a", "b"):
        wait(jobs, jobs.start({"do": name}, CHILD).id, "done")
    monkeypatch.setattr(jobs_module, "KEPT", 1)
    jobs.sweep()
    kept = jobs.all()
    assert [json.loads((jobs.place(k.id) / "asked.json").read_text())["do"] for k in kept] == ["b"]
    monkeypatch.setattr(jobs_module, "KEPT_S", -1)
    jobs.sweep()
    assert jobs.all() == []


def test_a_job_that_ended_while_it_was_looked_at_is_not_called_cut_off(jobs, monkeypatch):
    job = jobs.start({"do": "add"}, CHILD)
    wait(jobs, job.id, "done")
    state = jobs.place(job.id) / "state.json"
    done = state.read_text()
    state.write_text(json.dumps(json.loads(done) | {"state": "running"}))

    def ends_now(_states, _number):
        state.write_text(done)
        return False

    monkeypatch.setattr(JobStates, "is_held", ends_now)
    assert jobs.find(job.id).state == "done"


def test_a_job_that_was_begun_anew_while_it_was_looked_at_goes_on(jobs, monkeypatch):
    job = jobs.start({"do": "sleep"}, CHILD)
    os.kill(wait(jobs, job.id, "running").pid, signal.SIGKILL)
    held = JobStates.is_held

    def begun_anew(_states, _number):
        monkeypatch.setattr(JobStates, "is_held", held)
        assert Jobs(jobs.folder).start({"do": "sleep"}, CHILD).state == "queued"
        return False

    while jobs.states.is_held(job.id):  # it ends
        time.sleep(0.02)
    monkeypatch.setattr(JobStates, "is_held", begun_anew)
    assert jobs.find(job.id).state == "queued"
    assert wait(jobs, job.id, "running", "interrupted").state == "running"


def test_a_process_that_is_slow_to_begin_is_waited_for_and_one_that_cannot_is_not(jobs):
    job = jobs.start({"do": "sleep"}, CHILD)
    state = jobs.place(job.id) / "state.json"
    told = json.loads(state.read_text())
    state.write_text(json.dumps(told | {"began_at": time.time() - 3600}))
    assert jobs.find(job.id).state in ("queued", "running")
    none = jobs.start({"do": "nothing"}, "no_such_module")
    assert wait(jobs, none.id, "interrupted", seconds=20)


def test_a_job_that_is_removed_while_it_is_changed_is_not_found(jobs):
    job = jobs.start({"do": "add"}, CHILD)
    wait(jobs, job.id, "done")
    jobs.states.remove(job.id)
    for asks in (jobs.find, jobs.asked, jobs.cancel):
        with pytest.raises(NotFoundError):
            asks(job.id)
    with pytest.raises(NotFoundError):
        jobs.states.change(job.id, {"step": "half"})


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"id": "a", "of_another_geomap": 1}', '{"id": "a", "began_at": null, "pid": 0}'],
)
def test_a_damaged_state_keeps_no_other_job_from_starting(jobs, content):
    job = jobs.start({"do": "add"}, CHILD)
    wait(jobs, job.id, "done")
    (jobs.place(job.id) / "state.json").write_text(content)
    assert jobs.all() == []
    jobs.sweep()
    assert jobs.place(job.id).is_dir()  # it may be of a newer geomap
    os.utime(jobs.place(job.id), (0, 0))
    jobs.sweep()
    assert not jobs.place(job.id).exists()
    wait(jobs, jobs.start({"do": "other"}, CHILD).id, "done")
    wait(jobs, jobs.start({"do": "add"}, CHILD).id, "done")


def test_the_same_question_asked_at_once_is_worked_out_once(jobs):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: jobs.start({"do": "sleep"}, CHILD), range(4)))
    pids = {wait(jobs, each.id, "running").pid for each in found}
    assert len(pids) == 1
    began = {each.began_at for each in found}
    assert len(began) == 1


#: A server, as far as jobs go: it begins two, in a worker that then ends, and stays.
SERVER = """
import os, sys, threading, time
from pathlib import Path
from geomap.data.jobs import Jobs, lifeline
lifeline()
if os.fork() == 0:
    def begin():
        for ends in (True, False):
            asked = {"do": "sleep", "at_once": 2, "ends": ends}
            print(Jobs(Path(sys.argv[1])).start(asked, sys.argv[2], ends_with_server=ends).id)
    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    sys.stdout.flush()
    os._exit(0)
os.wait()
print("begun", flush=True)
time.sleep(60)
"""


def test_what_is_to_end_with_its_server_does_however_that_ends_and_the_rest_goes_on(jobs):
    command = [sys.executable, "-c", SERVER, str(jobs.folder), CHILD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        ends, stays, _begun = (process.stdout.readline().strip() for _ in range(3))
        pids = [wait(jobs, each, "running").pid for each in (ends, stays)]
        time.sleep(0.3)  # the worker that began them has ended: they go on
        assert [jobs.find(each).state for each in (ends, stays)] == ["running", "running"]
        process.kill()
    wait(jobs, ends, "interrupted")
    assert jobs.find(stays).state == "running"
    os.kill(pids[1], 0)
