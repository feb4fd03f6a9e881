"""sapper digs IP tunnels and proves that they do not leak."""

__version__ = "0.1.0"
