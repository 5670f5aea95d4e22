"""Who is acting. Every service takes an actor; None stands for the system itself."""

from dataclasses import dataclass

from workspaces.models import Role, Token, User, Workspace


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A user in a workspace, in person or through a token. `role` is the one in force."""

    user: User
    workspace: Workspace
    role: Role
    token: Token | None = None
    sees_payloads: bool = True
    request_id: str = ""

    @property
    def label(self) -> str:
        """The actor as the audit log names it: `user:ada`, `token:nightly (ada)`."""
        name = self.user.get_username()
        return f"token:{self.token.name} ({name})" if self.token else f"user:{name}"
