"""The admin site: where auditors and admins look at rows, and nobody changes any.

It is a site of its own, so that libraries' models (queue rows, sessions, tokens' hashes) are not on it.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.forms import AuthenticationForm
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from workspaces.actors import Actor
from workspaces.authentication import membership_actor, request_id_of
from workspaces.models import Membership, Role, User, Workspace

if TYPE_CHECKING:  # Django's classes take their parameter in stubs only
    _Paginator = Paginator[Any]
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _Paginator = Paginator
    _ModelAdmin = admin.ModelAdmin

ROWS_COUNTED = 10_000
"""Lists are counted, and can be paged, up to here; beyond it a search or a filter finds the row."""

_CACHED = "_audited_workspaces"


class AuditSite(admin.AdminSite):
    """For superusers, and for everybody who is admin or auditor of a workspace."""

    site_header = "Workledger records"
    site_title = "Workledger records"
    index_title = "What was done, by whom, and the proof of it"
    enable_nav_sidebar = False
    login_form = AuthenticationForm

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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that this person may see."""
        rows = super().get_queryset(request)
        if is_superuser(request):
            return rows
        return rows.filter(**{f"{self.workspace_path}__in": audited_workspaces(request)})

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


def is_superuser(request: HttpRequest) -> bool:
    """Whether this person runs the whole installation."""
    return isinstance(request.user, User) and request.user.is_active and request.user.is_superuser


def audited_workspaces(request: HttpRequest) -> list[int]:
    """The ids of the workspaces that this person is admin or auditor of; asked once for each request."""
    found: list[int] | None = getattr(request, _CACHED, None)
    if found is None:
        found = []
        if isinstance(request.user, User):
            memberships = Membership.objects.filter(user=request.user, role__in=[Role.ADMIN, Role.AUDITOR])
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
