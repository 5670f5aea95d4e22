"""What goes wrong on the way, as errors of the step."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpcore

from common.errors import StepError
from integrations.outbound.backend import AddressRefused, CertificateRefused
from integrations.outbound.decoding import Undecodable
from integrations.outbound.limits import DeadlinePassed, Stopped

ADDRESS_REFUSED = "address_refused"
"""`reason` of a `network_error`: trying again cannot help."""
CERTIFICATE = "certificate"
"""`reason` of a `network_error`: the service could not prove who it is."""


@contextmanager
def translated(place: str, *, sent: bool) -> Iterator[None]:
    """Turn what httpcore and the sockets raise into `StepError`. `place` is the URL for messages; `sent` says
    that a request has been sent already, so that its effect may have happened whatever fails now.

    Without a connection nothing was sent: `retryable`. Once there was one the outcome is unknown: not `answered`.
    """
    try:
        yield
    except AddressRefused as error:
        raise _refused(error, sent) from error
    except (DeadlinePassed, httpcore.TimeoutException) as error:
        unconnected = isinstance(error, httpcore.ConnectTimeout | httpcore.PoolTimeout) and not sent
        raise StepError(
            "timeout",
            f"{place} did not answer completely within the step's time limit.",
            retryable=unconnected,
            answered=unconnected,
        ) from error
    except Stopped as error:
        raise StepError("cancelled", f"The request to {place} was stopped.", answered=False) from error
    except (httpcore.ConnectError, httpcore.ProxyError) as error:
        raise _unconnected(place, error, sent) from error
    except httpcore.LocalProtocolError as error:
        raise StepError("wrong_type", f"The request to {place} cannot be sent: {error}.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise StepError(
            "network_error", f"The connection to {place} was lost: {error}.", answered=False
        ) from error
    except Undecodable as error:
        raise StepError("bad_response", f"The answer of {place} cannot be read: {error}.") from error


def _refused(error: AddressRefused, sent: bool) -> StepError:
    return StepError(
        "network_error",
        f"{error} is not a public address, and the operator has not opened it. "
        "Ask for it to be added to OUTBOUND_PRIVATE_HOSTS if the workflow is meant to reach it.",
        reason=ADDRESS_REFUSED,
        retryable=not sent,
    )


def _unconnected(place: str, error: Exception, sent: bool) -> StepError:
    return StepError(
        "network_error",
        f"No connection to {place}: {error}.",
        reason=CERTIFICATE if isinstance(error, CertificateRefused) else "",
        retryable=not sent,
        answered=not sent,
    )
