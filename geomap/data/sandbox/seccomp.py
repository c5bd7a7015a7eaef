"""Seccomp: a process gives up system calls for good (Linux): no sockets, no other programs.

The filter is a classic BPF program over the number of the call; what it refuses fails with
EPERM. See https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _JUMP_IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_PRETEND, _REFUSE, _UNKNOWN = (0x00050000 | code for code in (0, errno.EPERM, errno.ENOSYS))
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
#: Calls of the 32-bit kind have numbers from here on.
_FOREIGN = 0x40000000
_CLONE_THREAD = 0x10000
_CLONE3 = 435

_AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: How threads and processes are made: threads are needed, processes are not.
_CLONE = {"x86_64": 56, "aarch64": 220}
#: How limits are set and asked for: of this process (0), not of another of this user.
_LIMIT = {"x86_64": 302, "aarch64": 261}
#: What changes the times of files: it is not done either, but seems to be, since who writes a
#: workbook dates its parts.
_TIMES = {"x86_64": (132, 235, 261, 280), "aarch64": (88,)}
_EVERYWHERE = {
    "pidfd_send_signal": 424,
    "io_uring_setup": 425,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "pidfd_open": 434,
    "pidfd_getfd": 438,
    "fchmodat2": 452,
    "setxattrat": 463,
    "removexattrat": 466,
    "file_setattr": 469,
}
#: What changes owner, rights and attributes of files, which Landlock does not hold.
_ATTRIBUTES: Mapping[str, Mapping[str, int]] = {
    "x86_64": {
        "chmod": 90, "fchmod": 91, "fchmodat": 268,
        "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260,
        "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190,
        "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
    },
    "aarch64": {
        "fchmod": 52, "fchmodat": 53, "fchown": 55, "fchownat": 54,
        "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7,
        "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
    },
}  # fmt: skip
_REFUSED: Mapping[str, Mapping[str, int]] = {
    "x86_64": {
        "socket": 41, "connect": 42, "bind": 49, "listen": 50, "socketpair": 53,
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
        "kill": 62, "tkill": 200, "tgkill": 234,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
        "mount": 165, "umount2": 166, "chroot": 161, "pivot_root": 155, "unshare": 272,
        "setns": 308, "bpf": 321, "keyctl": 250, "add_key": 248, "request_key": 249,
        "userfaultfd": 323, "perf_event_open": 298, "open_by_handle_at": 304,
        "init_module": 175, "finit_module": 313, "kexec_load": 246, "rt_sigqueueinfo": 129,
        "rt_tgsigqueueinfo": 297, "setpriority": 141, "sched_setaffinity": 203,
    },
    "aarch64": {
        "socket": 198, "connect": 203, "bind": 200, "listen": 201, "socketpair": 199,
        "execve": 221, "execveat": 281, "kill": 129, "tkill": 130, "tgkill": 131,
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        "mount": 40, "umount2": 39, "chroot": 51, "pivot_root": 41, "unshare": 97,
        "setns": 268, "bpf": 280, "keyctl": 219, "add_key": 217, "request_key": 218,
        "userfaultfd": 282, "perf_event_open": 241, "open_by_handle_at": 265,
        "init_module": 105, "finit_module": 273, "kexec_load": 104, "rt_sigqueueinfo": 138,
        "rt_tgsigqueueinfo": 240, "setpriority": 140, "sched_setaffinity": 122,
    },
}  # fmt: skip


def give_up_calls() -> bool:
    """Refuse this process every call that reaches the network, a process or a file's attributes.

    Returns
    -------
    Whether the kernel does it, on an architecture whose numbers are known here.
    """
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in _REFUSED:
        return False
    program = _program(machine)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(libc.prctl(_SET_SECCOMP, _FILTER, header, 0, 0) == 0)


def _program(machine: str) -> bytes:
    """Write the filter: allow by default, refuse what is listed, let only threads be made."""
    lists = (_REFUSED[machine], _ATTRIBUTES[machine], _EVERYWHERE)
    refused = sorted({number for each in lists for number in each.values()})
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_JUMP_IF_EQUAL, _AUDIT_ARCHITECTURES[machine], yes=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_JUMP_IF_AT_LEAST, _FOREIGN, no=1),
        _step(_RETURN, _REFUSE),
    ]
    for number in refused:
        steps += [_step(_JUMP_IF_EQUAL, number, no=1), _step(_RETURN, _REFUSE)]
    for number in _TIMES[machine]:
        steps += [_step(_JUMP_IF_EQUAL, number, no=1), _step(_RETURN, _PRETEND)]
    steps += [
        _step(_JUMP_IF_EQUAL, _CLONE3, no=1),
        _step(_RETURN, _UNKNOWN),  # the C library then takes clone, whose flags can be seen
        _step(_JUMP_IF_EQUAL, _LIMIT[machine], no=3),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_JUMP_IF_EQUAL, 0, yes=5),
        _step(_RETURN, _REFUSE),
        _step(_JUMP_IF_EQUAL, _CLONE[machine], no=3),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_JUMP_IF_ANY_BIT, _CLONE_THREAD, yes=1),
        _step(_RETURN, _REFUSE),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """Write one instruction; `yes` and `no` are how many to pass over."""
    return struct.pack("=HBBI", code, yes, no, value)
