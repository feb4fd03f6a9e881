"""Named network namespaces as iproute2 keeps them, and being inside one for a while.

A namespace is named by a bind mount of it on /run/netns/NAME, so that ``ip netns exec NAME`` works with ours and we
with iproute2's. Only the calling thread moves: sockets it opens, /proc/sys/net, and the processes and threads that
it starts are the namespace's (and stay there), threads that run already stay where they are. Python before 3.12 has no setns, so libc is called directly.
Source: setns(2), iproute2's ip/ipnetns.c.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sapper.live.netlink.connection import NETLINK_ROUTE, KernelRefused, NetlinkConnection
from sapper.live.netlink.link import set_link_up

RUN_NETNS = Path("/run/netns")
OWN_NAMESPACE = Path("/proc/thread-self/ns/net")
CLONE_NEWNET = 0x40000000  # include/uapi/linux/sched.h
MS_BIND, MS_REC, MS_SHARED = 0x1000, 0x4000, 0x100000  # include/uapi/linux/mount.h
MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_void_p)


def namespace_names() -> tuple[str, ...]:
    """The names of the namespaces there are, sorted."""
    try:
        return tuple(sorted(entry.name for entry in RUN_NETNS.iterdir()))
    except FileNotFoundError:
        return ()


def create_namespace(name: str) -> None:
    """Create the namespace of that name with its loopback device up. Raises KernelRefused, also if it exists."""
    about = f"namespace {name}"
    _share_run_netns(about)
    path = RUN_NETNS / _checked(name)
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0))
    except OSError as error:
        raise KernelRefused(error.errno or errno.EIO, about) from error
    try:
        with _returning():
            _call(about, _libc.unshare, CLONE_NEWNET)
            _mount(about, str(OWN_NAMESPACE), str(path), MS_BIND)
            _raise_loopback()
    except KernelRefused:
        path.unlink(missing_ok=True)
        raise


def delete_namespace(name: str) -> None:
    """Delete the name; the namespace itself goes when its last process and socket are gone."""
    path = RUN_NETNS / _checked(name)
    about = f"namespace {name}"
    if not path.exists():
        raise KernelRefused(errno.ENOENT, about)
    _libc.umount2(os.fsencode(path), MNT_DETACH)
    try:
        path.unlink()
    except OSError as error:
        raise KernelRefused(error.errno or errno.EIO, about) from error


def open_namespace(name: str) -> int:
    """A descriptor of the namespace, for :func:`sapper.live.netlink.link.move_link`; the caller closes it."""
    try:
        return os.open(RUN_NETNS / _checked(name), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise KernelRefused(error.errno or errno.EIO, f"namespace {name}") from error


@contextmanager
def inside(name: str | None) -> Iterator[None]:
    """The calling thread is in the namespace for the length of the block; None is where it is already."""
    if name is None:
        yield
        return
    descriptor = open_namespace(name)
    try:
        with _returning():
            _call(f"namespace {name}", _libc.setns, descriptor, CLONE_NEWNET)
            yield
    finally:
        os.close(descriptor)


def socket_inside(name: str | None, family: int, kind: int, protocol: int = 0) -> socket.socket:
    """A socket that belongs to the namespace; the thread is back when this returns."""
    with inside(name):
        return socket.socket(family, kind | socket.SOCK_CLOEXEC, protocol)


def netlink_inside(name: str | None, protocol: int = NETLINK_ROUTE) -> NetlinkConnection:
    """A netlink connection to the namespace, usable from anywhere."""
    return NetlinkConnection(socket_inside(name, socket.AF_NETLINK, socket.SOCK_RAW, protocol))


@contextmanager
def _returning() -> Iterator[None]:
    home = os.open(OWN_NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield
    finally:
        # A thread that cannot go back would work on the wrong kernel from here on: better no thread at all.
        returned = _libc.setns(home, CLONE_NEWNET) == 0
        os.close(home)
        if not returned:
            raise SystemExit("the thread could not return to its network namespace")


def _share_run_netns(about: str) -> None:
    """Make /run/netns a shared mount of its own, so that a namespace mounted here is seen in other mount spaces."""
    try:
        RUN_NETNS.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise KernelRefused(error.errno or errno.EIO, about) from error
    target = str(RUN_NETNS)
    if _libc.mount(b"", os.fsencode(target), b"none", MS_SHARED | MS_REC, None) == 0:
        return
    _mount(about, target, target, MS_BIND | MS_REC)
    _mount(about, "", target, MS_SHARED | MS_REC)


def _raise_loopback() -> None:
    with NetlinkConnection.open() as connection:
        connection.send([set_link_up(1, "lo", up=True)])


def _mount(about: str, source: str, target: str, flags: int) -> None:
    _call(about, _libc.mount, os.fsencode(source), os.fsencode(target), b"none", flags, None)


def _call(about: str, function: ctypes._NamedFuncPointer, *arguments: object) -> None:
    if function(*arguments) != 0:
        raise KernelRefused(ctypes.get_errno(), about)


def _checked(name: str) -> str:
    """Refuse a name that would be a path, as iproute2 does."""
    if not name or "/" in name or name in (".", ".."):
        raise KernelRefused(errno.EINVAL, f"namespace {name!r}", "not a name")
    return name
