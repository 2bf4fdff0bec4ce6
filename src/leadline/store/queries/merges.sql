-- name: hold_plans!
-- Plans are made one by one: each sees the others.
select pg_advisory_xact_lock(hashtextextended(:workspace_id, 7309));

-- name: plan_merge^
-- Nothing when the contact is being merged already, or was while its plan was made; nor while something is being merged
-- into it, or its target into something: of two leads that go into each other, both would become users for good.
insert into merge (workspace_id, merge_id, from_id, into_id, way, author, state, snapshot, take, keep_lost, due_at)
overriding system value
select :workspace_id, :merge_id, :from_id, :into_id, :way, :author, 'planned', :snapshot, :take::text[], :keep_lost,
    now() + make_interval(secs => :grace)
where merge_survivor(:workspace_id, :from_id) = :from_id and not exists (
    select from merge m where m.workspace_id = :workspace_id and m.state in ('planned', 'calling')
        and (m.into_id = :from_id or m.from_id = :into_id))
on conflict (workspace_id, from_id) where state in ('planned', 'calling') do nothing
returning *;

-- name: merge_by_id^
select *, extract(epoch from due_at - now())::float8 as due_in,
    extract(epoch from now() - called_at)::float8 as called_ago,
    extract(epoch from now() - planned_at)::float8 as planned_ago
from merge where workspace_id = :workspace_id and merge_id = :merge_id;

-- name: merge_of^
-- The merge that is made of this contact, or that made it disappear; the latest re-route where there is none.
select * from merge
where workspace_id = :workspace_id and from_id = :from_id and state not in ('refused', 'cancelled')
order by state in ('planned', 'calling') desc, way <> 'reroute' desc, merge_id desc
limit 1;

-- name: merges
select * from merge
where workspace_id = :workspace_id
    and (:contact_id = '' or from_id = :contact_id or into_id = :contact_id or undo_contact_id = :contact_id)
order by merge_id desc limit :count;

-- name: call_merge^
-- From here on Intercom may know of it.
update merge set state = 'calling', called_at = now(), snapshot = :snapshot
where workspace_id = :workspace_id and merge_id = :merge_id and state in ('planned', 'calling')
returning merge_id;

-- name: hold_contact!
select pg_advisory_xact_lock(merge_lock(:workspace_id, :contact_id));

-- name: settle_merge^
update merge set state = :state, code = :code, explanation = :explanation, moved = :moved, settled_at = now()
where workspace_id = :workspace_id and merge_id = :merge_id and state in ('planned', 'calling')
returning merge_id;

-- name: cancel_merge^
update merge set state = 'cancelled', undo_author = :author, settled_at = now(), undone_at = now()
where workspace_id = :workspace_id and merge_id = :merge_id and state = 'planned'
returning merge_id;

-- name: notice_merge^
-- A merge seen in Intercom. One of ours that waits for its answer is settled by it; any other is Intercom's own.
with ours as (
    update merge set state = 'merged', settled_at = now()
    where workspace_id = :workspace_id and from_id = :from_id and into_id = :into_id
        and state = 'calling' and way <> 'reroute'
    returning merge_id
), theirs as (
    insert into merge (workspace_id, from_id, into_id, way, author, state, settled_at, compared_at)
    select :workspace_id, :from_id, :into_id, 'merge', :author, 'merged', now(), now()
    where not exists (select 1 from ours)
    on conflict (workspace_id, from_id) where way <> 'reroute' and state in ('merged', 'undoing', 'undone') do nothing
    returning merge_id
)
select merge_id from ours union all select merge_id from theirs;

-- name: absorb_notice^
-- The same merge noticed under another survivor, because that one went further: there is one row for it.
delete from merge
where workspace_id = :workspace_id and from_id = :from_id and merge_id <> :merge_id and author = :author
    and way <> 'reroute' and state = 'merged'
returning moved;

-- name: merge_compared!
update merge set compared_at = now(), differences = :differences::text[]
where workspace_id = :workspace_id and merge_id = :merge_id;

-- name: merge_moved!
update merge set moved = :moved where workspace_id = :workspace_id and merge_id = :merge_id;

-- name: links_of_contact
select handle from link
where workspace_id = :workspace_id and contact_id = :contact_id and superseded_at is null
order by link_id;

-- name: open_conversations_of
select conversation_id, handle, channel_id from conversation
where workspace_id = :workspace_id and contact_id = :contact_id and ended_at is null
order by conversation_id;

-- name: forget_snapshots
-- Journals older than the time they are kept, also of merges made in Intercom. That it happened stays, under ids alone.
update merge set snapshot = null, moved = '{}', undo_report = null, explanation = '', differences = '{}', erased_at = now()
where workspace_id = :workspace_id and erased_at is null
    and state in ('merged', 'refused', 'cancelled', 'undone') and settled_at < now() - make_interval(days => :days)
returning merge_id;

-- name: erase_snapshot^
update merge set snapshot = null, moved = '{}', undo_report = null, explanation = '', differences = '{}', erased_at = now()
where workspace_id = :workspace_id and merge_id = :merge_id and state in ('merged', 'refused', 'cancelled', 'undone')
returning merge_id;

-- name: start_undo^
update merge set state = 'undoing', undo_author = :author, explanation = ''
where workspace_id = :workspace_id and merge_id = :merge_id and state = 'merged'
returning *;

-- name: undo_lead!
update merge set undo_contact_id = :contact_id, undo_report = :report
where workspace_id = :workspace_id and merge_id = :merge_id;

-- name: finish_undo!
update merge set state = 'undone', undone_at = now(), undo_report = :report
where workspace_id = :workspace_id and merge_id = :merge_id and state = 'undoing';

-- name: fail_undo!
update merge set state = 'merged', explanation = :explanation
where workspace_id = :workspace_id and merge_id = :merge_id and state = 'undoing';

-- name: current_conversations_of_handles
select conversation_id, handle, channel_id from conversation
where workspace_id = :workspace_id and handle = any(:handles::text[]) and ended_at is null
order by conversation_id;

-- name: end_conversations_of_handles!
update conversation set ended_at = now()
where workspace_id = :workspace_id and handle = any(:handles::text[]) and ended_at is null;

-- name: reopen_conversations!
-- Those that were open at a re-route, and those of messages that were under way then, where no other has their place.
update conversation set ended_at = null
where workspace_id = :workspace_id and conversation_id in (
    select distinct on (c.handle, c.channel_id) c.conversation_id from conversation c
    where c.workspace_id = :workspace_id and c.contact_id = :contact_id and c.handle = any(:handles::text[])
        and (c.conversation_id = any(:conversation_ids::text[]) or c.opened_at > :since)
        and not exists (
            select 1 from conversation other
            where other.workspace_id = c.workspace_id and other.handle = c.handle
                and other.channel_id = c.channel_id and other.ended_at is null
        )
    order by c.handle, c.channel_id, c.opened_at desc
);

-- name: finish_reroute_undo^
update merge set state = 'undone', undo_author = :author, undone_at = now()
where workspace_id = :workspace_id and merge_id = :merge_id and state = 'merged' and way = 'reroute'
returning merge_id;

-- name: last_conversation_of^
select conversation_id from conversation where workspace_id = :workspace_id and contact_id = :contact_id
order by last_inbound_at desc nulls last limit 1;

-- name: linked_contacts
-- Those of the contacts that have a handle or a conversation here.
select distinct contact_id from link
where workspace_id = :workspace_id and contact_id = any(:contact_ids::text[]) and superseded_at is null
union
select distinct contact_id from conversation
where workspace_id = :workspace_id and contact_id = any(:contact_ids::text[]);

-- name: survivor_of^
select merge_survivor(:workspace_id, :contact_id) as contact_id;

-- name: open_twins
-- Open conversations of a contact of which there are several on one channel, each before the one that goes on: that in
-- which the customer wrote last.
select o.conversation_id as from_id, k.conversation_id as into_id, h.name as channel, o.contact_id,
    o.handle as from_handle, k.handle as into_handle
from conversation o
join channel h on h.workspace_id = :workspace_id and h.channel_id = o.channel_id
cross join lateral (
    select conversation_id, handle from conversation
    where workspace_id = :workspace_id and contact_id = :contact_id and channel_id = o.channel_id and ended_at is null
    order by last_inbound_at desc, conversation_id desc limit 1) k
where o.workspace_id = :workspace_id and o.contact_id = :contact_id and o.ended_at is null
    and o.conversation_id <> k.conversation_id
order by o.conversation_id;

-- name: join_conversations!
with gone as (
    update conversation set ended_at = now()
    where workspace_id = :workspace_id and conversation_id = :from_id
    returning handle, joined_handles
)
update conversation c
set joined_handles = array(
    select distinct unnest(c.joined_handles || c.handle || gone.joined_handles || gone.handle) order by 1)
from gone
where c.workspace_id = :workspace_id and c.conversation_id = :into_id;
