"""One process of the fuzz drill: read, notice what goes wrong, cut it down and keep it."""

from __future__ import annotations

import hashlib
import json
import random
import resource
import signal
import sys
import time
import traceback
import warnings
import zlib
from pathlib import Path

import fuzz_mutations

from geomap.errors import ParameterError

HANGS_S, MEMORY_MB, LARGEST_BYTES = 10, 1024, 12_000
OURS = str(Path("geomap", "data"))
#: An input is cut down for so long at most.
CUTTING_S = 30
ENDS = {"geojson": ".geojson", "xlsx": ".xlsx", "zip": ".zip", "kml": ".kml"}


class SlowError(Exception):
    """A file took too long."""


class WrongError(Exception):
    """What came out of a file contradicts itself."""


class Target:
    """Reads files, and keeps each kind of fault once."""

    def __init__(self, reader: str, keep: Path, state: Path) -> None:
        from geomap.data.files.table import read_in_process
        from geomap.model.tables import TABLES

        self._tables = tuple(TABLES.values())
        self._reader, self._keep, self._state = reader, keep, state
        self._seen: set[str] = set()
        warm = state / "warm.csv"  # so that what is read only once is not the first file's time
        warm.write_text("名称,经度,纬度,区划\n甲,120.1,30.2,上城区\n")
        for table in self._tables:
            table.schema.validate(read_in_process(warm, table).frame)
        self.executions = 0
        self._counted = time.monotonic()

    def __call__(self, data: bytes) -> None:
        """Read one file; what is wrong with it is kept."""
        self.executions += 1
        fault = self.fault_of(data)
        if fault is not None and fault[0] not in self._seen:
            self._seen.add(fault[0])
            self._keep_it(data, *fault)

    def fault_of(self, data: bytes) -> tuple[str, str] | None:
        """Give what is wrong, as where it was raised and as the whole traceback; or None."""
        if time.monotonic() - self._counted > 1:
            (self._state / "count").write_text(str(self.executions))
            self._counted = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        signal.signal(signal.SIGPROF, _too_slow)
        signal.setitimer(signal.ITIMER_PROF, HANGS_S)  # of its own: the machine may be busy
        try:
            self._take(data)
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            if after - before > MEMORY_MB * 1024:
                return "memory", f"{(after - before) // 1024} MB"
        except Exception as error:
            return _signature(error), traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return None

    def _take(self, data: bytes) -> None:
        """Read a file as the command does, and look at what comes out."""
        from geomap.data.files.findings.report import RefusedError
        from geomap.data.files.formats.raw import read_raw
        from geomap.data.files.table import Options, read_in_process

        sum_ = zlib.crc32(data)
        path = self._state / f"a{self._end(data, sum_)}"
        path.write_bytes(data)
        table = self._tables[(0, 0, 0, 1, 2, 3, 0, 0)[sum_ % 8]]
        options = Options(
            datum=("wgs84", "wgs84", "gcj02", "bd09")[sum_ // 8 % 4],
            crs=(None, None, None, None, None, "EPSG:4490", "EPSG:4527", "EPSG:3857")[
                sum_ // 32 % 8
            ],
            encoding=(None, None, None, None, None, None, "gbk", "utf-8")[sum_ // 256 % 8],
            default_type=(None, "nursing_home")[sum_ // 2048 % 2],
        )
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                if sum_ // 2**16 % 2:  # half of the time: the faster half of the way
                    read_raw(path, table, encoding=options.encoding)
                    return
                reading = read_in_process(path, table, options)
            except RefusedError:
                return
            except ParameterError:  # a datum with a projected system
                return
        report, frame = reading.report, reading.frame
        for language in ("zh", "en"):
            json.dumps(report.to_dict(language), allow_nan=False).encode()
        if report.accepted != len(frame) or report.accepted > report.rows:
            raise WrongError(f"{report.rows} rows, {report.accepted} kept, {len(frame)} there")
        if sum_ // 2**17 % 8 == 0:  # slow
            table.schema.validate(frame)

    def _end(self, data: bytes, sum_: int) -> str:
        """Choose the end of the name."""
        if self._reader == "csv":
            return (".csv", ".csv", ".tsv", ".txt")[sum_ // 4096 % 4]
        if self._reader == "zip":
            for part, end in ((b"xl/workbook.xml", ".xlsx"), (b".kml", ".kmz")):
                if part in data:
                    return end
        return ENDS.get(self._reader, f".{self._reader}")

    def _keep_it(self, data: bytes, where: str, said: str) -> None:
        """Write the smallest file found that goes wrong in the same way."""
        name = f"{where}-{hashlib.sha256(where.encode()).hexdigest()[:6]}"
        if (self._keep / f"{name}.txt").exists():
            return
        (self._keep / f"{name}.txt").write_text(said)
        small = self._cut(data, where)
        (self._keep / f"{name}.bin").write_bytes(small)
        (self._keep / f"{name}.txt").write_text(
            f"{said}\n{self._end(small, zlib.crc32(small))} {small[:3000]!r}\n"
        )

    def _cut(self, data: bytes, where: str) -> bytes:
        """Leave out what is not needed: halves first, then ever smaller pieces."""
        end = time.monotonic() + (0 if where.startswith("SlowError") else CUTTING_S)
        size = max(1, len(data) // 2)
        while size and time.monotonic() < end:
            start, is_smaller = 0, False
            while start < len(data) and time.monotonic() < end:
                less = data[:start] + data[start + size :]
                fault = self.fault_of(less)
                if fault is not None and fault[0] == where:
                    data, is_smaller = less, True
                else:
                    start += size
            size = size // 2 if not is_smaller or size > 1 else 1
        return data


def _too_slow(*_: object) -> None:
    raise SlowError(f"over {HANGS_S} s")


def _signature(error: Exception) -> str:
    """Say where an exception came from: the innermost line of geomap."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if OURS in frame.filename] or frames[-1:]
    return f"{type(error).__name__}-{Path(ours[-1].filename).stem}-{ours[-1].lineno}"


def guided(target: Target, reader: str, corpus: Path, seconds: int, seed: int) -> None:
    """Let atheris choose what to change, by what code it reaches."""
    import atheris

    def changed(data: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)  # noqa: S311 (a drill, not a secret)
        return fuzz_mutations.mutate(reader, data, rng, lambda each: atheris.Mutate(each, most))[
            :most
        ]

    arguments = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        f"-max_len={LARGEST_BYTES}",
        "-timeout=200",
        "-report_slow_units=1000",
        "-rss_limit_mb=4096",
        "-len_control=0",
        "-detect_leaks=0",
        f"-artifact_prefix={corpus.parent}/",
    ]
    atheris.Setup(arguments, target, custom_mutator=changed)
    atheris.Fuzz()


def unguided(target: Target, reader: str, corpus: Path, seconds: int, seed: int) -> None:
    """Change the seeds, and what came of them."""
    rng = random.Random(seed)  # noqa: S311 (a drill, not a secret)
    end = time.monotonic() + seconds
    plain = fuzz_mutations.blind(rng)
    pool = [each.read_bytes() for each in sorted(corpus.iterdir())]
    for each in pool:
        target(each)
    while time.monotonic() < end:
        data = fuzz_mutations.mutate(reader, rng.choice(pool), rng, plain)[:LARGEST_BYTES]
        target(data)
        if rng.random() < 0.02:
            pool.append(data)


def run(arguments: list[str]) -> None:
    """Fuzz until the time is up."""
    reader, corpus, keep, state = arguments[0], *map(Path, arguments[1:4])
    seconds, seed = map(int, arguments[4:])
    try:
        import atheris
    except ImportError:
        unguided(Target(reader, keep, state), reader, corpus, seconds, seed)
        return
    with atheris.instrument_imports(include=["geomap.data.files"]):
        import geomap.data.files.table  # noqa: F401 (so that it is instrumented)
    guided(Target(reader, keep, state), reader, corpus, seconds, seed)


if __name__ == "__main__":
    run(sys.argv[1:])
