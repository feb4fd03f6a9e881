"""Upgrades a tree of any generation to the newest one's words, so that the rooms after this one know only those."""

from sapper.config.upgrade.register import STEPS, Upgraded, upgrade
from sapper.config.upgrade.step import Note, Step, Written

__all__ = ["STEPS", "Note", "Step", "Upgraded", "Written", "upgrade"]
