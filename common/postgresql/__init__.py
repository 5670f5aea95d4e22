"""The database backend for PostgreSQL; settings name this package."""
