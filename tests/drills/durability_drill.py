"""Stop imports and publications at every moment, and look for damage.

    python tests/drills/durability_drill.py [--mode random|syscalls|full-disk|io-error]
        [--rounds 1000] [--jobs 2] [--seed 7] [--file homes.csv] [--json]

A process writes to a workspace (makes it, imports, publishes, edits, imports again, publishes)
until it is stopped; then the workspace is checked without using geomap (workspace_check.py):

- the database is whole, and its records are what its edits add up to;
- what the writer was told is done is there; an import is there as a whole or not at all;
- the pointer names files that are there, with the stated checksum and number of rows, and the
  rows are what the edits add up to at the published revision: readers see one whole state.

Then a new writer must open the workspace, import and publish, and leave nothing unfinished. The
modes, all of them where none is named:

- random: `kill -9` at a random moment; every tenth round starts a new workspace.
- syscalls: `kill -9` before each call that changes the disk (which is after the one before it).
- full-disk: a disk too small by one page more each round, then by one file more; a writer that
  finds it full must say so in a sentence. The last rounds run the whole command.
- order: no call fails; all that the writer is told is done must be flushed by then, each file
  before it is renamed, its folder after, and all that the pointer names before the pointer.
- io-error: each call on the workspace fails, once or from then on, with EIO, ENOSPC or EDQUOT;
  the writer must be done all the same or say a sentence.

Without `--rounds` there are 1,000 random ones and every one of the others; with it, at most so
many a mode. Exit code 0: nothing was left broken; 1: something was, each named.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import random
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import drill_rounds
import flush_order
import small_disk
import tracing
from drill_rounds import BROKEN, PLANNED, Outcome, write
from workspace_check import CORRUPT, LOST
from workspace_writer import homes, in_child, modules_used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd
    from tracing import Call

    Series = Callable[[Path, gpd.GeoDataFrame], Iterator[Outcome]]

ORDER = "order"
MODES = ("random", "syscalls", "full-disk", "io-error", ORDER)
#: Random rounds where no other number is asked for.
RANDOM = 1000
ERRORS = ("EIO", "ENOSPC", "EDQUOT")
#: The modes with a round for each call; their writer imports little, so that its calls are few.
COUNTED = ("syscalls", "io-error", ORDER)
#: Random rounds that go on in one workspace.
IN_A_ROW = 10
#: Commands run on a small disk; each reads its file in a process of its own.
COMMANDS = 8
#: Rounds between two lines that say how far it is, and letters of a fault that are told.
PROGRESS, LONGEST_FAULT = 100, 300


class NotHereError(RuntimeError):
    """A mode cannot be run on this machine."""


@dataclass
class Tally:
    """What the rounds of one mode came to."""

    mode: str
    rounds: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    corrupt: int = 0
    lost: int = 0
    failed: int = 0
    leftovers: int = 0
    broken: list[str] = field(default_factory=list)
    skipped: str = ""
    seconds: float = 0

    def add(self, outcome: Outcome) -> None:
        """Count one round."""
        self.rounds += 1
        for counts, key in ((self.ended, outcome.ended), (self.after, outcome.after)):
            counts[key] = counts.get(key, 0) + 1
        self.leftovers += outcome.leftovers
        self.corrupt += any(kind == CORRUPT for kind, _ in outcome.faults)
        self.lost += any(kind == LOST for kind, _ in outcome.faults)
        self.failed += any(kind == BROKEN for kind, _ in outcome.faults)
        self.broken += [
            f"{outcome.where} (after {outcome.after}): {fault}" for _, fault in outcome.faults
        ]


def series_of(mode: str, limit: int, seed: int, rows: gpd.GeoDataFrame) -> list[Series]:
    """List the rounds of a mode as tasks; each yields an outcome a round.

    Raises
    ------
    NotHereError : if the mode cannot be run here.
    """
    rng = random.Random(seed)  # noqa: S311 (a drill, not a secret)
    if mode == "random":
        counts = [min(IN_A_ROW, limit - done) for done in range(0, limit, IN_A_ROW)]
        longest_s = seconds_by_plan(rows)
        return [
            partial(
                drill_rounds.kills_in_a_row,
                count=count,
                seed=rng.randrange(2**32),
                longest_s=longest_s,
            )
            for count in counts
        ]
    if mode == "full-disk":
        return fillings(limit, rows)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "w")
        calls = tracing.about(traced_calls(rows, folder), folder)
    changing = tracing.changing(calls)
    every: list[Series] = [partial(drill_rounds.kill_at, call=call) for call in changing]
    if mode == "io-error":
        every = [
            partial(drill_rounds.fail_at, call=call, error=error, stays=stays)
            for call in calls
            for error in (ERRORS if call in changing else ERRORS[:1])
            for stays in ((False, True) if call in changing else (False,))
        ]
    return every if len(every) <= limit else rng.sample(every, limit)


def seconds_by_plan(rows: gpd.GeoDataFrame) -> float:
    """Measure how long a writer by the plan takes; one that writes at random is killed by then."""
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        write(Path(place, "w"), rows)
        return time.monotonic() - began


def traced_calls(rows: gpd.GeoDataFrame, folder: Path) -> list[Call]:
    """List what a writer by the plan asks of the system, in order; `folder` must not be there.

    Raises
    ------
    NotHereError : if processes cannot be followed here.
    """
    if reason := tracing.reason_not_to():
        raise NotHereError(reason)
    log = folder.with_name("log")
    names = [*tracing.CHANGES, *tracing.READS, tracing.TELLS]
    ended = write(folder, rows, follow=partial(tracing.followed, names=names, log=log))
    for other in folder.parent.glob("log.*"):
        pid = int(other.suffix[1:])
        found = tracing.changing(tracing.about(tracing.calls_in(log, pid), folder))
        if pid != ended.writer and found:
            raise RuntimeError(f"another thread writes as well: {found[0].text}")
    return tracing.calls_in(log, ended.writer)


def order_of_flushes(rows: gpd.GeoDataFrame) -> Tally:
    """Check that all that a writer is told is done is flushed by then.

    Raises
    ------
    NotHereError : if processes cannot be followed here.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "w")
        calls = traced_calls(rows, folder)
        wanted = (*tracing.changing(calls), *(call for call in calls if call.name == tracing.TELLS))
        told, faults = flush_order.faults_in(sorted(wanted, key=calls.index), str(folder))
        faults += [] if told else ["the writer was told nothing"]
        return Tally(ORDER, rounds=1, ended={"done": 1}, lost=int(bool(faults)), broken=faults)


def fillings(limit: int, rows: gpd.GeoDataFrame) -> list[Series]:
    """List the disks that are too small, up to the first one that is not.

    Raises
    ------
    NotHereError : if no small disk can be had here.
    """
    found = answer_of(lambda: needs(rows))
    if isinstance(found, str):
        raise NotHereError(f"no disk of its own may be mounted: {found}")
    pages, files = found
    commands = min(COMMANDS, limit // 10)
    sizes = [partial(drill_rounds.fill_up, pages=each) for each in range(1, pages)]
    sizes += [partial(drill_rounds.fill_up, pages=pages, files=each) for each in range(2, files)]
    many = limit - commands
    if len(sizes) > many:
        sizes = [sizes[number * len(sizes) // many] for number in range(many)]
    return sizes + [
        partial(drill_rounds.fill_up_command, pages=(number + 1) * pages // (commands + 1))
        for number in range(commands)
    ]


def needs(rows: gpd.GeoDataFrame) -> tuple[int, int] | str:
    """Find the smallest disk that the plan is done on: its pages and files; or why it cannot."""
    try:
        small_disk.enter_private_view()
    except OSError as error:
        return str(error)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)

        def is_enough(pages: int, files: int) -> bool:
            with small_disk.small_disk(place, pages=pages, files=files):
                return write(place / "w", rows).how == "done"

        pages = _smallest(lambda each: is_enough(each, small_disk.MANY), 4000)
        return pages, _smallest(lambda each: is_enough(pages, each), 100)


def _smallest(is_enough: Callable[[int], bool], most: int) -> int:
    """Find the smallest number that is enough."""
    least = 1
    while least < most:
        middle = (least + most) // 2
        least, most = (least, middle) if is_enough(middle) else (middle + 1, most)
    return least


def run(mode: str, series: list[Series], rows: gpd.GeoDataFrame, jobs: int) -> Tally:
    """Run the rounds of one mode, in several processes at once."""
    tally = Tally(mode)
    answers, answer = os.pipe()
    is_private = mode == "full-disk"
    tasks = (partial(_run_some, series[nth::jobs], rows, answer, is_private) for nth in range(jobs))
    workers = [in_child(task) for task in tasks]
    os.close(answer)
    with os.fdopen(answers) as lines:
        for line in lines:
            tally.add(Outcome(**json.loads(line)))
            if tally.rounds % PROGRESS == 0:
                sys.stderr.write(f"{mode}: {tally.rounds} rounds, {len(tally.broken)} faults\n")
    ends = [os.waitpid(worker, 0)[1] for worker in workers]
    tally.broken += [f"the drill itself failed: {status}" for status in ends if status]
    return tally


def _run_some(
    series: list[Series],
    rows: gpd.GeoDataFrame,
    answer: int,
    is_private: bool,  # noqa: FBT001
) -> None:
    """Run some rounds, and write an outcome a line, short enough that no two are mixed up."""
    if is_private:
        small_disk.enter_private_view()
    with tempfile.TemporaryDirectory() as place:
        for each in series:
            for outcome in each(Path(place), rows):
                faults = [(kind, said[-LONGEST_FAULT:]) for kind, said in outcome.faults[:5]]
                line = json.dumps(asdict(replace(outcome, faults=faults)))
                os.write(answer, line.encode() + b"\n")


def answer_of(task: Callable[[], object]) -> object:
    """Run a task in a process of its own; give its answer as JSON does."""
    answers, answer = os.pipe()
    child = in_child(lambda: os.write(answer, json.dumps(task()).encode()))
    os.close(answer)
    with os.fdopen(answers) as lines:
        text = lines.read()
    os.waitpid(child, 0)
    return json.loads(text)


def import_what_is_used(rows: gpd.GeoDataFrame) -> None:
    """Import once, before the forks, what every writer would import."""
    with tempfile.TemporaryDirectory() as place:
        names = answer_of(lambda: modules_used(rows, Path(place, "w")))
    for name in names:  # type: ignore[attr-defined]
        with suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is never looked at again is never copied by a forked process


def report(tallies: list[Tally]) -> str:
    """Write the outcome as a table in Markdown."""
    heads = (
        "mode, rounds, ended, corrupt, acknowledged lost, otherwise failed, leftovers cleaned, s"
    )
    lines = [f"| {' | '.join(heads.split(', '))} |", "|---|---|---|---|---|---|---|---|"]
    for each in tallies:
        ended = each.skipped or ", ".join(f"{how} {count}" for how, count in each.ended.items())
        counts = (each.corrupt, each.lost, each.failed, each.leftovers, each.seconds)
        lines.append(f"| {each.mode} | {each.rounds} | {ended} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the drill as asked on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mode", choices=MODES)
    parser.add_argument("--rounds", type=int, help="at most so many a mode")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--file", type=Path, help="taipei/homes.csv of the test data")
    parser.add_argument("--json", action="store_true", help="print JSON, not a table")
    options = parser.parse_args()
    many, few = homes(options.file), homes(options.file, PLANNED)
    import_what_is_used(few)
    tallies = []
    for mode in MODES if options.mode is None else (options.mode,):
        began = time.monotonic()
        limit = options.rounds or (RANDOM if mode == "random" else sys.maxsize)
        rows = few if mode in COUNTED else many
        try:
            if mode == ORDER:
                tallies.append(order_of_flushes(rows))
            else:
                series = series_of(mode, limit, options.seed, rows)
                tallies.append(run(mode, series, rows, options.jobs))
        except NotHereError as error:
            tallies.append(Tally(mode, skipped=str(error)))
        tallies[-1].seconds = round(time.monotonic() - began, 1)
    text = json.dumps([asdict(each) for each in tallies], ensure_ascii=False, indent=1) + "\n"
    sys.stdout.write(text if options.json else report(tallies))
    for each in tallies:
        sys.stderr.writelines(f"{each.mode}: {fault}\n" for fault in each.broken)
    return 1 if any(each.broken for each in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
