"""The server of readers as its client sees it: started when needed, asked for one at a time."""

from __future__ import annotations

import atexit
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass

from geomap.data.sandbox.walls import ENVIRONMENT
from geomap.errors import GeomapError

_SERVER = "geomap.data.sandbox.server"
_LINE, _LAST_WORDS = 64, 2000
#: Readers at work at the same time.
_AT_ONCE = 2


class ReaderLostError(GeomapError):
    """The process that forks readers is gone, or cannot fork."""


@dataclass(frozen=True)
class Reader:
    """A process that waits for one request.

    Parameters
    ----------
    connection : to it; it ends when the process does.
    pid : of it, which is also that of its process group.
    handle : a pidfd, where the system has them.
    """

    connection: socket.socket
    pid: int
    handle: int | None

    def end(self) -> None:
        """Kill the process and whatever it started; it may be gone already."""
        is_gone = self.handle is not None and select.select([self.handle], [], [], 0)[0]
        if not is_gone:  # so its number is still its own
            for kill in (os.killpg, os.kill):
                with suppress(ProcessLookupError, PermissionError):
                    kill(self.pid, signal.SIGKILL)
        self.connection.close()
        if self.handle is not None:
            os.close(self.handle)


class Readers:
    """Gives readers, from a server that it starts, and starts again if it ended.

    Threads may share it. A process that is forked from this one starts a server of its own.

    Attributes
    ----------
    turn : held while a reader works, so that many uploads do not use up the machine.
    """

    def __init__(self) -> None:
        self._server: _Server | None = None
        self._reset()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.stop)

    def start(self) -> None:
        """Start the server, if it is not there; it gets ready by itself."""
        with self._lock:
            self._running()

    def give(self) -> Reader:
        """Fork a reader; if the server is lost on the way, try once more with a new one.

        Raises
        ------
        ReaderLostError : if no process can be made.
        """
        with suppress(ReaderLostError):
            return self._give()
        return self._give()

    def stop(self) -> None:
        """Kill the server; it keeps nothing, and its readers end with it."""
        with self._lock:
            if self._server is not None:
                self._server.end()
            self._server = None

    def _give(self) -> Reader:
        ours, theirs = socket.socketpair()
        server, line, handles, reason = None, b"", list[int](), "the server of readers ended"
        try:
            with theirs, self._lock:
                server = self._running()
                socket.send_fds(server.control, [b"r"], [theirs.fileno()])
            line, handles, _, _ = socket.recv_fds(ours, _LINE, 1)
        except OSError as error:
            reason = str(error)
        if line:
            return Reader(ours, int(line), handles[0] if handles else None)
        ours.close()
        raise ReaderLostError(f"no process can be made: {reason} {self._lose(server)}")

    def _running(self) -> _Server:
        """Give the server, starting it if need be."""
        if self._server is None:
            self._server = _Server()
        return self._server

    def _lose(self, server: _Server | None) -> str:
        """Leave a server that does not answer; give what it said last."""
        with self._lock:
            if server is None or server is not self._server:
                return ""
            self._server = None
            return server.end()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self.turn = threading.BoundedSemaphore(_AT_ONCE)

    def _forget(self) -> None:
        """Leave the server to the process that this one was forked from."""
        self._reset()
        if self._server is not None:
            self._server.forget()
        self._server = None


class _Server:
    """The process, the socket to ask it, and what it says when it cannot go on."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        self._notes = tempfile.TemporaryFile()  # noqa: SIM115 (as long as the process)
        modules = os.pathsep.join(each for each in sys.path if each)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 (this Python, and geomap itself)
                [sys.executable, "-P", "-m", _SERVER, str(theirs.fileno())],
                cwd="/",
                env={**ENVIRONMENT, "PYTHONPATH": modules},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._notes,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def end(self) -> str:
        """Kill it, and give the last that it said."""
        self._process.kill()
        self._process.wait()
        self._notes.seek(0)
        said = self._notes.read()[-_LAST_WORDS:].decode(errors="replace")
        self.forget()
        return said

    def forget(self) -> None:
        """Close what leads to it, without ending it."""
        self._process.returncode = self._process.returncode or 0  # no more to wait for
        self.control.close()
        self._notes.close()


READERS = Readers()
