"""Exact sizes of any stack of encapsulations, in bytes.

:mod:`sapper.mtu.parse` reads a stack, :mod:`sapper.mtu.sizes` makes a closed form of it that answers in both
directions: the largest inner packet for a link, and the bytes on the wire for a packet. One file below
:mod:`sapper.mtu.protocols` holds one protocol's formula. Nothing here costs more than integer arithmetic.
"""
