"""The API's root, `/api/v1/`: one line for each app, and a problem document for every other address."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from common.api.problems import not_found
from workspaces.pages.problems import problem_response


@login_not_required
@csrf_exempt
def nothing_here(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
    """404 for addresses that no view has; without the redirect that would lose a POST's body."""
    problem = not_found()
    if not request.path.endswith("/"):
        problem.detail += " Addresses of the API end with a slash."
    return problem_response(request, problem)


urlpatterns = [
    path("", include("workspaces.api.urls")),
    path("", include("workflows.api.urls")),
    path("", include("jobs.api_urls")),
    re_path("", nothing_here),
]
