"""Probes for load balancers and supervisors: is this process alive, and can it serve?"""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.selectors.workers import any_worker_alive

RETRY_SECONDS = 5


@login_not_required
@never_cache
@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; touches nothing else."""
    return JsonResponse({"status": "live"})


@login_not_required
@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """200 when the database answers and a worker has beaten within its lease; else 503 with the reasons."""
    reasons = _reasons()
    if not reasons:
        return JsonResponse({"status": "ready"})
    answer = JsonResponse({"status": "not_ready", "reasons": reasons}, status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _reasons() -> list[str]:
    try:
        connection.ensure_connection()
        alive = any_worker_alive()
    except DatabaseError:
        return ["the database does not answer"]
    return [] if alive else ["no worker has reported within its lease; start one with manage.py cluster"]
