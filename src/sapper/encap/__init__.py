"""The encapsulations: one file each, with its header bytes, its kernel link and what it can carry.

:mod:`sapper.encap.register` finds one by its VyOS name. This room imports nothing of sapper.
"""
