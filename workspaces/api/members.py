"""`/members/`: who belongs to the workspace, and as what."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.serializers import StrictSerializer, invalid
from common.errors import FieldError
from workspaces.api.base import ApiViewSet
from workspaces.api.schema import IDEMPOTENCY_KEY
from workspaces.idempotency import once
from workspaces.models import Membership, Role, User
from workspaces.permissions import Permission
from workspaces.services import add_member, change_role, remove_member


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A member."""

    user = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.get_full_name")
    email = serializers.CharField(source="user.email", help_text="Empty if none is known.")

    class Meta:
        model = Membership
        fields: ClassVar = ["user", "name", "email", "role", "sees_payloads"]


class NewMemberSerializer(StrictSerializer):
    """Whom to add."""

    user = serializers.CharField(max_length=150, help_text="The user name of somebody who can sign in.")
    role = serializers.ChoiceField(choices=Role.choices)
    sees_payloads = serializers.BooleanField(
        default=False, help_text="For an auditor: may also read inputs, outputs and files."
    )


class MemberChangeSerializer(StrictSerializer):
    """What to change; what is left out stays."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    sees_payloads = serializers.BooleanField(required=False)


@extend_schema_view(list=extend_schema(summary="The members"), retrieve=extend_schema(summary="One member"))
class MemberViewSet(ApiViewSet):
    """The members of the workspace, by user name."""

    queryset = Membership.objects.select_related("user", "workspace")
    serializer_class = MemberSerializer
    lookup_field = "user__username"
    lookup_url_kwarg = "user"
    lookup_value_regex = r"[\w.@+-]{1,150}"
    orderings: ClassVar = {"id": ("id",), "-id": ("-id",)}
    permission_map: ClassVar = {
        "list": Permission.MEMBER_VIEW,
        "retrieve": Permission.MEMBER_VIEW,
        "create": Permission.MEMBER_EDIT,
        "partial_update": Permission.MEMBER_EDIT,
        "destroy": Permission.MEMBER_EDIT,
    }

    def list(self, _request: Request) -> Response:
        """A page of members, the first one first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(MemberSerializer(page, many=True).data)

    def retrieve(self, _request: Request, **_kwargs: Any) -> Response:
        """One member."""
        return Response(MemberSerializer(self.get_object()).data)

    @extend_schema(
        summary="Add a member",
        request=NewMemberSerializer,
        responses={201: MemberSerializer},
        parameters=[IDEMPOTENCY_KEY],
        examples=[OpenApiExample("A reviewer", {"user": "grace", "role": "reviewer"}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Add an existing user; 409 `member_already` if they are one."""
        asked = NewMemberSerializer.read(request.data)
        user = User.objects.filter(username=asked["user"], is_active=True).first()
        if user is None:
            message = f"expected the name of an existing user, got {asked['user']!r}"
            raise invalid([FieldError(path="user", code="not_a_choice", message=message)])

        def create() -> Response:
            membership = add_member(
                workspace=self.actor.workspace,
                user=user,
                role=Role(asked["role"]),
                sees_payloads=asked["sees_payloads"],
                actor=self.actor,
            )
            return Response(MemberSerializer(membership).data, status=201)

        return once(request, actor=self.actor, create=create)

    @extend_schema(
        summary="Change a member's role", request=MemberChangeSerializer, responses=MemberSerializer
    )
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Change role or grant; 409 `last_admin` if nobody else were admin then."""
        asked = MemberChangeSerializer.read(request.data)
        membership = self.get_object()
        changed = change_role(
            membership=membership,
            role=Role(asked["role"]) if "role" in asked else None,
            sees_payloads=asked.get("sees_payloads"),
            actor=self.actor,
        )
        return Response(MemberSerializer(changed).data)

    @extend_schema(summary="Remove a member", responses={204: None})
    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """End a membership; the person's tokens here stop at once."""
        remove_member(membership=self.get_object(), actor=self.actor)
        return Response(status=204)
