#!/usr/bin/env python
"""Workledger's command line."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Workledger is not configured rightly: {error}")
    except DatabaseError:
        from common.tables import why_unusable  # needs the settings

        if reason := why_unusable():
            sys.exit(reason)
        raise
