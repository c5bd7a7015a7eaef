"""The process that holds geomap ready and forks one reader for each file.

It is started by :mod:`geomap.data.sandbox.client` with a socket as its one argument. For each
byte that comes with a socket of its own it forks a reader, and tells the client which process
that is. It ends with the process that started it, and when nothing was asked for a while.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from geomap.data.sandbox import limits, walls

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from geomap.data.files.options import Options

DONE, TOO_MUCH_MEMORY = b"done", b"memory"
#: Instead of the name of a table: a street map is made of the file, a walking
#: network, or a band of numbers.
BASEMAP, NETWORK, RASTER, CHANGES = "basemap", "network", "raster", "changes"
#: Where each is made, and by what.
_MAKERS: Mapping[str, tuple[str, str]] = {
    BASEMAP: ("geomap.data.basemap.making", "make_map"),
    NETWORK: ("geomap.data.walking.making", "make_network"),
    RASTER: ("geomap.data.rasters.geotiff", "make_band"),
    CHANGES: ("geomap.data.files.changes", "make_changes"),
}
#: What the reader and the libraries under it say, for whoever looks for a fault.
NOTES = "notes.txt"
#: A file is read in less than this, so nobody is being served when it is over.
_IDLE_SECONDS = 120
_LOOK_UP_SECONDS = 5
_LONGEST_REQUEST = 1 << 20
#: Reading these lists of our own, the server learns what a reader needs and loads at first use:
#: what every list needs before it serves, what lists without coordinates need after that.
_LESSONS = Path(__file__).parent / "lessons"
_FIRST, _SECOND = _LESSONS / "first.csv", _LESSONS / "second.csv"


@dataclass(frozen=True)
class Request:
    """What to read, and within which limits; with `copy`, what to write instead of reading.

    Parameters
    ----------
    copy : language and voice of the annotated copy of a file whose report lies beside it.
    """

    folder: str
    file: str
    table: str
    options: dict[str, Any]
    seconds: float
    memory_bytes: int
    copy: dict[str, str] | None = None

    def to_bytes(self) -> bytes:
        """Write the request as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"


def stated(options: Options) -> dict[str, Any]:
    """Give options as JSON values."""
    columns = None if options.columns is None else dict(options.columns)
    return {
        "datum": options.datum,
        "crs": options.crs,
        "encoding": options.encoding,
        "columns": columns,
        "default_type": options.default_type,
        "today": options.today.isoformat(),
    }


def main() -> None:
    """Serve until the client is gone."""
    client = os.getppid()
    control = socket.socket(fileno=int(sys.argv[1]))
    walls.leave_network()
    _load()
    _learn(_FIRST)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the readers
    lessons = [_SECOND]
    while (connection := _next(control, client)) is not None:
        with suppress(OSError):  # no memory for one more process: the client sees the end
            reader = os.fork()
            if reader == 0:
                control.close()
                _read(connection)
            _introduce(connection, reader)
        connection.close()
        while lessons:
            _learn(lessons.pop())


def _load() -> None:
    """Import what every reader needs."""
    import geopandas  # noqa: F401
    import openpyxl  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    import geomap.data.files.table
    import geomap.data.sandbox.answer  # noqa: F401

    walls.keep_drivers()


def _learn(lesson: Path) -> None:
    """Read a list, so that readers find everything loaded, and share it."""
    from geomap.data.files.table import read_in_process
    from geomap.model.facility import FACILITIES

    read_in_process(lesson, FACILITIES)
    gc.freeze()


def _next(control: socket.socket, client: int) -> socket.socket | None:
    """Wait for the next request; None when the client is gone, or has long asked nothing."""
    begun = time.monotonic()
    while not select.select([control], [], [], _LOOK_UP_SECONDS)[0]:
        if os.getppid() != client or time.monotonic() - begun > _IDLE_SECONDS:
            return None
    _, places, _, _ = socket.recv_fds(control, 1, 1)
    return socket.socket(fileno=places[0]) if places else None


def _introduce(connection: socket.socket, reader: int) -> None:
    """Tell the client which process reads, with a handle that no other process can inherit."""
    with suppress(BrokenPipeError):
        if not hasattr(os, "pidfd_open"):
            connection.sendall(b"%d\n" % reader)
            return
        handle = os.pidfd_open(reader)
        socket.send_fds(connection, [b"%d\n" % reader], [handle])
        os.close(handle)


def _read(connection: socket.socket) -> NoReturn:
    """Read one file, as the process that was forked for it; then wait to be killed."""
    walls.die_with_parent()
    os.setsid()
    sys.excepthook = _end
    line = connection.makefile("rb").readline(_LONGEST_REQUEST)
    if line:
        request = Request(**json.loads(line))
        _settle(Path(request.folder))
        limits.hold(limits.Limits(request.seconds, request.memory_bytes))
        walls.close_in(Path(request.folder))
        connection.sendall(_outcome(request) + b"\n")
        connection.recv(1)
    os._exit(0)


def _settle(folder: Path) -> None:
    """Make the private folder the only place that this process and its libraries know."""
    os.chdir(folder)
    os.environ |= dict.fromkeys(("HOME", "TMPDIR", "CPL_TMPDIR"), str(folder))
    tempfile.tempdir = str(folder)
    notes = os.open(NOTES, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for each in (1, 2):
        os.dup2(notes, each)
    faulthandler.enable()


def _outcome(request: Request) -> bytes:
    """Read the file; write the answer beside it, its annotated copy, a map or a network."""
    try:
        if request.table in _MAKERS:
            return _make(request)
        return _read_file(request) if request.copy is None else _write_copy(request)
    except MemoryError:
        return TOO_MUCH_MEMORY


def _make(request: Request) -> bytes:
    """Make something else than rows of the file, and write beside it what that is, or why not."""
    from geomap.data.files.findings.report import RefusedError, Report
    from geomap.data.sandbox import answer

    module, name = _MAKERS[request.table]
    path = Path(request.folder, request.file)
    try:
        report = getattr(import_module(module), name)(path, **request.options)
    except RefusedError as error:
        report = Report(path.name, request.table, findings=(error.finding,))
    answer.write_report(path.parent, report)
    return DONE


def _write_copy(request: Request) -> bytes:
    """Write the annotated copy of a file that was read before."""
    from geomap.data.files.findings.annotated import annotate
    from geomap.data.sandbox import answer

    folder, stated = Path(request.folder), request.copy or {}
    annotate(
        folder / request.file,
        answer.read_report(folder),
        folder / answer.COPY,
        language=stated["language"],
        voice="form" if stated["voice"] == "form" else "reply",
        encoding=request.options["encoding"],
    )
    return DONE


def _read_file(request: Request) -> bytes:
    """Read the file and write the answer beside it."""
    from geomap.data.files.options import Options
    from geomap.data.files.table import read_in_process
    from geomap.data.sandbox import answer
    from geomap.errors import ParameterError
    from geomap.model.tables import TABLES

    folder, table = Path(request.folder), TABLES[request.table]
    options = request.options | {"today": date.fromisoformat(request.options["today"])}
    try:
        reading = read_in_process(folder / request.file, table, Options(**options))
        answer.write_reading(folder, reading, table)
    except ParameterError as error:
        answer.write_option_error(folder, error)
    return DONE


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Note an unexpected error and end at once: the client says that reading failed."""
    traceback.print_exception(kind, error, trace)
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
