-- name: current_conversation^
-- Under any address of the sender, but only the contact's own; the lane's is preferred.
select * from conversation
where workspace_id = :workspace_id and handle = any(:handles::text[]) and channel_id = :channel_id
    and contact_id = :contact_id and ended_at is null
order by handle <> :handle, last_inbound_at desc limit 1;

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

-- name: is_being_opened^
-- Whether this conversation may be one that was opened a moment ago and is not on record yet.
select 1 as opening from step
where workspace_id = :workspace_id and kind in ('open', 'begin')
    and (conversation_id = :conversation_id or (done_at is null and begun_at > now() - make_interval(secs => :within)))
limit 1;

-- name: known_conversations
select conversation_id from conversation where workspace_id = :workspace_id and contact_id = :contact_id;

-- name: step^
select *, extract(epoch from begun_at)::float8 as begun
from step where workspace_id = :workspace_id and owner = :owner and step = :step;

-- name: steps_of
select * from step where workspace_id = :workspace_id and owner = :owner order by step;

-- name: begin_step!
insert into step (workspace_id, owner, step, kind, conversation_id, body)
values (:workspace_id, :owner, :step, :kind, :conversation_id, :body)
on conflict (workspace_id, owner, step) do nothing;

-- name: forget_step!
delete from step where workspace_id = :workspace_id and owner = :owner and step = :step and done_at is null;

-- name: finish_step!
update step set conversation_id = :conversation_id, part_id = :part_id, done_at = now()
where workspace_id = :workspace_id and owner = :owner and step = :step;

-- name: known_parts
select part_id from step
where workspace_id = :workspace_id and conversation_id = :conversation_id and part_id <> '';

-- name: is_own_part^
select 1 as own from step
where workspace_id = :workspace_id and conversation_id = :conversation_id and part_id = :part_id;
