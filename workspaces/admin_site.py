"""The admin site: where auditors and admins look at rows, and nobody changes any.

It is a site of its own, so that libraries' models (queue rows, sessions, tokens' hashes) are not on it.
"""

import json
from functools import reduce
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.canonical import Json
from common.errors import Problem
from workspaces.actors import Actor
from workspaces.authentication import membership_actor, request_id_of, session_actor
from workspaces.models import Membership, Role, User, Workspace
from workspaces.pages.problems import problem_page

if TYPE_CHECKING:  # Django's classes take their parameter in stubs only
    _Paginator = Paginator[Any]
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _Paginator = Paginator
    _ModelAdmin = admin.ModelAdmin

ROWS_COUNTED = 10_000
"""Lists are counted, and can be paged, up to here; beyond it a search or a filter finds the row."""

RECORDS_ROLES = (Role.ADMIN, Role.AUDITOR)
"""Who may look at the records of a workspace."""

_CACHED = "_audited_workspaces"


class AuditSite(admin.AdminSite):
    """For superusers, and for everybody who is admin or auditor of a workspace."""

    site_header = "Workledger records"
    site_title = "Workledger records"
    index_title = "What was done, by whom, and the proof of it"
    site_url = "/"
    enable_nav_sidebar = False

    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """The one door of all pages; who came through it and sees nothing here is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            detail = _("The records are for admins and auditors of a workspace. Ask an admin for that role.")
            return problem_page(request, Problem(403, "role_too_low", detail))
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target, reverse("account_login"))

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether there is anything for this person to see."""
        user = request.user
        return user.is_active and (is_superuser(request) or bool(audited_workspaces(request)))


class BoundedPaginator(_Paginator):
    """Counts at most `ROWS_COUNTED` rows, so that a list of a million costs what one of ten thousand costs."""

    @cached_property
    def count(self) -> int:
        """The number of rows, or `ROWS_COUNTED` when there are more."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:ROWS_COUNTED].count()
        return min(len(rows), ROWS_COUNTED)


class ReadOnlyAdmin(_ModelAdmin):
    """Rows to look at, of the workspaces that the person audits. `workspace_path` leads from a row to its workspace.

    `search_fields` name indexed columns only, with `=` or `^` before them.
    """

    workspace_path: ClassVar[str] = "workspace"

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # counting each choice of a filter would read every row
    change_form_template = "admin/record.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that this person may see."""
        rows = super().get_queryset(request)
        if is_superuser(request):
            return rows
        return rows.filter(**{f"{self.workspace_path}__in": audited_workspaces(request)})

    def page_of_staff(self, row: Any) -> str:  # noqa: ARG002 - for subclasses
        """The address of the page that staff have of a row; empty where there is none."""
        return ""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With a link to the page of staff, if the workspace of the row is the one that the person looks at there."""
        row = kwargs.get("obj")
        page = self.page_of_staff(row) if row is not None else ""
        if page:
            workspace = reduce(getattr, self.workspace_path.split("__"), row)
            actor = session_actor(request)
            context["staff_page"] = page
            context["other_workspace"] = workspace if actor is None or actor.workspace != workspace else None
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, titled with what it lists."""
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Django's words would ask whether the row was deleted, which nobody can do."""
        words = f"There is no {opts.verbose_name} {object_id} here, or it is not one that you may see."
        self.message_user(request, words, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:index"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may enter the site sees its lists; they may be empty."""
        return site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """As above: `get_queryset` says which rows."""
        return site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django names it
        """Never: rows are made by services, which write their audit entry."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Never, for the same reason."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Never: history outlives what it describes."""
        return False


def json_text(value: Json) -> SafeString:
    """JSON as indented text that no content can break out of, and in which nothing hides: letters of every language are
    shown as they are, invisible characters and those that turn the direction of writing as their escapes.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    shown = "".join(each if each.isprintable() or each == "\n" else _escaped(each) for each in text)
    return format_html("<pre>{}</pre>", shown)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def is_superuser(request: HttpRequest) -> bool:
    """Whether this person runs the whole installation."""
    return isinstance(request.user, User) and request.user.is_active and request.user.is_superuser


def audited_workspaces(request: HttpRequest) -> list[int]:
    """The ids of the workspaces that this person is admin or auditor of; asked once for each request."""
    found: list[int] | None = getattr(request, _CACHED, None)
    if found is None:
        found = []
        if isinstance(request.user, User):
            memberships = Membership.objects.filter(user=request.user, role__in=RECORDS_ROLES)
            found = list(memberships.values_list("workspace_id", flat=True))
        setattr(request, _CACHED, found)
    return found


def actor_in(request: HttpRequest, workspace: Workspace) -> Actor:
    """The person as who they are in `workspace`; for payloads, with `workspaces.reading.record_payload_reading`.

    A superuser who is no member counts as an auditor with the grant to read payloads, so their reading is recorded.
    """
    assert isinstance(request.user, User)
    request_id = request_id_of(request)
    memberships = Membership.objects.select_related("workspace")
    membership = memberships.filter(workspace=workspace, user=request.user).first()
    if membership is not None:
        return membership_actor(membership, user=request.user, request_id=request_id)
    return Actor(user=request.user, workspace=workspace, role=Role.AUDITOR, request_id=request_id)


site = AuditSite(name="admin")
