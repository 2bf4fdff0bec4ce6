-- The directory: which contacts Intercom has, by key. It holds no profiles: a hit is read from Intercom before it is used.

-- What a name is filed under, with its workspace, so that one index serves all workspaces and none sees another's.
create function directory_words(workspace text, name text) returns tsvector
language sql immutable parallel safe as $$
    select array_to_tsvector(array(
        select workspace || '/' || word from unnest(string_to_array(translate(name, '/', ' '), ' ')) as word
        where word <> ''))
$$;

create table directory_entry (
    workspace_id text not null,
    contact_id text not null,
    role text not null,
    name text not null default '',
    email text not null default '',
    updated_at bigint not null,
    keys bigint[] not null default '{}',
    primary key (workspace_id, contact_id)
);
comment on column directory_entry.name is 'plain Latin words; after a slash how they sound, where that differs';
comment on column directory_entry.keys is 'phone lines as positive numbers; other keys negative, see directory/keys.py';
-- Without a list of pending keys: a look-up never pays for what was written just before.
create index directory_keys on directory_entry using gin (keys) with (fastupdate = off);
create index directory_names on directory_entry using gin (directory_words(workspace_id, name)) with (fastupdate = off);

-- How complete and how fresh the directory of a workspace is, and where the walk through all contacts stands.
create table directory (
    workspace_id text primary key,
    walk_begun_at timestamptz,
    walk_cursor text not null default '',
    walked int not null default 0,
    changed int not null default 0,
    total int not null default 0,
    filled_at timestamptz,
    walked_at timestamptz,
    caught_up_to bigint not null default 0,
    caught_up_at timestamptz,
    heard_at timestamptz,
    region text not null default '',
    trouble text not null default ''
);
comment on column directory.walk_begun_at is 'of the walk under way; null when there is none';
comment on column directory.caught_up_to is 'newest updated_at that a catch-up has seen, on the clock of Intercom';
comment on column directory.region is 'country of national numbers, inferred from the numbers of the workspace';

-- Contacts that the walk under way has met. Unlogged: a walk that lost it begins again.
create unlogged table directory_met (
    workspace_id text not null,
    contact_id text not null,
    primary key (workspace_id, contact_id)
);

drop table sweep;
