-- Statements for the writes of many lanes at once, see engine/ledger.py. As in lanes.sql, rows are found one by one.

-- name: thread_states
-- Where a message stands: its first write as recorded, and else the current conversation of its sender on the channel,
-- under any address of the sender, but only the contact's own; the lane's is preferred.
select asked.n, s.kind, coalesce(s.conversation_id, c.conversation_id, j.conversation_id, '') as conversation_id
from json_to_recordset(:entries::json) as asked (n int, workspace_id text, owner text, handle text, handles text,
    channel_id bigint, contact_id text)
left join lateral (
    select kind, conversation_id from step
    where workspace_id = asked.workspace_id and owner = asked.owner and step = 0 offset 0) s on true
left join lateral (
    select c.conversation_id from jsonb_array_elements_text(asked.handles::jsonb) as named (handle)
    cross join lateral (
        select * from conversation
        where workspace_id = asked.workspace_id and handle = named.handle and channel_id = asked.channel_id
            and contact_id = asked.contact_id and ended_at is null
        offset 0) c
    where s.kind is null
    order by named.handle <> asked.handle, c.last_inbound_at desc limit 1) c on true
left join lateral (
    -- Nothing under an address of the sender: a conversation that another of the contact's was merged into.
    select conversation_id from conversation
    where s.kind is null and c.conversation_id is null
        and workspace_id = asked.workspace_id and contact_id = asked.contact_id and channel_id = asked.channel_id
        and ended_at is null and joined_handles <> '{}'
        and exists (
            select 1 from jsonb_array_elements_text(asked.handles::jsonb) as named (handle)
            where named.handle = any(joined_handles))
    order by last_inbound_at desc limit 1) j on true;

-- name: begin_steps
-- Begin each, or tell how far it is: done, or for how many seconds its call may still take effect. `held` is false, and
-- nothing is begun, where the lane is another worker's by now.
with asked as (
    select a.*, a.lane = '' or l.lane is not null as held
    from json_to_recordset(:entries::json) as a (n int, workspace_id text, owner text, step int, kind text,
        conversation_id text, body text, place text, since float8, settled float8, lane text, epoch bigint)
    left join lateral (
        select lane from lane
        where workspace_id = a.workspace_id and lane = a.lane and epoch = a.epoch offset 0) l on true
), begun as (
    insert into step (workspace_id, owner, step, kind, conversation_id, body, place, since, settles_at)
    select workspace_id, owner, step, kind, conversation_id, body, place::jsonb, since,
        now() + make_interval(secs => settled)
    from asked where held
    on conflict (workspace_id, owner, step) do nothing
    returning workspace_id, owner, step, tries
)
select asked.n, asked.held, b.tries is not null as fresh, coalesce(b.tries, s.tries) as tries,
    s.done_at is not null as done, coalesce(s.conversation_id, asked.conversation_id) as conversation_id,
    coalesce(s.part_id, '') as part_id, coalesce(s.body, asked.body) as body, coalesce(s.since, asked.since) as since,
    coalesce(extract(epoch from s.settles_at - now())::float8, 0) as unsettled
from asked
left join begun b on b.workspace_id = asked.workspace_id and b.owner = asked.owner and b.step = asked.step
left join lateral (
    select * from step
    where b.tries is null and workspace_id = asked.workspace_id and owner = asked.owner and step = asked.step
    offset 0) s on true;

-- name: hold_places!
-- Until the end of the transaction nobody else changes which conversation is the current one of these addresses.
select pg_advisory_xact_lock(hashtextextended(workspace_id || '/' || handle, 7304))
from (
    select workspace_id, handle
    from json_to_recordset(:entries::json) as place (workspace_id text, handle text)
    where handle <> '' group by workspace_id, handle order by workspace_id, handle collate "C"
) as places;

-- name: finish_steps
-- What was written is on record, and with it the conversation and the address replies go to; see places.py:know, whose
-- rules these are. After hold_places. What surely happened is recorded whoever holds the lane.
with asked as (
    select * from json_to_recordset(:entries::json) as asked (n int, workspace_id text, owner text, step int,
        conversation_id text, part_id text, handle text, channel_id bigint, contact_id text, sender text,
        reply_ref text, at float8)
), finished as (
    update step set conversation_id = s.conversation_id, part_id = s.part_id, done_at = now()
    from (
        select asked.conversation_id, asked.part_id, s.place from asked
        cross join lateral (
            select ctid as place from step
            where workspace_id = asked.workspace_id and owner = asked.owner and step = asked.step for update) s
    ) s
    where step.ctid = s.place
), placed as (
    select asked.*, at is not null and exists (
        select 1 from link l
        where l.workspace_id = asked.workspace_id and l.handle = asked.handle and l.superseded_at is null
            and l.contact_id <> asked.contact_id
            and l.contact_id <> merge_survivor(asked.workspace_id, asked.contact_id)) as elsewhere
    from asked where handle <> ''
), yielded as (
    update conversation set ended_at = now()
    from (
        select c.place from placed
        cross join lateral (
            select ctid as place from conversation
            where workspace_id = placed.workspace_id and handle = placed.handle and channel_id = placed.channel_id
                and ended_at is null and conversation_id <> placed.conversation_id
            for update) c
        where not elsewhere
    ) c
    where conversation.ctid = c.place
    returning 1
), known as (
    insert into conversation (workspace_id, conversation_id, channel_id, handle, contact_id, sender, last_inbound_at,
        reply_ref, reply_ref_at, ended_at)
    select workspace_id, conversation_id, channel_id, handle, contact_id, sender, to_timestamp(at), reply_ref,
        to_timestamp(at), case when elsewhere then now() end
    from placed, (select count(*) from yielded) as first -- there is one current conversation at any time
    on conflict (workspace_id, conversation_id) do update
    set handle = excluded.handle, contact_id = excluded.contact_id, sender = excluded.sender,
        reply_ref = excluded.reply_ref, reply_ref_at = excluded.reply_ref_at,
        last_inbound_at = greatest(conversation.last_inbound_at, excluded.last_inbound_at)
    where excluded.reply_ref_at is not null
)
select n from asked;
