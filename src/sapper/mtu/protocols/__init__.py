"""The catalogue: one file for each protocol, with its formula and where that is written.

Each has one name, ``PROTOCOL``. :mod:`sapper.mtu.register` finds them by the words of the stack language.
"""
