import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client

import config.settings

TABLER = "packages/@tabler/core/dist/css/tabler.min.css"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "common.static.CollectedFiles"},
}


@pytest.fixture
def production(settings, tmp_path: Path):
    settings.DEBUG = False
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = STORAGES
    settings.WHITENOISE_USE_FINDERS = True
    settings.ALLOWED_HOSTS = ["localhost"]
    return settings


def get(path: str, **headers: str):
    answer = Client(SERVER_NAME="localhost").get(path, headers=headers)
    return answer, answer.getvalue()


def test_these_are_the_storages_of_the_settings():
    assert config.settings.STORAGES == STORAGES


def test_what_is_collected_is_kept_for_good_and_sent_compressed(production):
    call_command("collectstatic", interactive=False, verbosity=0)
    address = static(TABLER)
    assert re.fullmatch(r"/static/packages/@tabler/core/dist/css/tabler\.min\.[0-9a-f]{12}\.css", address)
    answer, body = get(address, **{"accept-encoding": "gzip"})
    assert answer["Cache-Control"] == "max-age=315360000, public, immutable"
    assert answer["Content-Encoding"] == "gzip"
    whole = (settings.NODE_MODULES / TABLER.removeprefix("packages/")).stat().st_size
    assert len(body) < whole / 5


@pytest.mark.parametrize("debug", [True, False])
def test_what_is_not_collected_is_sent_once_and_then_only_asked_about(production, debug):
    production.DEBUG = debug
    address = static(TABLER)
    assert address == f"/static/{TABLER}"
    first, body = get(address)
    assert len(body) == (settings.NODE_MODULES / TABLER.removeprefix("packages/")).stat().st_size
    assert "no-store" not in first["Cache-Control"]
    again, nothing = get(address, **{"if-none-match": first["ETag"]})
    assert (again.status_code, nothing) == (304, b"")
