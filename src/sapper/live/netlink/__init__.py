"""A sans-IO codec for rtnetlink and XFRM messages, and one small socket class that speaks it.

One file per message type: a frozen record, its bytes, and the record from bytes. Only :mod:`connection` does I/O.
It exists because the guest of the lab must import little and write thousands of objects fast; the tests let
pyroute2 and iproute2 read and write the same bytes. Source: RFC 3549, include/uapi/linux/{netlink,rtnetlink}.h.
"""
