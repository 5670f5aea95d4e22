"""`GET /me/`: who calls, and what they may."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.serializers import MomentField
from workspaces.api.base import ApiView
from workspaces.models import Role
from workspaces.permissions import TABLE


class MeWorkspaceSerializer(serializers.Serializer[Any]):
    """The workspace that everything is scoped to."""

    slug = serializers.CharField()
    name = serializers.CharField()
    four_eyes = serializers.BooleanField(help_text="Whether activating a workflow takes a second person.")


class MeTokenSerializer(serializers.Serializer[Any]):
    """The token that was sent."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    expires_at = MomentField(allow_null=True)


class MeSerializer(serializers.Serializer[Any]):
    """Who calls."""

    user = serializers.CharField()
    workspace = MeWorkspaceSerializer()
    role = serializers.ChoiceField(choices=Role.choices, help_text="In force: the lower of token and owner.")
    sees_payloads = serializers.BooleanField()
    permissions = serializers.ListField(child=serializers.CharField())
    token = MeTokenSerializer(allow_null=True)


class MeView(ApiView):
    """Who am I?"""

    permission_map = {"get": None}

    @extend_schema(operation_id="me", responses=MeSerializer, summary="Who calls, and what they may")
    def get(self, _request: Request) -> Response:
        """The user, the workspace, the role in force and its permissions."""
        actor = self.actor
        token = actor.token and {
            "id": actor.token.uid,
            "name": actor.token.name,
            "prefix": actor.token.token_key,
            "expires_at": actor.token.expiry,
        }
        return Response(
            {
                "user": actor.user.get_username(),
                "workspace": {
                    "slug": actor.workspace.slug,
                    "name": actor.workspace.name,
                    "four_eyes": actor.workspace.four_eyes,
                },
                "role": actor.role.value,
                "sees_payloads": actor.sees_payloads,
                "permissions": sorted(TABLE[actor.role]),
                "token": token,
            }
        )
