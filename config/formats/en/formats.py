"""Moments with seconds and time zone, in the order that sorts: `2026-11-22 23:49:12 UTC`."""

DATETIME_FORMAT = "Y-m-d H:i:s e"
DATE_FORMAT = "Y-m-d"
