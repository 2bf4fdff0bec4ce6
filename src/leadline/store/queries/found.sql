-- name: people_latest
-- Contacts with an address linked to them, the last linked first, each once, before a number.
select l.link_id, l.contact_id from link l
where l.workspace_id = :workspace_id and l.superseded_at is null and (:before::bigint is null or l.link_id < :before)
    and not exists (
        select 1 from link o where o.workspace_id = l.workspace_id and o.contact_id = l.contact_id
            and o.superseded_at is null and o.link_id > l.link_id)
order by l.link_id desc limit :count;

-- name: people_with
-- Entries with any of these keys, and those of these contacts, the last updated first, after one of them.
select contact_id, role, name, email, updated_at, keys from directory_entry
where workspace_id = :workspace_id and (keys && :keys::bigint[] or contact_id = any(:contact_ids::text[]))
    and (:after_at::bigint is null or (updated_at, contact_id) < (:after_at, :after_id::text))
order by updated_at desc, contact_id desc limit :count;

-- name: people_named
-- Entries whose names have these words, the last updated first, after one of them; among so many that are looked at.
with fitting as materialized (
    select contact_id, role, name, email, updated_at, keys from directory_entry
    where directory_words(workspace_id, name) @@ :words::tsquery and workspace_id = :workspace_id
    limit :looked
)
select fitting.*, (select count(*) from fitting) as fits from fitting
where (:after_at::bigint is null or (updated_at, contact_id) < (:after_at, :after_id::text))
order by updated_at desc, contact_id desc limit :count;

-- name: contacts_linked
-- Contacts that these addresses, or addresses with this id at a provider, are linked to now.
select contact_id from link
where workspace_id = :workspace_id and handle = any(:handles::text[]) and superseded_at is null
union
select contact_id from link
where workspace_id = :workspace_id and handle_value(handle) = :value and superseded_at is null
limit :most;

-- name: addresses_of_contacts
-- The addresses of each of these contacts, so many of each, the last linked first; total: how many it has.
select l.link_id, l.contact_id, l.handle, l.role, l.evidence, l.author, l.doubt, l.linked_at, l.arrival_id, l.total,
    coalesce(h.name, '') as name, coalesce(h.shared, false) as shared, h.last_at, d.code
from (
    select *, row_number() over (partition by contact_id order by link_id desc) as place,
        count(*) over (partition by contact_id) as total
    from link
    where link.workspace_id = :workspace_id and contact_id = any(:contact_ids::text[]) and superseded_at is null
) l
left join handle h on h.workspace_id = l.workspace_id and h.handle = l.handle
left join decision d on d.workspace_id = l.workspace_id and d.arrival_id = l.arrival_id
where l.place <= :most
order by l.link_id desc;

-- name: links_over_time
-- Every link that these addresses ever had, newest first, with the decision that made it; total: how many there are.
select l.link_id, l.handle, l.contact_id, l.role, l.evidence, l.author, l.doubt, l.linked_at, l.superseded_at,
    l.arrival_id, d.code, count(*) over () as total
from link l left join decision d on d.workspace_id = l.workspace_id and d.arrival_id = l.arrival_id
where l.workspace_id = :workspace_id and l.handle = any(:handles::text[])
order by l.link_id desc limit :count;

-- name: handles_ever_of
-- Addresses that were this contact's at any time, as far as that is on record.
select handle from link where workspace_id = :workspace_id and contact_id = :contact_id and superseded_at is null
union select handle from conversation where workspace_id = :workspace_id and contact_id = :contact_id
union select unnest(handles) from correction where workspace_id = :workspace_id and from_id = :contact_id
union select unnest(handles) from correction where workspace_id = :workspace_id and into_id = :contact_id;

-- name: talks_of_contact
-- Conversations of a contact, those that go on first; total: how many there are.
select conversation_id, channel_id, handle, opened_at, last_inbound_at, ended_at, count(*) over () as total
from conversation where workspace_id = :workspace_id and contact_id = :contact_id
order by ended_at is null desc, last_inbound_at desc nulls last, conversation_id limit :count;

-- name: changes_counted^
-- How many merges and corrections a contact has.
select
    (select count(*) from merge where merge.workspace_id = :workspace_id
        and (from_id = :contact_id or into_id = :contact_id
            or (undo_contact_id <> '' and undo_contact_id = :contact_id))) as merges,
    (select count(*) from correction where correction.workspace_id = :workspace_id and kind <> 'undo'
        and (from_id = :contact_id or into_id = :contact_id)) as corrections;

-- name: wishes_of
-- What these addresses want on each channel now.
select channel_id, handle, about, state, source, word, since from consent
where workspace_id = :workspace_id and handle = any(:handles::text[]) and superseded_at is null
order by since desc, consent_id desc;
