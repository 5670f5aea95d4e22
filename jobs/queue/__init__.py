"""The cluster: django-q2 as supervisor and doorbell. Nothing outside this package imports django_q."""
