"""A rekeying while packets flow: does any leave in clear, and how many are lost?"""

from __future__ import annotations

from typing import ClassVar, Literal

from sapper.lab.faults.fault import Fault, Saw, side_of
from sapper.lab.faults.traffic import Load, tunnel_flows
from sapper.lab.rig import Rig


class Rekeyed(Fault, frozen=True, kw_only=True):
    """``router`` rekeys its children or its IKE SAs in the middle of ``packets`` packets through each tunnel.

    ``times``: so many rekeyings, evenly. Saw: sent, delivered, lost, esp, clear.
    """

    name: ClassVar[str] = "rekeyed"

    router: str
    what: Literal["child", "ike"] = "child"
    times: int = 1
    packets: int = 100

    def apply(self, rig: Rig) -> Saw:
        side = side_of(rig, self.router)
        load = Load.start(rig, tunnel_flows(rig), rounds=self.packets)
        for _ in range(self.times):
            for connection in side.connections:
                if self.what == "ike":
                    rig.vici(side, "rekey", {"ike": connection.name})
                    continue
                for child in connection.children:
                    if child.mode != "pass":
                        rig.vici(side, "rekey", {"child": child.name, "ike": connection.name})
        return load.stop().numbers()
