"""Who may do what, where: users, workspaces, memberships, tokens and invitations."""

import uuid
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken

from audit.models import AuditStream
from common import clock


class User(AbstractUser):
    """A person. `time_zone` is the zone that pages show times in."""

    time_zone = models.CharField(max_length=64, default="UTC")


class Role(models.TextChoices):
    """What a member may do. Viewer to admin is a ladder; auditor stands beside it. `permissions.py` has the table."""

    VIEWER = "viewer", "Viewer"  # sees jobs
    OPERATOR = "operator", "Operator"  # runs jobs
    REVIEWER = "reviewer", "Reviewer"  # decides approvals
    BUILDER = "builder", "Builder"  # edits and activates workflows
    ADMIN = "admin", "Admin"  # members, tokens of others, settings
    AUDITOR = "auditor", "Auditor"  # the whole audit log and evidence; payloads only if granted


class Workspace(AuditStream):
    """What belongs together: everything else lives in exactly one workspace."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    four_eyes = models.BooleanField(default=False, db_default=False)
    """Whether a second person must approve what becomes active."""
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user's role in a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    sees_payloads = models.BooleanField(default=False)
    """For an auditor: may also read inputs, outputs and files. Everyone else's role decides that."""
    joined_at = models.DateTimeField(null=True, default=clock.now, editable=False)
    """None for who joined before this was kept."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "user"],
                name="workspaces_membership_once",
                violation_error_message="This user is a member already.",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="workspaces_membership_role",
                violation_error_message="There is no such role.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} in {self.workspace}"


class Token(AbstractAuthToken):
    """A key for programs, bound to one workspace and one role. Only its hash is stored; `token_key` is the
    visible prefix. It acts with the lower of its own role and its owner's present role.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """What addresses the token; its primary key is the hash, which is never shown."""
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="tokens")
    role = models.CharField(max_length=20, choices=Role)
    name = models.CharField(max_length=100)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="workspaces_token_role",
                violation_error_message="There is no such role.",
            )
        ]
        indexes = [models.Index("workspace", models.F("created").desc(), name="workspaces_token_newest")]

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def open(self) -> Self:
        """Those that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=clock.now())


class Invitation(models.Model):
    """A link that makes whoever opens it a member, once. Only the hash of what is secret in the link is stored."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """What addresses the invitation where admins look at it; the link has the secret instead."""
    digest = models.CharField(max_length=64, unique=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="invitations", db_index=False
    )
    role = models.CharField(max_length=20, choices=Role)
    email = models.EmailField(blank=True)
    """Empty: for whoever has the link. Else for the person with this address."""
    note = models.CharField(max_length=200, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="workspaces_invitation_role",
                violation_error_message="There is no such role.",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="workspaces_invitation_lasts",
                violation_error_message="An invitation expires after it was made.",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None, accepted_by=None)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="workspaces_invitation_acceptance",
                violation_error_message="Who accepted an invitation is known, and when.",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None),
                name="workspaces_invitation_one_end",
                violation_error_message="An invitation is accepted or revoked, not both.",
            ),
        ]
        indexes = [
            models.Index(
                "workspace",
                models.F("id").desc(),
                name="workspaces_invitation_open",
                condition=models.Q(accepted_at=None, revoked_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"to {self.workspace_id} as {self.role}"


class IdempotencyKey(models.Model):
    """The first answer to a creating request that named an `Idempotency-Key`, kept for a day.

    The row is inserted at the beginning of the transaction that creates the object and gets its answer at the end
    of it, so there is never a row without an object, nor an object that a second request with the key would miss.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=71)
    """Of method, path, query and canonical body: what must be the same for the answer to be given again."""
    status = models.SmallIntegerField(default=0)
    answer = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "user", "key"],
                name="workspaces_idempotencykey_once",
                violation_error_message="This key was used already.",
            )
        ]
        indexes = [models.Index("created_at", name="workspaces_idempotency_age")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
