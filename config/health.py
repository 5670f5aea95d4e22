"""Probes for load balancers and supervisors: is this process alive, and can it serve?"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from common.errors import Problem
from jobs.selectors.workers import any_worker_alive
from workspaces.pages.problems import problem_response

RETRY_SECONDS = 5

View = Callable[[HttpRequest], HttpResponse]


def _probe(view: View) -> View:
    """`view` for GET and HEAD, never cached; anything else is 405."""

    @login_not_required
    @csrf_exempt
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return view(request)
        headers = {"Allow": "GET, HEAD"}
        detail = "This address takes GET and HEAD only."
        return problem_response(request, Problem(405, "method_not_allowed", detail, headers=headers))

    return guarded


@_probe
def live(_request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; touches nothing else."""
    return JsonResponse({"status": "live"})


@_probe
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
