"""What the engine asks of expressions: `fill` and `read` in place; `compile_program` where a sandbox is needed."""

from workflows.expressions.plain import fill, read
from workflows.expressions.program import Program, compile_program

__all__ = ["Program", "compile_program", "fill", "read"]
