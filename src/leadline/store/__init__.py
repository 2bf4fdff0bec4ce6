"""PostgreSQL: opening it, migrating it, and the named queries."""
