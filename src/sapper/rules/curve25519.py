"""The public key of a Curve25519 private key: what WireGuard's two keys have to do with each other.

Multiplies the base point of edwards25519, whose multiples are tabulated once, and maps the result to the Montgomery
curve. Not constant in time, so of no use where somebody can measure; here a key is compared, once. Source: RFC 7748
sections 4.1 and 5, RFC 8032 section 5.1 for the curve; the addition formulas are those of Hisil, Wong, Carter and
Dawson (2008).
"""

from __future__ import annotations

from functools import cache

LENGTH_BYTES = 32
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_BASE_Y = 4 * pow(5, -1, _P) % _P
_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202

Point = tuple[int, int, int, int]
"""X, Y, Z and T = XY/Z of a point."""


def public_key(private: bytes) -> bytes:
    """The public key, 32 bytes. Raises ValueError unless ``private`` has 32 bytes."""
    if len(private) != LENGTH_BYTES:
        raise ValueError(f"a Curve25519 key has {LENGTH_BYTES} bytes")
    scalar = int.from_bytes(private, "little") & ~7 & (2**255 - 1) | 2**254
    point: Point = (0, 1, 1, 0)
    for row in _multiples():
        point = _add(point, row[scalar & 15])
        scalar >>= 4
    _, y, z, _ = point
    return ((z + y) * pow(z - y, -1, _P) % _P).to_bytes(LENGTH_BYTES, "little")


@cache
def _multiples() -> tuple[tuple[Point, ...], ...]:
    """Row ``i`` holds the base point times 0 to 15 times 16**i."""
    rows = []
    step: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)
    for _ in range(64):
        row: list[Point] = [(0, 1, 1, 0)]
        for _ in range(15):
            row.append(_add(row[-1], step))
        rows.append(tuple(row))
        step = _add(row[-1], step)
    return tuple(rows)


def _add(left: Point, right: Point) -> Point:
    x1, y1, z1, t1 = left
    x2, y2, z2, t2 = right
    a = (y1 - x1) * (y2 - x2) % _P
    b = (y1 + x1) * (y2 + x2) % _P
    c = 2 * _D * t1 * t2 % _P
    d = 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P
