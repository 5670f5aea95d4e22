"""How views become operations of the OpenAPI document."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_serializer
from rest_framework import serializers

from common.api.problems import MEDIA_TYPE

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        "1 to 255 characters. The same key and request within 24 hours give the first answer again, with "
        "`Idempotent-Replayed: true`; another request under the key is 409 `idempotency_conflict`."
    ),
)
"""For `extend_schema(parameters=[…])` of every operation that creates."""


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One thing wrong with what was sent."""

    path = serializers.CharField(
        help_text="Where: `inputs.limit`, `rows[4].inputs.limit`, a query parameter."
    )
    code = serializers.CharField(help_text="Stable: `required`, `unknown`, `wrong_type`, `too_long`, …")
    message = serializers.CharField(help_text="What was expected and what came.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A wrong input",
            value={
                "type": "/docs/problems/#invalid_inputs",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "One field is not valid; errors says which and why.",
                "code": "invalid_inputs",
                "request_id": "5f0c2b6a3e9d4f6c8a1b7d2e4c6f8a90",
                "errors": [
                    {
                        "path": "inputs.limit",
                        "code": "wrong_type",
                        "message": "expected a number, got the text 'abc'",
                    }
                ],
            },
        )
    ]
)
class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.CharField(help_text="The page of the docs about this code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people that says what to do.")
    code = serializers.CharField(help_text="Stable, for programs.")
    request_id = serializers.CharField(help_text="The same as in `X-Request-ID` and in the server's log.")
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class ApiSchema(AutoSchema):
    """Every operation may answer with a problem document."""

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        problem: dict[str, Any] = self._get_response_for_code(  # type: ignore[no-untyped-call]
            ProblemSerializer, "default", [MEDIA_TYPE], direction
        )
        problem["description"] = "Refused: a problem document says why."
        return {**bodies, "default": problem}


class TokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Token KEY`."""

    target_class = "workspaces.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, _auto_schema: AutoSchema) -> dict[str, Any]:
        """As OpenAPI names it."""
        description = "`Token KEY`, with a key made under Settings, Tokens or by `manage.py create_token`."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}


class SessionScheme(OpenApiAuthenticationExtension):
    """A signed-in browser; what writes needs the CSRF token too."""

    target_class = "workspaces.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, _auto_schema: AutoSchema) -> dict[str, Any]:
        """As OpenAPI names it."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
