-- Links that a person should look at, newest first.
create index link_doubted on link (workspace_id, link_id) where superseded_at is null and doubt <> '';

-- A customer's id at a provider, which people search for as they see it there.
create function handle_value(handle text) returns text language sql immutable parallel safe as $$
    select regexp_replace(handle, '^[^:]*:([^/]*/)?', '')
$$;
create index link_value on link (workspace_id, handle_value(handle)) where superseded_at is null;
