"""From the sandbox's exceptions to errors of a step."""

from pydantic_monty import MontyCrashedError, MontyError, MontyRuntimeError, MontySyntaxError

from common.canonical import Json
from common.errors import StepError

MEMORY_BYTES = 64 << 20
DEPTH = 200


def step_error(error: MontyError, *, code: str, seconds: float, written: range | None = None) -> StepError:
    """`error` as `code`, or as `timeout`, `limit_exceeded` or `interrupted`. The detail has the `line`, the `type` of
    the exception and its `message`. `written` are the lines of the program that its author wrote: `line` counts from
    its start; without it the line is that of the program.
    """
    if isinstance(error, MontyCrashedError):
        if error.timed_out:
            return _timeout(seconds)
        return StepError(
            "interrupted",
            "The sandbox's process ended before the work was done; nothing outside it was changed. Run it again.",
            retryable=True,
        )
    inner = error.exception()
    if isinstance(inner, TimeoutError):
        return _timeout(seconds)
    if isinstance(inner, MemoryError):
        return StepError(
            "limit_exceeded", f"This needs more than the {MEMORY_BYTES >> 20} MB of memory that it may use."
        )
    if isinstance(inner, RecursionError):
        return StepError("limit_exceeded", f"Calls are nested more than {DEPTH} deep.")
    message = str(inner.args[0]) if inner.args else ""
    line = _line(error, written)
    detail: dict[str, Json] = {"line": line, "type": type(inner).__name__, "message": message}
    where = f"line {line}: " if line and written else ""
    return StepError(code, f"{where}{type(inner).__name__}: {message}".rstrip(": "), detail=detail)


def _timeout(seconds: float) -> StepError:
    return StepError("timeout", f"This took longer than the {seconds:g} s that it may take.")


def _line(error: MontyError, written: range | None) -> int | None:
    """The innermost line of the author's; the outermost of the program where no author's lines are told apart."""
    if not isinstance(error, MontyRuntimeError | MontySyntaxError):
        return None
    lines = [frame.line for frame in error.traceback()]
    if written is None:
        return lines[0] if lines else None
    own = [line - written.start + 1 for line in lines if line in written]
    return own[-1] if own else None
