"""What a preview came to, as it is kept with a request to activate: previews themselves are deleted after a day.

Previews belong to a higher app, so their pages hand the activation form a sealed text; nobody can make one up.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.core import signing
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.canonical import dumps, loads

_SALT = "workflows.preview_shown"
_LONGEST = 2_000

_WORDS: Mapping[str, Promise] = {
    "completed": _("completed"),
    "failed": _("failed"),
    "cancelled": _("was cancelled"),
}


@dataclass(frozen=True, kw_only=True)
class PreviewShown:
    """A preview of `workflow` (its id): its id and status, when it began (RFC 3339), the step it ran until (empty: the
    end), whether effects were let through, and the SHA-256 of the draft that it ran.
    """

    id: int
    workflow: int
    status: str
    at: str
    until: str
    effects: bool
    draft: str

    @property
    def words(self) -> str | Promise:
        """The status as a verb: `The preview failed`."""
        return _WORDS.get(self.status, _("had not ended"))

    @property
    def moment(self) -> Any:
        """When it began."""
        return parse_datetime(self.at)

    def as_text(self) -> str:
        """What a row keeps."""
        return dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> Self | None:
        """What a row keeps; None where it keeps none."""
        return cls(**loads(text)) if text else None

    def sealed(self) -> str:
        """A text for a form that only this installation can have written."""
        return signing.dumps(asdict(self), salt=_SALT)

    @classmethod
    def opened(cls, sealed: str, *, workflow_id: int) -> Self | None:
        """What was sealed; None for any other text, and for a preview of another workflow."""
        if not sealed or len(sealed) > _LONGEST:
            return None
        try:
            shown = cls(**signing.loads(sealed, salt=_SALT))
        except signing.BadSignature:
            return None
        return shown if shown.workflow == workflow_id else None
