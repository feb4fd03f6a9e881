"""What can go wrong around a tunnel, one file for each; :data:`sapper.lab.faults.register.FAULTS` has them all.

Each is usable alone: ``fault.apply(rig)`` does it, ``fault.undo(rig)`` takes it back where that makes sense.
"""
