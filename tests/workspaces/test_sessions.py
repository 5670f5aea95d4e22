"""What a browser sends as its session."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [r'"\000aaaaaaaaaa"', "a" * 5_000, "' OR 1=1 --", '"', "ü" * 10])
def test_a_cookie_that_is_no_session_leads_to_the_sign_in_page(settings, value):
    client = Client(HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={value}")
    answer = client.get("/jobs/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/sign-in/")
