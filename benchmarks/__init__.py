"""Measures Workledger beside the floor that the machine sets, in the same run. docs/benchmarks.md says what and how."""
