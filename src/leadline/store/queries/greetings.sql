-- name: greet^
-- Take the right to greet this person for this message: nobody was greeted, or it is `pause` seconds ago (never: null),
-- or it was for this very message that a worker did not end.
insert into greeting (workspace_id, channel_id, handle, kind, arrival_id)
values (:workspace_id, :channel_id, :handle, :kind, :arrival_id)
on conflict (workspace_id, channel_id, handle, kind) do update
set arrival_id = excluded.arrival_id,
    said_at = case when greeting.arrival_id = excluded.arrival_id then greeting.said_at else now() end
where greeting.arrival_id = excluded.arrival_id
    or greeting.said_at <= now() - make_interval(secs => :pause::float8)
returning arrival_id;

-- name: wrote_before^
-- Whether this address wrote on this channel before this message came.
select 1 as wrote from conversation
where workspace_id = :workspace_id and channel_id = :channel_id and handle = :handle
    and opened_at < to_timestamp(:before) and last_inbound_at is not null
limit 1;

-- name: conversation_of_arrival^
-- Where a message went: the conversation of its first write.
select c.* from step s
join conversation c on c.workspace_id = s.workspace_id and c.conversation_id = s.conversation_id
where s.workspace_id = :workspace_id and s.owner = :owner and s.step = 0 and s.done_at is not null;

-- name: await_answer!
insert into awaited_answer (workspace_id, channel_id, handle, admin_id)
values (:workspace_id, :channel_id, :handle, :admin_id)
on conflict (workspace_id, channel_id, handle) do update set admin_id = excluded.admin_id, begun_at = now();

-- name: awaited_answer^
select admin_id from awaited_answer
where workspace_id = :workspace_id and channel_id = :channel_id and handle = :handle;

-- name: answer_came!
delete from awaited_answer
where workspace_id = :workspace_id and channel_id = :channel_id and handle = :handle and admin_id = :admin_id;
