"""PostgreSQL: opening it, migrating it, the named queries, the credentials that are kept encrypted."""
