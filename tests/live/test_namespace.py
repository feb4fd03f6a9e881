"""Namespaces: being inside one, coming back, and what belongs to it."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from netns_of_a_test import installed, two_ethernets

from sapper.address import Attached
from sapper.kernel.plan import Link, Plan
from sapper.live.namespace import (
    create_namespace,
    delete_namespace,
    inside,
    namespace_names,
    netlink_inside,
    open_namespace,
    socket_inside,
)
from sapper.live.netlink.connection import KernelRefused, NetlinkConnection
from sapper.live.netlink.link import decode_link, delete_link, list_links, move_link

pytestmark = pytest.mark.netns
ADDRESSED = Plan(
    name="one", links=(Link(name="eth0", kind="ethernet", addresses=(Attached.parse("192.0.2.1/24"),)),)
)


@pytest.fixture
def east() -> Iterator[str]:
    with two_ethernets() as name:
        yield name


def test_links_move_and_go(east: str) -> None:
    other = f"{east}-b"
    create_namespace(other)
    descriptor = open_namespace(other)
    try:
        with netlink_inside(east) as here, netlink_inside(other) as there:
            index = next(link.index for link in links(here) if link.name == "eth1")
            here.send([move_link(index, "eth1", descriptor)])
            moved = next(link for link in links(there) if link.name == "eth1")
            there.send([delete_link(moved.index, "eth1")])
            assert {link.name for link in links(there)} & {"eth1"} == set()
            assert {link.name for link in links(here)} & {"eth1", "far1"} == set()
    finally:
        os.close(descriptor)
        delete_namespace(other)


def links(connection: NetlinkConnection) -> list[Any]:
    return [decode_link(answer.payload) for answer in connection.dump(list_links())]


def own_namespace() -> str:
    return str(Path("/proc/thread-self/ns/net").readlink())


def test_only_the_calling_thread_is_inside_and_it_comes_back(east: str) -> None:
    home = own_namespace()
    with ThreadPoolExecutor(max_workers=1) as pool:
        assert pool.submit(own_namespace).result(10) == home
        with inside(east):
            assert own_namespace() != home
            assert pool.submit(own_namespace).result(10) == home
            children = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    assert "far0" in children
    assert own_namespace() == home

    with pytest.raises(ZeroDivisionError), inside(east):
        _ = 1 // 0
    assert own_namespace() == home


def test_a_socket_stays_in_its_namespace(east: str) -> None:
    installed(east, ADDRESSED)
    with socket_inside(east, socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("192.0.2.1", 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside, pytest.raises(OSError, match="assign"):
        outside.bind(("192.0.2.1", 0))


def test_namespaces_are_those_of_iproute2(east: str) -> None:
    shown = subprocess.run(["ip", "-j", "netns"], capture_output=True, text=True, check=True).stdout
    assert east in {entry["name"] for entry in json.loads(shown)}
    assert east in namespace_names()
    with pytest.raises(KernelRefused, match="File exists"):
        create_namespace(east)
    for wrong in ("", "..", "a/b"):
        with pytest.raises(KernelRefused, match="not a name"):
            create_namespace(wrong)
    with pytest.raises(KernelRefused) as missing:
        delete_namespace(f"{east}-none")
    assert missing.value.errno == errno.ENOENT
