"""Keys for development: made once, kept in a file that git ignores."""

import base64
import os
import secrets
from pathlib import Path


def development_keys(path: Path) -> dict[str, str]:
    """The keys in `path`, made on the first call. Safe when several processes start at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text("".join(f"{name}={value}\n" for name, value in _fresh_keys().items()))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its keys hold
        finally:
            draft.unlink()
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {name: value for name, _, value in lines}


def _fresh_keys() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CREDENTIAL_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AUDIT_SIGNING_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
