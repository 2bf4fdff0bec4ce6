-- name: queue_outbound!
insert into outbound (workspace_id, outbound_id, conversation_id, part_id, piece, channel_id, message, author, state)
values (:workspace_id, :outbound_id, :conversation_id, :part_id, :piece, :channel_id, :message, :author, 'queued')
on conflict (workspace_id, conversation_id, part_id, piece) do nothing;

-- name: outbound_of_part
select * from outbound
where workspace_id = :workspace_id and conversation_id = :conversation_id and part_id = :part_id
order by piece;

-- name: outbound_for_update^
-- By our own id where the provider echoes it, else by the provider's.
select * from outbound
where workspace_id = :workspace_id and channel_id = :channel_id
    and (outbound_id = :outbound_id or (:provider_id <> '' and provider_ids @> array[:provider_id]))
order by outbound_id = :outbound_id desc
limit 1
for update;

-- name: change_outbound!
update outbound
set state = :state, provider_ids = :provider_ids, reason = :reason, code = :code, detail = :detail, changed_at = now()
where workspace_id = :workspace_id and outbound_id = :outbound_id;

-- name: outbound_of_conversation
select * from outbound where workspace_id = :workspace_id and conversation_id = :conversation_id
order by created_at desc limit :count;
