-- name: conversation_by_id^
select * from conversation where workspace_id = :workspace_id and conversation_id = :conversation_id;

-- name: know_conversation!
-- The reply address and the window follow every message of the customer. One that is known stays current or ended.
insert into conversation (workspace_id, conversation_id, channel_id, handle, contact_id, sender, last_inbound_at,
    reply_ref, reply_ref_at, ended_at)
values (:workspace_id, :conversation_id, :channel_id, :handle, :contact_id, :sender, to_timestamp(:at), :reply_ref,
    to_timestamp(:at), case when :ended then now() end)
on conflict (workspace_id, conversation_id) do update
set handle = excluded.handle, contact_id = excluded.contact_id, sender = excluded.sender,
    reply_ref = excluded.reply_ref, reply_ref_at = excluded.reply_ref_at,
    last_inbound_at = greatest(conversation.last_inbound_at, excluded.last_inbound_at);

-- name: begin_conversation!
-- A teammate began it: it is the current one of this address, and has no message of the customer yet.
with former as (
    update conversation set ended_at = now()
    where workspace_id = :workspace_id and handle = :handle and channel_id = :channel_id and ended_at is null
        and conversation_id <> :conversation_id
    returning conversation_id
)
insert into conversation (workspace_id, conversation_id, channel_id, handle, contact_id, sender)
select :workspace_id, :conversation_id, :channel_id, :handle, :contact_id, :sender
from (select count(*) from former) as ended
on conflict (workspace_id, conversation_id) do nothing;

-- name: hold_place!
-- Until the end of the transaction nobody else changes which conversation is the current one of this address.
select pg_advisory_xact_lock(hashtextextended(:workspace_id || '/' || :handle, 7304));

-- name: is_elsewhere^
-- Whether this address was given to another contact since the message was decided.
select 1 as elsewhere from link
where workspace_id = :workspace_id and handle = :handle and superseded_at is null
    and contact_id <> merge_survivor(:workspace_id, :contact_id);

-- name: yield_place!
-- One current conversation for a sender on a channel: the given one.
update conversation set ended_at = now()
where workspace_id = :workspace_id and handle = :handle and channel_id = :channel_id and ended_at is null
    and conversation_id <> :conversation_id;

-- name: end_conversation!
update conversation set ended_at = now()
where workspace_id = :workspace_id and conversation_id = :conversation_id and ended_at is null;

-- name: being_opened
-- Conversations of these contacts that are being opened and are not on record yet, the oldest first.
select s.owner, s.step, s.tries, s.kind, s.body, s.since, s.place, a.state as owner_state,
    extract(epoch from now() - s.begun_at)::float8 as begun_ago
from step s
left join arrival a on a.workspace_id = :workspace_id
    and a.arrival_id = substring(s.owner from '^arrival:(\d+)$')::bigint
where s.workspace_id = :workspace_id and s.done_at is null and s.kind in ('open', 'begin')
    and merge_survivor(:workspace_id, s.place ->> 'contact_id') = any(:contact_ids::text[])
order by s.begun_at;

-- name: anything_being_opened^
select 1 as opening from step
where workspace_id = :workspace_id and done_at is null and kind in ('open', 'begin') and place is not null
limit 1;

-- name: known_conversations
select conversation_id from conversation where workspace_id = :workspace_id and contact_id = :contact_id;

-- name: step^
select * from step where workspace_id = :workspace_id and owner = :owner and step = :step;

-- name: steps_of
select * from step where workspace_id = :workspace_id and owner = :owner order by step;

-- name: begin_step_again^
-- Only for one worker: another one that was here before has counted the try.
update step set begun_at = now(), settles_at = now() + make_interval(secs => :settled), tries = tries + 1
where workspace_id = :workspace_id and owner = :owner and step = :step and tries = :tries and done_at is null
returning tries;

-- name: take_try_back!
-- A try that surely had no effect. The record goes with the first try. After an earlier one it stays, so that it is looked
-- for again: that one may have been looked for under a contact that was merged away meanwhile. Only by the worker whose
-- try it still is.
with gone as (
    delete from step
    where workspace_id = :workspace_id and owner = :owner and step = :step and tries = :tries and done_at is null
        and :tries = 1
)
update step set settles_at = now()
where workspace_id = :workspace_id and owner = :owner and step = :step and tries = :tries and done_at is null
    and :tries > 1;

-- name: forget_steps!
delete from step where workspace_id = :workspace_id and owner = :owner and done_at is not null;

-- name: finish_step!
update step set conversation_id = :conversation_id, part_id = :part_id, done_at = now()
where workspace_id = :workspace_id and owner = :owner and step = :step;

-- name: known_parts
select part_id from step
where workspace_id = :workspace_id and conversation_id = :conversation_id and part_id <> '';

-- name: is_own_part^
select 1 as own from step
where workspace_id = :workspace_id and conversation_id = :conversation_id and part_id = :part_id;

-- name: crossed^
-- The customer wrote in the Messenger. since: which message of theirs on the channel came last, as a name.
update conversation set crossed_at = greatest(crossed_at, to_timestamp(:at))
where workspace_id = :workspace_id and conversation_id = :conversation_id
returning channel_id, coalesce((extract(epoch from last_inbound_at) * 1000000)::bigint, 0) as since;
