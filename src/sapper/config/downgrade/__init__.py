"""Writes a tree in the words of an older generation, as far as those can say it."""

from sapper.config.downgrade.register import STEPS, needed
from sapper.config.downgrade.step import Lacking, Step

__all__ = ["STEPS", "Lacking", "Step", "needed"]
