"""A workspace with workflows, a worker, and API clients of every role."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

from tests.engine.lab import Lab
from tests.factories import ApiClient, make_api
from workflows import services as workflows
from workspaces.models import Membership, User


class Desk(Lab):
    """The lab of the engine's tests, seen through the API."""

    def __init__(self) -> None:
        super().__init__()
        self._apis: dict[str, ApiClient] = {}

    def api(self, role: str = "operator") -> ApiClient:
        """The one client of that role in the lab's workspace; `auditor+` is an auditor with the grant to see values."""
        if role not in self._apis:
            self._apis[role] = make_api(role.rstrip("+"), workspace=self.actor.workspace)
            if role.endswith("+"):
                Membership.objects.filter(user=self.user(role)).update(sees_payloads=True)
        return self._apis[role]

    def user(self, role: str) -> User:
        return self.api(role).token.user

    def anonymous(self) -> ApiClient:
        return ApiClient()

    def stranger(self) -> ApiClient:
        """An admin of another workspace."""
        if "stranger" not in self._apis:
            self._apis["stranger"] = make_api("admin")
        return self._apis["stranger"]

    def deactivate(self, slug: str) -> None:
        workflow = self.actor.workspace.workflows.get(slug=slug)
        workflows.deactivate(actor=self.actor, workflow=workflow)

    def upload(
        self, api: ApiClient, name: str = "a.csv", content: bytes = b"a,b\n1,2\n", kind: str = "text/csv"
    ):
        answer = post_file(api, SimpleUploadedFile(name, content, kind))
        assert answer.status_code == 201, answer.content
        return answer.json()


def post_file(api: ApiClient, *files, field: str = "file", headers=None, **fields):
    """Post a form as browsers and programs do."""
    return api.post(
        "/files/", {field: list(files), **fields}, content_type=MULTIPART_CONTENT, headers=headers or {}
    )
