"""Files that have no name and lie in memory: what a run needs beside the set-up leaves nothing on a disk, full or not.

A child that inherits the descriptor opens it by ``/proc/self/fd/N`` as if it were a file of its own. The kernel frees
it with the last process that has it, however that ends. Source: memfd_create(2).
"""

from __future__ import annotations

import os
import weakref

from sapper.lab.unavailable import LabUnavailable


class MemoryFile:
    """``path`` is what a child that inherits ``descriptor`` (under the same number) opens."""

    def __init__(self, name: str, content: bytes = b"") -> None:
        try:
            self.descriptor = os.memfd_create(name)
            weakref.finalize(self, os.close, self.descriptor)
            left = memoryview(content)
            while left:
                left = left[os.write(self.descriptor, left) :]
        except OSError as error:
            raise LabUnavailable(f"no memory for the lab's {name}: {error.strerror}") from None
        self.path = f"/proc/self/fd/{self.descriptor}"

    def tail(self, size: int) -> bytes:
        """The last ``size`` bytes."""
        length = os.fstat(self.descriptor).st_size
        return os.pread(self.descriptor, size, max(0, length - size))
