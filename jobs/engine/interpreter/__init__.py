"""Walks the frozen definition of a job: what to do next, and what came of it.

`steps` has what every step shares; the other modules register the walk of each kind of step.
"""

from jobs.engine.interpreter import blocks, leaves, loops, repeats, subjobs
from jobs.engine.interpreter.steps import WALKS, walk_sequence

__all__ = ["WALKS", "blocks", "leaves", "loops", "repeats", "subjobs", "walk_sequence"]
