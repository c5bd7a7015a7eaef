"""Follow a process by strace: list what it asks of a folder, and let a call fail or kill."""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The calls that change what is on the disk; those that another machine lacks are left out.
CHANGES = (
    "open openat creat mkdir mkdirat mknod mknodat write writev pwrite64 pwritev pwritev2 fsync"
    " fdatasync sync_file_range rename renameat renameat2 unlink unlinkat rmdir link linkat symlink"
    " symlinkat truncate ftruncate fallocate copy_file_range sendfile"
    " chmod fchmod fchmodat utimensat"
).split()
#: The others by which a disk that fails is noticed.
READS = "read readv pread64 preadv close getdents64 stat lstat newfstatat statx".split()
TELLS = "sendto"


class Call(NamedTuple):
    """One call of a process.

    Parameters
    ----------
    name : of the call.
    number : how many of this name the process had asked for by then, this one included.
    text : the line that strace wrote.
    """

    name: str
    number: int
    text: str

    @property
    def place(self) -> str:
        """What it is about: the first path it names, or that of its file."""
        if opened := re.match(r'(?:open|openat|creat)\([^"]*"([^"]*)"', self.text):
            return opened[1]
        text = self.text.replace("AT_FDCWD<", "")
        named = re.search(r'<([^>]*)>|"([^"]*)"', text)
        return (named[1] or named[2]) if named else ""


def reason_not_to() -> str | None:
    """Say why processes cannot be followed here; None where they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(
        ["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False
    )
    return f"strace may not follow: {tried.stderr.strip()}" if tried.returncode else None


@contextmanager
def followed(
    pid: int, names: list[str], *, inject: str | None = None, log: Path | None = None
) -> Iterator[None]:
    """Follow a process that waits to be let go; when it ends, so does strace.

    Parameters
    ----------
    names : the calls to follow.
    inject : what to do at one of them, as in ``fsync:signal=KILL:when=3``.
    log : where to list the calls, one file a thread, ``.<pid>`` appended to the name.
    """
    wanted = ",".join(f"?{name}" for name in names)
    command = ["strace", "-ff", "-y", "-o", str(log or "/dev/null"), "-e", f"trace={wanted}"]
    if log is None:
        command[1:3] = ["-f"]
    command += ["-e", f"inject={inject}"] if inject else []
    with subprocess.Popen([*command, "-p", str(pid)], stderr=subprocess.PIPE, text=True) as strace:
        for line in strace.stderr or ():
            if f"Process {pid} attached" in line:
                break
        else:
            raise RuntimeError("strace could not follow")
        yield
        strace.communicate()


def calls_in(log: Path, pid: int) -> list[Call]:
    """List the calls of a process's first thread, in order."""
    counts: dict[str, int] = {}
    calls = []
    for line in log.with_name(f"{log.name}.{pid}").read_text(errors="replace").splitlines():
        name = line.partition("(")[0]
        if not name.isidentifier():  # a signal, or the end
            continue
        counts[name] = counts.get(name, 0) + 1
        calls.append(Call(name, counts[name], line))
    return calls


def about(calls: list[Call], folder: Path) -> list[Call]:
    """Keep the calls on a folder and what is in it."""
    inside = re.compile(rf'[<"]{re.escape(str(folder))}(?:[/>"]| \()')
    return [call for call in calls if inside.search(call.text)]


def changing(calls: list[Call]) -> list[Call]:
    """Keep the calls that can change the disk: a file opened for reading does not."""
    return [
        call
        for call in calls
        if call.name in CHANGES and ("open" not in call.name or "O_CREAT" in call.text)
    ]
