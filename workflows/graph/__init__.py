"""A definition as a picture, drawn by the server."""

from workflows.graph.layout import lay_out
from workflows.graph.picture import Box, Graph, StepState

__all__ = ["Box", "Graph", "StepState", "lay_out"]
