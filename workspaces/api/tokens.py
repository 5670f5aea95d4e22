"""`/tokens/`: make, list and revoke tokens. The key is in the answer to the POST, and nowhere else."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.serializers import MomentField, StrictSerializer
from workspaces.api.base import ApiViewSet
from workspaces.api.schema import IDEMPOTENCY_KEY
from workspaces.idempotency import once
from workspaces.models import Role, Token
from workspaces.permissions import Permission, can
from workspaces.services import create_token, revoke_token


class TokenSerializer(serializers.ModelSerializer[Token]):
    """A token, without its key and its hash."""

    id = serializers.UUIDField(source="uid")
    user = serializers.CharField(
        source="user.username", help_text="The owner: it never does more than they may."
    )
    prefix = serializers.CharField(source="token_key", help_text="The key's beginning, to recognise it by.")
    created_at = MomentField(source="created")
    expires_at = MomentField(source="expiry", allow_null=True)
    last_used_at = MomentField(allow_null=True, help_text="Written at most once a minute.")
    revoked_at = MomentField(allow_null=True)

    class Meta:
        model = Token
        fields: ClassVar = [
            "id",
            "name",
            "user",
            "role",
            "prefix",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        ]


class MadeTokenSerializer(TokenSerializer):
    """A token that was just made."""

    key = serializers.CharField(allow_null=True, help_text="Shown this once; null in a repeated answer.")

    class Meta(TokenSerializer.Meta):
        fields: ClassVar = [*TokenSerializer.Meta.fields, "key"]


class NewTokenSerializer(StrictSerializer):
    """What a new token shall be."""

    name = serializers.CharField(trim_whitespace=False, help_text="What it is for; the audit log shows it.")
    role = serializers.ChoiceField(choices=Role.choices, help_text="At most your own.")
    expires_at = MomentField(required=False, allow_null=True, default=None)


@extend_schema_view(
    list=extend_schema(summary="Your tokens; as admin, everybody's"),
    retrieve=extend_schema(summary="One token", responses=TokenSerializer),
)
class TokenViewSet(ApiViewSet):
    """The tokens of this workspace that are the caller's own, or all of them for an admin."""

    queryset = Token.objects.select_related("user", "workspace")
    serializer_class = TokenSerializer
    lookup_field = "uid"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9a-f-]{36}"
    orderings: ClassVar = {"-created_at": ("-created", "-uid"), "created_at": ("created", "uid")}
    permission_map: ClassVar = dict.fromkeys(("list", "retrieve", "create", "destroy"), Permission.TOKEN_OWN)

    def get_queryset(self) -> QuerySet[Token]:
        """Their own; for an admin everybody's."""
        tokens = super().get_queryset()
        if self.is_described or can(self.actor.role, Permission.TOKEN_ANY):
            return tokens
        return tokens.filter(user=self.actor.user)

    def list(self, _request: Request) -> Response:
        """A page of tokens, the newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(TokenSerializer(page, many=True).data)

    def retrieve(self, _request: Request, **_kwargs: Any) -> Response:
        """One token."""
        return Response(TokenSerializer(self.get_object()).data)

    @extend_schema(
        summary="Make a token of your own",
        request=NewTokenSerializer,
        responses={201: MadeTokenSerializer},
        parameters=[IDEMPOTENCY_KEY],
        examples=[OpenApiExample("A token", {"name": "nightly", "role": "operator"}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Make a token; its key is in this answer only."""
        asked = NewTokenSerializer.read(request.data)

        def create() -> Response:
            token, key = create_token(
                user=self.actor.user,
                workspace=self.actor.workspace,
                role=Role(asked["role"]),
                name=asked["name"],
                expiry=asked["expires_at"],
                actor=self.actor,
            )
            return Response({**TokenSerializer(token).data, "key": key}, status=201)

        return once(request, actor=self.actor, create=create, secrets=frozenset({"key"}))

    @extend_schema(summary="Revoke a token", responses={204: None})
    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """Stop a token for good; it stays in the list, with `revoked_at`."""
        revoke_token(token=self.get_object(), actor=self.actor)
        return Response(status=204)
