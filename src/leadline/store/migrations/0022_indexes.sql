-- For every look-up that runs per message, per opened panel or per command: an index that fits it, so that none walks
-- through a table that grows. `tests/store/test_plans.py` asks PostgreSQL for the plan of each query.

-- The panel: the last message of a sender. Also the messages of one sender in their order.
create index arrival_messages on arrival (workspace_id, lane, arrival_id) where kind = 'message';
create index arrival_joined on arrival (workspace_id, joined_by) where joined_by is not null;
-- The history of an address, and the leads that were made for it.
create index link_handle on link (workspace_id, handle);
create index consent_arrival on consent (workspace_id, arrival_id);
create index correction_from on correction (workspace_id, from_id);
create index correction_into on correction (workspace_id, into_id);
create index merge_from on merge (workspace_id, from_id);
create index merge_undone_to on merge (workspace_id, undo_contact_id) where undo_contact_id <> '';
create index merge_kept on merge (workspace_id, settled_at) where erased_at is null;

-- One lock for each of a thousand groups of contacts, not one for each contact: a transaction that moves a hundred
-- thousand of them needs no more locks than PostgreSQL has. Two contacts of one group only wait for each other.
create or replace function merge_lock(workspace text, contact text) returns bigint language sql immutable as $$
    select (7303::bigint << 32) + (hashtextextended(workspace || '/' || contact, 7303) & 1023)
$$;
