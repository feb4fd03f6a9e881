"""Why a certificate is not accepted, in one line."""

from __future__ import annotations


class NoCertificate(ValueError):
    """The text is no certificate at all."""


class Misfit(ValueError):
    """A certificate that does not fit what it is held against; the message says what."""
