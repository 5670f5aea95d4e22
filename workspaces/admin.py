"""People, workspaces and the audit log in the admin site."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode

from audit.actions import Action
from audit.heads import as_bytes
from audit.models import AuditEntry
from audit.rules import entry_fields
from workspaces.admin_site import ReadOnlyAdmin, audited_workspaces, is_superuser, json_text, site
from workspaces.models import Membership, Token, User, Workspace
from workspaces.pages.addresses import address_of

if TYPE_CHECKING:  # Django's class takes its parameter in stubs only
    _UserAdmin = StockUserAdmin[User]
else:
    _UserAdmin = StockUserAdmin

_TARGET_LISTS = {
    "job": "jobs_job",
    "workflow": "workflows_workflow",
    "workspace": "workspaces_workspace",
    "member": "workspaces_membership",
    "token": "workspaces_token",
}
"""Where the admin lists what an entry is about, by target type."""


@admin.register(Workspace, site=site)
class WorkspaceAdmin(ReadOnlyAdmin):
    """Workspaces, with the head of their audit stream."""

    workspace_path = "pk"
    list_display = ("name", "slug", "created_at", "archived_at")
    search_fields = ("=slug",)
    search_help_text = "The whole slug."
    fields = (
        "name",
        "slug",
        "uid",
        "time_zone",
        "four_eyes",
        "created_at",
        "archived_at",
        "head_seq",
        "head",
    )

    @admin.display(description="head hash")
    def head(self, workspace: Workspace) -> str:
        """The hash of the last entry, in hexadecimal."""
        return bytes(workspace.head_hash).hex()


@admin.register(Membership, site=site)
class MembershipAdmin(ReadOnlyAdmin):
    """Who belongs where, and as what."""

    list_display = ("user", "workspace", "role", "sees_payloads")
    list_select_related = ("user", "workspace")
    list_filter = ("role",)
    search_fields = ("=user__username",)
    search_help_text = "The whole user name."
    fields = ("user", "workspace", "role", "sees_payloads")


@admin.register(Token, site=site)
class TokenAdmin(ReadOnlyAdmin):
    """Tokens by their visible prefix. The hash, which is the primary key, is on no page and in no address."""

    list_display = (
        "name",
        "token_key",
        "user",
        "workspace",
        "role",
        "created",
        "last_used_at",
        "end",
    )
    list_display_links = None
    list_select_related = ("user", "workspace")
    search_fields = ("=token_key", "=uid")
    search_help_text = "The visible prefix, or the id that the audit log names."
    ordering = ("-created",)
    fields = ("name", "token_key")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> None:  # noqa: ARG002
        """No page of its own: its address would be the hash."""
        return

    @admin.display(description="end", empty_value="-")
    def end(self, token: Token) -> str:
        """When it was revoked, or else expires."""
        moment = token.revoked_at or token.expiry
        told = "revoked" if token.revoked_at else "expires"
        return f"{told} {date_format(moment, 'DATETIME_FORMAT')}" if moment else ""


@admin.register(User, site=site)
class UserAdmin(_UserAdmin):
    """People: superusers change them, auditors see those of their workspaces."""

    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("=username", "=email")
    search_help_text = "The whole user name or address."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    filter_horizontal = ()
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "time_zone")}),
        ("Access", {"fields": ("is_active", "is_superuser", "last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """All for superusers; for others the members of what they audit."""
        users = super().get_queryset(request)
        if is_superuser(request):
            return users
        return users.filter(memberships__workspace__in=audited_workspaces(request)).distinct()

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Without the password for those who may not set it."""
        sets = super().get_fieldsets(request, obj)
        return sets if is_superuser(request) else [(None, {"fields": ("username",)}), *list(sets)[1:]]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Everybody on the site."""
        return site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002
        """Everybody on the site; `get_queryset` says whom."""
        return site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002
        """Superusers."""
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002
        """Never: set inactive instead, for history names people."""
        return False


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The log of every workspace that the person audits, jobs included."""

    list_display = ("at", "what", "target", "label", "who", "workspace")
    list_display_links = ("at", "what")
    list_select_related = ("workspace",)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("=stream",)
    search_help_text = "A stream (job:UID), or a type and an id (job 1042, token 5f0c…)."
    fields = (
        "at", "what", "workspace", "action", "actor", "target", "label", "request_id", "text", "of_stream", "seq", "chain",
    )  # fmt: skip

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django names it
        queryset: QuerySet[AuditEntry],
        search_term: str,
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """A stream by its name, or what an entry is about by type and id: both have an index, which `=` in
        `search_fields` would not use, for it passes over the case of letters.
        """
        kind, _, target = search_term.strip().partition(" ")
        if target:
            return queryset.filter(target_type=kind, target_id=target.strip()), False
        return (queryset.filter(stream=kind) if kind else queryset), False

    def page_of_staff(self, row: AuditEntry) -> str:
        """The entry on a page of its own."""
        return address_of("audit:entry", row.pk)

    @admin.display(description="what")
    def what(self, entry: AuditEntry) -> str:
        """In words."""
        return Action(entry.action).label if entry.action in Action.values else entry.action

    @admin.display(description="actor")
    def who(self, entry: AuditEntry) -> str:
        """The actor; of a worker's id only the beginning, the page has all of it."""
        kind, _, worker = entry.actor.partition(":")
        return f"worker {worker[:8]}…" if kind == "worker" else entry.actor

    @admin.display(description="about")
    def target(self, entry: AuditEntry) -> str:
        """Type and id, linked to the list where it is found."""
        words = f"{entry.target_type} {entry.target_id}"
        try:
            address = reverse(f"admin:{_TARGET_LISTS[entry.target_type]}_changelist")
        except (KeyError, NoReverseMatch):
            return words
        return format_html('<a href="{}?{}">{}</a>', address, urlencode({"q": entry.target_id}), words)

    @admin.display(description="exact content")
    def text(self, entry: AuditEntry) -> str:
        """The hashed text, indented; as it is where somebody has changed it into what is no entry."""
        return json_text(entry_fields(entry.body) or entry.body)

    @admin.display(description="stream")
    def of_stream(self, entry: AuditEntry) -> str:
        """Linked to all of its entries."""
        address = reverse("admin:audit_auditentry_changelist")
        return format_html('<a href="{}?{}">{}</a>', address, urlencode({"q": entry.stream}), entry.stream)

    @admin.display(description="chain")
    def chain(self, entry: AuditEntry) -> str:
        """Both hashes, in hexadecimal."""
        prev = as_bytes(entry.prev).hex() or "none: the first of its stream"
        return format_html("<pre>prev {}\nhash {}</pre>", prev, as_bytes(entry.hash).hex())
