"""Rows and columns: what reading and writing CSV and workbooks have in common."""
