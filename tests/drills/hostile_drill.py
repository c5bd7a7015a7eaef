"""Read every hostile file, as large as an attacker would make it, and say what came of it.

    python tests/drills/hostile_drill.py [--small] [--only WORD] [--folder FOLDER]

Prints a table in Markdown: file, size, outcome, what is said (English), seconds, peak memory of
the reader (what it shares with its server included) and of all three processes together (what
they share counted once), and how often a listener on this machine was called. Exit code 0: each
file was read or refused in a sentence, within the limits, and nobody was called; 1: not so.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geomap.data.reading import read_table
from geomap.data.sandbox.limits import MEMORY_BYTES, MOST_SECONDS
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

MAKE = Path(__file__).parents[1] / "hostile" / "make_hostile.py"
SECRET = "the-canary-sings-7f3a"  # noqa: S105 (what no output may hold)
#: For starting a reader and taking its answer, beyond the time for reading.
_MARGIN_SECONDS = 15
_LONGEST = 110


@dataclass
class Row:
    """What came of one file."""

    name: str
    megabytes: float
    outcome: str
    said: str
    seconds: float
    reader_mb: int
    all_mb: int
    calls: int

    @property
    def faults(self) -> list[str]:
        """Name what should not be."""
        found = {
            "no sentence": self.outcome == "refused" and not self.said.endswith((".", ")")),
            "traceback": "Traceback" in self.said,
            "secret": SECRET in self.said,
            "too long": self.seconds > MOST_SECONDS + _MARGIN_SECONDS,
            "too much memory": self.reader_mb > 1.05 * MEMORY_BYTES / 2**20,
            "called": self.calls > 0,
        }
        return [name for name, is_so in found.items() if is_so]


class Memory:
    """The peak memory of this process and all below it, looked at again and again."""

    def __init__(self) -> None:
        self.reader = self.all = 0
        self._is_on = True
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_on = False
        self._thread.join()

    def _look(self) -> None:
        while self._is_on:
            own = os.getpid()
            servers = _children(own)
            readers = [each for server in servers for each in _children(server)]
            self.reader = max([self.reader, *(_memory(each, "Rss") for each in readers)])
            self.all = max(
                self.all, sum(_memory(each, "Pss") for each in (own, *servers, *readers))
            )
            time.sleep(0.01)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _memory(pid: int, which: str) -> int:
    """Tell the resident (Rss) or fairly shared (Pss) memory in MB; 0 where it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(f"{which}:"):
                return int(line.split()[1]) // 1024
    return 0


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """Listen on this machine; give the address and the list of what calls."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            with suppress(OSError):
                while True:
                    connection, caller = server.accept()
                    calls.append(str(caller))
                    connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", calls
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def drill(paths: list[Path], folder: Path, calls: list[str]) -> list[Row]:
    """Read all files, each as the table that its name suggests."""
    rows = []
    for path in paths:
        heard, begun = len(calls), time.monotonic()
        table = TABLES["areas" if path.parent.name.startswith(("shp", "json-")) else "facilities"]
        with Memory() as memory:
            reading = read_table(path, table)
        report = reading.report
        said = report.refusal if report.outcome == "refused" else ", ".join(report.codes) or "-"
        text = json.dumps(report.to_dict("en"), ensure_ascii=False) + reading.frame.to_csv()
        rows.append(
            Row(
                str(path.relative_to(folder)).encode("unicode_escape").decode(),
                path.stat().st_size / 2**20 if path.is_file() else 0,
                report.outcome,
                SECRET if SECRET in text else said,
                time.monotonic() - begun,
                memory.reader,
                memory.all,
                len(calls) - heard,
            )
        )
        print(".", end="", file=sys.stderr, flush=True)
    return rows


def show(rows: list[Row]) -> None:
    """Print the table."""
    print("| file | MB | outcome | says | s | reader MB | all MB | calls |")
    print("|---|--:|---|---|--:|--:|--:|--:|")
    for row in rows:
        said = " ".join(row.said.replace("|", "/").split())
        said = said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
        mark = f" **{', '.join(row.faults)}**" if row.faults else ""
        print(
            f"| {row.name} | {row.megabytes:.1f} | {row.outcome}{mark} | {said} | {row.seconds:.1f}"
            f" | {row.reader_mb} | {row.all_mb} | {row.calls} |"
        )


def main() -> int:
    """Make the files, read them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as made, listener() as (url, calls):
        folder = given.folder or Path(made)
        canary = folder / "canary.csv"
        canary.write_text(f"名称,地址\n{SECRET},{SECRET}\n", encoding="utf-8")
        command = [sys.executable, MAKE, folder, "--url", url, "--canary", canary]
        command += [] if given.small else ["--full"]
        command += ["--only", given.only]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        paths = [Path(each) for each in json.loads(done.stdout)]
        rows = drill(paths, folder, calls)
    show(rows)
    return int(any(row.faults for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
