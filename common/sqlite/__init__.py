"""The database backend for SQLite; settings name this package."""
