"""A second opinion: what the rules say of the words, beside what the compiler makes of them for strongSwan.

The compiler knows nothing of the rules. What a rule calls lost, collapsed, ignored or bypassed must be so in the
Plan, and what it does not call so must be there.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from subject_from_text import subject_of

from sapper.kernel.compile import compile_router
from sapper.kernel.plan import Child, Connection
from sapper.rules.examine import examine
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding

WEST = "set vpn ipsec site-to-site peer west"
GROUND = without(without(PEER, "tunnel 1"), "ESP mode")

PREFIXES = st.sampled_from(
    ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.2.0.0/16", "0.0.0.0/0", "2001:db8::/32"]
)
SIDE = st.lists(PREFIXES, max_size=3, unique=True)


def judged(text: str, code: str) -> tuple[list[Finding], tuple[Connection, ...]]:
    subject = subject_of(text)
    findings = [finding for finding in examine(subject) if finding.code == code]
    return findings, compile_router(subject.router).connections


def children(connections: tuple[Connection, ...], *, passing: bool = False) -> list[Child]:
    return [child for one in connections for child in one.children if (child.mode == "pass") == passing]


@settings(max_examples=150, deadline=None)
@given(SIDE, SIDE)
def test_a_remote_network_is_bypassed_where_a_passing_policy_covers_it(local: list[str], remote: list[str]) -> None:
    text = GROUND + f"{WEST} tunnel 1 priority 1\n"
    text += "".join(f"{WEST} tunnel 1 local prefix {prefix}\n" for prefix in local)
    text += "".join(f"{WEST} tunnel 1 remote prefix {prefix}\n" for prefix in remote)
    findings, connections = judged(text, "CFG389")
    passing = [selector.prefix for child in children(connections, passing=True) for selector in child.remote_ts]
    encrypted = {selector.prefix for child in children(connections) for selector in child.remote_ts}
    covered = {str(prefix) for prefix in encrypted if any(one.covers(prefix) for one in passing)}
    assert {finding.message.split(" ")[0] for finding in findings} == covered


@settings(max_examples=100, deadline=None)
@given(SIDE, SIDE, st.sampled_from([None, "gre", "tcp"]), st.sampled_from(["tunnel", "transport"]))
def test_a_protocol_is_lost_where_no_selector_of_a_side_has_it(
    local: list[str], remote: list[str], protocol: str | None, mode: str
) -> None:
    text = GROUND + f"set vpn ipsec esp-group ESP mode {mode}\n{WEST} tunnel 1 priority 1\n"
    text += f"{WEST} tunnel 1 protocol {protocol}\n" if protocol else ""
    text += "".join(f"{WEST} tunnel 1 local prefix {prefix}\n" for prefix in local)
    text += "".join(f"{WEST} tunnel 1 remote prefix {prefix}\n" for prefix in remote)
    findings, connections = judged(text, "CFG368")
    (child,) = children(connections)
    kept = [{selector.protocol for selector in side} - {None} for side in (child.local_ts, child.remote_ts)]
    assert bool(findings) == (protocol is not None and not all(kept))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["203.0.113.20", "203.0.113.21", "203.0.113.22", "any"]), unique=True, max_size=3),
    st.sampled_from([None, "gre"]),
)
def test_what_becomes_of_several_remote_addresses(remotes: list[str], protocol: str | None) -> None:
    text = (
        without(GROUND, "remote-address") + f"set vpn ipsec esp-group ESP mode transport\n{WEST} tunnel 1 disable\n"
    )
    text = text.replace("tunnel 1 disable", f"tunnel 1 {f'protocol {protocol}' if protocol else 'priority 1'}")
    text += "".join(f"{WEST} remote-address {remote}\n" for remote in remotes)
    collapsed, connections = judged(text, "CFG367")
    (connection,) = connections
    written = [remote for remote in remotes if remote != "any"]
    assert bool(collapsed) == (bool(written) and connection.remote_addrs == ())
    partly, _ = judged(text, "CFG376")
    protocols = [selector.protocol for selector in connection.children[0].remote_ts]
    assert bool(partly) == (len(set(protocols)) > 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("a@bc", min_size=1, max_size=3), unique=True, min_size=1, max_size=6))
def test_peers_of_one_section(names: list[str]) -> None:
    peer = "".join(line for line in PEER.splitlines(keepends=True) if "peer west" in line)
    text = without(PEER, "peer west") + "".join(peer.replace("peer west", f"peer {name}") for name in names)
    findings, connections = judged(text, "CFG384")
    assert len(findings) == len(connections) - len({connection.name for connection in connections})


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(["bind vti0", "esp-group ESP"])), st.lists(st.booleans(), max_size=2))
def test_a_vti_is_rendered_or_said_not_to_be(vti: set[str], disabled: list[bool]) -> None:
    text = GROUND + "set interfaces vti vti0 address 10.0.0.1/30\n"
    text += "".join(f"{WEST} vti {option}\n" for option in sorted(vti))
    for number, off in enumerate(disabled):
        text += (
            f"{WEST} tunnel {number} local prefix 10.1.0.0/16\n{WEST} tunnel {number} remote prefix 10.2.0.0/16\n"
        )
        text += f"{WEST} tunnel {number} disable\n" if off else ""
    unbound, connections = judged(text, "CFG366")
    beside, _ = judged(text, "CFG386")
    everything = [child for child in children(connections) if child.name.endswith("-vti")]
    assert bool(unbound) == (bool(vti) and "bind vti0" not in vti)
    assert bool(everything) == ("bind vti0" in vti and not beside)
    idle = [finding for finding in beside if "every tunnel is disabled" in finding.message]
    assert bool(idle) == ("bind vti0" in vti and bool(disabled) and not children(connections))


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["west", "@west"]),
    st.sampled_from(["any", "203.0.113.20"]),
    st.sampled_from(["initiate", "trap", "none"]),
)
def test_a_connection_type_without_effect(name: str, remote: str, word: str) -> None:
    text = GROUND.replace("peer west", f"peer {name}").replace(
        "remote-address 203.0.113.20", f"remote-address {remote}"
    )
    peer = WEST.replace("peer west", f"peer {name}")
    text += f"{peer} tunnel 1 local prefix 10.1.0.0/16\n{peer} tunnel 1 remote prefix 10.2.0.0/16\n"
    findings, connections = judged(text + f"{peer} connection-type {word}\n", "CFG380")
    (connection,) = connections
    wanted = {"initiate": "start", "trap": "trap", "none": "none"}[word]
    changed = any(child.start_action != wanted for child in connection.children)
    callable_ = bool(connection.remote_addrs) or wanted == "none"
    assert bool(findings) == (changed or not callable_)
