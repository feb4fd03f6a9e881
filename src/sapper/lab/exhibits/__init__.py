"""The findings' bad examples on a real kernel, each as it stands and mended: what ``make findings`` shows.

An exhibit is a pair of routers that a finding is about. Most are shown by the lifecycle: in some state the wire contradicts
a property. What no state shows is shown by a demonstration, one module for each, made with nothing but the rig.
"""
