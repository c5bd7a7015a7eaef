"""The rounds of the durability drill: stop a writer, check what it left, let a new one go on."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import sys
import time
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tracing
import workspace_check
from small_disk import MANY, enlarge, small_disk
from workspace_check import Fault, Told
from workspace_writer import (
    FAILED,
    FIRST_BEDS,
    REFUSED,
    ended_as,
    in_child,
    lines_of,
    run_command,
    write_afterwards,
    write_at_random,
    write_by_plan,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd
    from tracing import Call

    Work = Callable[[Path, gpd.GeoDataFrame, socket.socket, int], None]

#: How many homes a writer by the plan imports: few, so that its calls are few.
PLANNED = 24
#: What the writer after the stopped one says first; no other says it.
AFTERWARDS = 10**8
#: What a sentence says of a disk that is full or fails.
IS_THE_DISK = re.compile(r"the disk |Input/output error")
#: How a drill calls a round that left something broken for another reason than the disk's state.
BROKEN = "failed"


@dataclass(frozen=True)
class Ended:
    """How a writer ended: ``killed``, ``refused``, ``done`` or ``failed``; and what it was told."""

    writer: int
    how: str
    said: str
    told: list[Told]


@dataclass(frozen=True)
class Outcome:
    """What one round came to: where the writer was stopped and what it had been told last."""

    where: str
    after: str
    ended: str
    faults: list[Fault]
    leftovers: int


def write(
    folder: Path,
    rows: gpd.GeoDataFrame,
    work: Work = write_by_plan,
    *,
    first: int = FIRST_BEDS,
    follow: Callable[[int], AbstractContextManager[None]] | None = None,
    kill_after_s: float | None = None,
) -> Ended:
    """Let a writer write in a process of its own, until it is stopped."""
    ours, theirs = socket.socketpair()

    def task() -> None:
        ours.close()
        theirs.sendall(b"!")
        theirs.recv(1)
        sys.exit(ended_as(partial(work, folder, rows, theirs, first), theirs))

    writer = in_child(task)
    theirs.close()
    with ours, ExitStack() as stack:
        ours.recv(1)  # the writer waits; what it does from here on is counted
        if follow is not None:
            stack.enter_context(follow(writer))
        ours.send(b"x")
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            with suppress(ProcessLookupError):
                os.kill(writer, signal.SIGKILL)
        lines = list(lines_of(ours))
        _, status = os.waitpid(writer, 0)
    return _ended(writer, status, lines)


def _ended(writer: int, status: int, lines: list[Any]) -> Ended:
    """Say how a writer ended, from its exit code and its words."""
    told = [Told(*line) for line in lines if line[0] not in ("refused", "failed")]
    said = next((line[2][""]["said"] for line in lines if line[0] in ("refused", "failed")), "")
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        is_ours = number == signal.SIGKILL
        how = "killed" if is_ours else "failed"
        return Ended(writer, how, signal.Signals(number).name, told)
    code = os.WEXITSTATUS(status)
    return Ended(writer, {FAILED: "failed", REFUSED: "refused"}.get(code, "done"), said, told)


def look(where: str, folder: Path, ended: Ended, told: list[Told]) -> Outcome:
    """Check what a writer left."""
    faults = checked(folder, told)
    if ended.how == "failed":
        faults.append((BROKEN, " ".join(ended.said.split()[-60:])))
    if ended.how == "refused" and not IS_THE_DISK.search(ended.said):
        faults.append((BROKEN, f"does not say that it is the disk: {ended.said}"))
    after = ended.told[-1].did if ended.told else "nothing"
    leftovers = len(workspace_check.leftovers_of(folder))
    return Outcome(where, after, ended.how, faults, leftovers)


def go_on(folder: Path, rows: gpd.GeoDataFrame, told: list[Told]) -> list[Fault]:
    """Let a new writer open the workspace, import and publish; check again."""
    ended = write(folder, rows, write_afterwards, first=AFTERWARDS)
    if ended.how != "done":
        return [(BROKEN, f"the next import {ended.how}: {ended.said}")]
    left = [(BROKEN, f"{each} is still there") for each in workspace_check.leftovers_of(folder)]
    behind = [(BROKEN, each) for each in workspace_check.unpublished_of(folder)]
    return checked(folder, told + ended.told) + left + behind


def checked(folder: Path, told: list[Told]) -> list[Fault]:
    """Check in a process of its own: the one that forks must not start threads."""
    answers, answer = os.pipe()

    def task() -> None:
        with os.fdopen(answer, "w") as to:
            to.write(json.dumps(workspace_check.faults_of(folder, told)))

    checker = in_child(task)
    os.close(answer)
    with os.fdopen(answers) as lines:
        text = lines.read()
    os.waitpid(checker, 0)
    if not text:
        return [(BROKEN, "the check failed by itself")]
    return [(kind, said) for kind, said in json.loads(text)]


def _finished(outcome: Outcome, folder: Path, rows: gpd.GeoDataFrame, told: list[Told]) -> Outcome:
    """Add what the next writer meets."""
    return replace(outcome, faults=outcome.faults + go_on(folder, rows, told))


def kills_in_a_row(
    place: Path, rows: gpd.GeoDataFrame, *, count: int, seed: int, longest_s: float
) -> Iterator[Outcome]:
    """Kill writers at random moments, one after the other in one workspace.

    The next import is tried in a copy, so that each writer meets what the one before it left.
    """
    rng = random.Random(seed)  # noqa: S311 (a drill, not a secret)
    folder, copy = _fresh(place), place / "copy"
    told: list[Told] = []
    for number in range(count):
        first = FIRST_BEDS + 10**5 * (number + 1)
        ended = write(
            folder, rows, write_at_random, first=first, kill_after_s=rng.uniform(0, longest_s)
        )
        told = [each for each in told if each.did != workspace_check.WANTS] + ended.told
        outcome = look(f"seed {seed}, round {number}", folder, ended, told)
        shutil.rmtree(copy, ignore_errors=True)
        if folder.exists():
            shutil.copytree(folder, copy)
        yield _finished(outcome, copy, rows.head(PLANNED), told)


def kill_at(place: Path, rows: gpd.GeoDataFrame, *, call: Call) -> Iterator[Outcome]:
    """Kill a writer before one call."""
    yield from _injected(place, rows, call, f"{call.name}:signal=KILL:when={call.number}")


def fail_at(
    place: Path, rows: gpd.GeoDataFrame, *, call: Call, error: str, stays: bool
) -> Iterator[Outcome]:
    """Let one call fail, or each one like it from then on."""
    when = f"{call.number}{'+' if stays else ''}"
    yield from _injected(place, rows, call, f"{call.name}:error={error}:when={when}")


def _injected(place: Path, rows: gpd.GeoDataFrame, call: Call, inject: str) -> Iterator[Outcome]:
    folder = _fresh(place)
    names = [call.name]
    ended = write(folder, rows, follow=partial(tracing.followed, names=names, inject=inject))
    outcome = look(f"{inject} {Path(call.place).name}", folder, ended, ended.told)
    yield _finished(outcome, folder, rows, ended.told)


def fill_up(
    place: Path, rows: gpd.GeoDataFrame, *, pages: int, files: int = MANY
) -> Iterator[Outcome]:
    """Let a writer write to a disk that is too small; then give it space."""
    with small_disk(_fresh(place), pages=pages, files=files):
        folder = place / "w" / "inner"
        ended = write(folder, rows)
        outcome = look(f"a disk of {pages} pages, {files} files", folder, ended, ended.told)
        enlarge(place / "w")
        yield _finished(outcome, folder, rows, ended.told)


def fill_up_command(place: Path, rows: gpd.GeoDataFrame, *, pages: int) -> Iterator[Outcome]:
    """Run ``geomap import`` into a disk that is too small; then give it space."""
    file = place / "homes.csv"
    table = rows[["id", "name", "type"]].assign(lon=rows.geometry.x, lat=rows.geometry.y)
    table.assign(beds=100).to_csv(file, index=False)
    with small_disk(_fresh(place), pages=pages):
        folder = place / "w" / "inner"
        ended = _commanded(file, folder, place)
        outcome = look(f"a command on a disk of {pages} pages", folder, ended, [])
        enlarge(place / "w")
        again = _commanded(file, folder, place)
        faults = checked(folder, [])
        if again.how != "done":
            faults.append((BROKEN, f"the next import {again.how}: {again.said}"))
        faults += [(BROKEN, each) for each in workspace_check.unpublished_of(folder)]
        yield replace(outcome, faults=outcome.faults + faults)


def _commanded(file: Path, folder: Path, place: Path) -> Ended:
    """Run the command; what it said is a fault unless it is one sentence."""
    errors = place / "errors.txt"
    child = in_child(partial(run_command, file, folder, errors))
    _, status = os.waitpid(child, 0)
    said = errors.read_text()
    ended = _ended(child, status, [])
    is_sentence = said.startswith("geomap: ") and said.count("\n") == 1
    if ended.how == "refused" and not is_sentence:
        return Ended(child, "failed", said, [])
    # exit code 1 is "done with findings" here, and a traceback's too
    how = "done" if ended.how == "failed" and "Traceback" not in said else ended.how
    return Ended(child, how, said, [])


def _fresh(place: Path) -> Path:
    """Give a folder that is empty, to make a workspace in."""
    folder = place / "w"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
