-- name: directory_learn
-- Newer entries replace older ones; returns what is new or has other keys or another role: what was there before.
with given as materialized (
    select contact_id, role, coalesce(name, '') as name, coalesce(email, '') as email,
        coalesce(updated_at, 0) as updated_at, coalesce(keys, '{}') as keys
    from json_to_recordset(:entries::json)
        as one (contact_id text, role text, name text, email text, updated_at bigint, keys bigint[])
), before as materialized (
    select e.contact_id, e.role, e.keys from given
    join directory_entry e on e.workspace_id = :workspace_id and e.contact_id = given.contact_id
), put as (
    insert into directory_entry as e (workspace_id, contact_id, role, name, email, updated_at, keys)
    select :workspace_id, contact_id, role, name, email, updated_at, keys from given order by contact_id
    on conflict (workspace_id, contact_id) do update
    set role = excluded.role, name = excluded.name, email = excluded.email, updated_at = excluded.updated_at,
        keys = excluded.keys
    where excluded.updated_at >= e.updated_at
        and (e.updated_at, e.role, e.name, e.email, e.keys)
            is distinct from (excluded.updated_at, excluded.role, excluded.name, excluded.email, excluded.keys)
    returning e.contact_id, e.role, e.keys
)
select put.contact_id, before.keys as old_keys
from put left join before using (contact_id)
where before.contact_id is null or before.role <> put.role or before.keys <> put.keys;

-- name: directory_forget
delete from directory_entry where workspace_id = :workspace_id and contact_id = any(:contact_ids::text[])
returning contact_id, role, keys as old_keys;

-- name: directory_having
-- Entries with any of these keys, the last updated first.
select contact_id, role, name, email, updated_at, keys from directory_entry
where workspace_id = :workspace_id and keys && :keys::bigint[]
order by updated_at desc, contact_id limit :most;

-- name: directory_sender
-- Entries with any of these keys, the last updated first, each with how far the directory is; where there is none, one
-- row that tells only that. None at all where no directory was ever begun.
select d.walked, d.filled_at is not null as complete, d.region,
    extract(epoch from now() - d.caught_up_at)::float8 as caught_up_ago, e.*
from directory d
left join lateral (
    select contact_id, role, name, email, updated_at, keys from directory_entry
    where workspace_id = :workspace_id and keys && :keys::bigint[]
    order by updated_at desc, contact_id limit :most) e on true
where d.workspace_id = :workspace_id;

-- name: directory_entries
select contact_id, role, name, email, updated_at, keys from directory_entry
where workspace_id = :workspace_id and contact_id = any(:contact_ids::text[]);

-- name: directory_alike
-- Entries that may be one person with somebody, with how far the directory is, as above: with one of these keys (the last
-- updated first), of these ids, with a name that is surely alike, or perhaps. Of each kind at most so many.
select d.filled_at is not null as complete, d.region, e.*
from directory d
left join lateral (
    (select contact_id, role, name, email, updated_at, keys from directory_entry
        where workspace_id = :workspace_id and keys && :keys::bigint[]
        order by updated_at desc, contact_id limit :most)
    union
    (select contact_id, role, name, email, updated_at, keys from directory_entry
        where workspace_id = :workspace_id and contact_id = any(:contact_ids::text[]))
    union
    (select contact_id, role, name, email, updated_at, keys from directory_entry
        where directory_words(workspace_id, name) @@ :surely::tsquery and workspace_id = :workspace_id
        limit :most)
    union
    (select contact_id, role, name, email, updated_at, keys from directory_entry
        where directory_words(workspace_id, name) @@ :perhaps::tsquery and workspace_id = :workspace_id
        limit :most)) e on true
where d.workspace_id = :workspace_id;

-- name: directory_named
-- Entries whose names have one of these sets of words; the planner ands and ors the lists of the index.
select contact_id, role, name, email, updated_at, keys from directory_entry
where directory_words(workspace_id, name) @@ :words::tsquery and workspace_id = :workspace_id
limit :most;

-- name: directory_count^
select count(*) as entries from directory_entry where workspace_id = :workspace_id;

-- name: directory_sample
-- Keys of some entries that have a phone, spread over the table.
select keys from directory_entry tablesample system (:percent)
where workspace_id = :workspace_id and keys <> '{}' limit :most;

-- name: own_numbers
-- Addresses of the connected channels; those of phone channels are numbers of the workspace.
select address from channel where workspace_id = :workspace_id and removed_at is null and address <> '';

-- name: directory_state^
select walk_cursor, walked, changed, total, caught_up_to, region, trouble,
    extract(epoch from walk_begun_at)::float8 as walk_begun_at, extract(epoch from filled_at)::float8 as filled_at,
    extract(epoch from walked_at)::float8 as walked_at, extract(epoch from caught_up_at)::float8 as caught_up_at,
    extract(epoch from heard_at)::float8 as heard_at, extract(epoch from now())::float8 as now
from directory where workspace_id = :workspace_id;

-- name: directory_begin_walk!
-- reached: the newest change that Intercom's search knows now; what comes later is for the catch-up.
insert into directory as d (workspace_id, walk_begun_at, caught_up_to) values (:workspace_id, now(), :reached)
on conflict (workspace_id) do update
set walk_begun_at = now(), walk_cursor = '', walked = 0, changed = 0, trouble = '',
    caught_up_to = case when d.filled_at is null then :reached else d.caught_up_to end;

-- name: directory_forget_met!
delete from directory_met where workspace_id = :workspace_id;

-- name: directory_met_count^
select count(*) as met from directory_met where workspace_id = :workspace_id;

-- name: directory_meet!
insert into directory_met (workspace_id, contact_id) select :workspace_id, unnest(:contact_ids::text[])
on conflict do nothing;

-- name: directory_step!
-- One page further; in the transaction that stored the page.
update directory set walk_cursor = :cursor, changed = changed + :changed, total = :total, walked = walked + :met,
    trouble = ''
where workspace_id = :workspace_id;

-- name: directory_missed
-- Contacts on record, or pointed at by a link or an open conversation, that the walk did not meet.
select contact_id from (
    select e.contact_id from directory_entry e, directory d
    where e.workspace_id = :workspace_id and d.workspace_id = :workspace_id
        and e.updated_at < extract(epoch from d.walk_begun_at)
    union
    select contact_id from link where workspace_id = :workspace_id and superseded_at is null
    union
    select contact_id from conversation where workspace_id = :workspace_id and ended_at is null
) as known
where contact_id > :after
    and not exists (
        select 1 from directory_met m where m.workspace_id = :workspace_id and m.contact_id = known.contact_id)
order by contact_id limit :most;

-- name: directory_end_walk!
update directory set walk_begun_at = null, walk_cursor = '', walked_at = now(), filled_at = coalesce(filled_at, now()),
    changed = changed + :changed, trouble = '',
    caught_up_at = coalesce(caught_up_at, walk_begun_at)
where workspace_id = :workspace_id;

-- name: directory_caught_up!
update directory set caught_up_at = to_timestamp(:at), caught_up_to = greatest(caught_up_to, :reached), trouble = ''
where workspace_id = :workspace_id;

-- name: directory_trouble!
insert into directory (workspace_id, trouble) values (:workspace_id, :trouble)
on conflict (workspace_id) do update set trouble = excluded.trouble;

-- name: directory_heard!
insert into directory (workspace_id, heard_at) values (:workspace_id, now())
on conflict (workspace_id) do update set heard_at = now()
where directory.heard_at is null or directory.heard_at < now() - interval '10 seconds';

-- name: directory_infer!
update directory set region = :region where workspace_id = :workspace_id;

-- name: activities_read^
select cursor from activity_feed where workspace_id = :workspace_id;

-- name: read_activities!
insert into activity_feed (workspace_id, cursor) values (:workspace_id, :cursor)
on conflict (workspace_id) do update set cursor = excluded.cursor;

-- name: contacts_on_record
-- Those of these contacts that the directory, a link or an open conversation knows.
select contact_id from directory_entry where workspace_id = :workspace_id and contact_id = any(:contact_ids::text[])
union
select contact_id from link
where workspace_id = :workspace_id and contact_id = any(:contact_ids::text[]) and superseded_at is null
union
select contact_id from conversation
where workspace_id = :workspace_id and contact_id = any(:contact_ids::text[]) and ended_at is null;
