"""Counts are shared by all processes that were forked, and hold for any minute."""

from __future__ import annotations

import os
import signal
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from geomap.web.api import shared_counts
from geomap.web.api.shared_counts import SharedCounts


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands: both that count seconds and that which tells the time."""
    at = [1_000.0]
    monkeypatch.setattr(shared_counts.time, "monotonic", lambda: at[0])
    monkeypatch.setattr(shared_counts.time, "time", lambda: at[0])
    return at


def forked(work):
    """Do something in a process that is forked; give its number."""
    process = os.fork()
    if not process:
        try:
            work()
        finally:
            os._exit(0)
    return process


@given(
    pauses=st.lists(st.floats(0, 70), min_size=1, max_size=60),
    limit=st.integers(min_value=1, max_value=8),
)
def test_no_minute_holds_more_than_the_limit_and_who_waits_as_told_is_answered(pauses, limit):
    with pytest.MonkeyPatch.context() as patch:
        at = [5_000.0]
        patch.setattr(shared_counts.time, "monotonic", lambda: at[0])
        patch.setattr(shared_counts.time, "time", lambda: at[0])
        counter, item = MovingWindowRateLimiter(SharedCounts()), RateLimitItemPerMinute(limit)
        answered = []
        for pause in pauses:
            at[0] += pause
            if counter.hit(item, "a"):
                answered.append(at[0])
            else:
                until = counter.get_window_stats(item, "a").reset_time
                assert at[0] < until <= at[0] + 60
                at[0] = until
                assert counter.hit(item, "a")
                answered.append(at[0])
        for first, last in zip(answered, answered[limit:], strict=False):
            assert last - first > 59  # to the second


def test_what_is_left_is_told_and_askers_are_counted_alone(clock):
    counter, item = MovingWindowRateLimiter(SharedCounts()), RateLimitItemPerMinute(3)
    assert [counter.hit(item, "a") for _ in range(4)] == [True, True, True, False]
    assert counter.get_window_stats(item, "a") == (clock[0] + 60, 0)
    assert counter.get_window_stats(item, "b") == (clock[0] + 60, 3)
    assert counter.hit(item, "b")


def test_processes_that_count_at_once_lose_nothing():
    counter, item = MovingWindowRateLimiter(SharedCounts()), RateLimitItemPerMinute(100_000)
    children = [forked(lambda: [counter.hit(item, "a") for _ in range(500)]) for _ in range(3)]
    for each in children:
        os.waitpid(each, 0)
    assert counter.get_window_stats(item, "a").remaining == 100_000 - 1_500


def test_a_process_that_is_killed_while_it_counts_stops_nobody():
    storage = SharedCounts()
    counter, item = MovingWindowRateLimiter(storage), RateLimitItemPerMinute(5)
    read, write = os.pipe()

    def hold():
        with storage._alone():
            os.write(write, b"held")
            time.sleep(60)

    child = forked(hold)
    assert os.read(read, 4) == b"held"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert counter.hit(item, "a")
    os.close(read)
    os.close(write)


def test_of_more_askers_than_there_is_room_for_the_one_of_longest_ago_goes(clock, monkeypatch):
    monkeypatch.setattr(shared_counts, "_ASKERS", shared_counts._PLACES)
    counter, item = MovingWindowRateLimiter(SharedCounts()), RateLimitItemPerMinute(1)
    for asker in range(shared_counts._PLACES + 1):
        clock[0] += 1
        assert counter.hit(item, str(asker))
    last = str(shared_counts._PLACES)
    assert not counter.hit(item, last)
    assert counter.hit(item, "0")


@pytest.mark.usefixtures("clock")
def test_it_counts_by_minutes_alone_and_can_forget():
    storage = SharedCounts()
    counter, item = MovingWindowRateLimiter(storage), RateLimitItemPerMinute(1)
    assert counter.hit(item, "a")
    counter.clear(item, "a")
    assert counter.hit(item, "a")
    storage.reset()
    assert counter.hit(item, "a")
    assert storage.check()
    for refused in (lambda: storage.incr("a", 1), lambda: storage.get("a")):
        with pytest.raises(NotImplementedError, match="moving window"):
            refused()


def test_a_full_disk_ends_nobody_who_counts():
    counts = SharedCounts()
    # a mapped hole in a file needs room when written
    assert os.fstat(counts._lock_file).st_size == 0
    assert counts.acquire_entry("a", 1, 60)
