"""Kills, stops, delays and cuts off what runs, and compares the records with what happened outside. docs/faults.md."""
