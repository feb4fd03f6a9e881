"""The host's side of looking: asks the guest after a measurement, and names the flows that the lab sends.

Logs come without secrets: charon logs none, and what a configuration calls secret is struck out here all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sapper.kernel.plan import Plan
from sapper.lab.measure import Subject
from sapper.lab.probes import COUNT
from sapper.lab.result import Association, Flow, NodeCounters, Observed, Sending
from sapper.lab.rig import Rig
from sapper.lab.swanctl import LAB_SECRET

STRUCK_OUT = "***"


def observe(rig: Rig) -> Observed:
    """What was to be seen of the measurement that has just been made. Raises LabFailed."""
    answer = rig.ask("observe", routers=rig.names)
    secrets = tuple(secrets_of(side.plan for side in rig.sides))
    logs = {
        f"{node} {name}": without(text, secrets)
        for node, files in answer["logs"].items()
        for name, text in files.items()
    }
    counters = (NodeCounters(node=node, **groups) for node, groups in answer["counters"].items())
    return Observed(
        sent=tuple(Sending(token, max(0.0, time_s)) for token, time_s in answer["sent"]),
        counters=tuple(entry for entry in counters if entry != NodeCounters(node=entry.node)),
        associations=tuple(Association(*row) for row in answer["associations"]),
        logs=logs,
    )


def secrets_of(plans: Iterable[Plan]) -> Iterator[str]:
    """Every secret of the connections, and the lab's own, the longest first."""
    found = {LAB_SECRET}
    for plan in plans:
        found |= {item.secret.reveal() for item in plan.connections if item.secret is not None}
    yield from sorted((secret for secret in found if secret), key=len, reverse=True)


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret struck out."""
    for secret in secrets:
        text = text.replace(secret, STRUCK_OUT)
    return text


def flows_of(subjects: Iterable[Subject]) -> tuple[Flow, ...]:
    """The flows of every subject, in the order in which they are sent."""
    return tuple(
        Flow(
            token=probe.token,
            router=subject.side.name,
            tunnel=subject.entry.name,
            node=probe.node,
            source=str(probe.source) if probe.source else None,
            destination=str(probe.destination),
            protocol=probe.protocol,
            network=next((str(item) for item in subject.entry.networks if probe.destination in item), None),
            through=probe.through,
            count=COUNT,
        )
        for subject in subjects
        for probe in subject.probes
    )
