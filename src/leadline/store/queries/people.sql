-- name: links_of
-- Current links of any of these handles.
select handle, contact_id, role, evidence, author, extract(epoch from linked_at)::float8 as linked_at
from link
where workspace_id = :workspace_id and handle = any(:handles::text[]) and superseded_at is null
order by link_id;

-- name: supersede_links!
update link set superseded_at = now()
where workspace_id = :workspace_id and handle = any(:handles::text[]) and superseded_at is null
    and contact_id <> :contact_id;

-- name: link_handles!
insert into link (workspace_id, handle, contact_id, role, evidence, author, arrival_id)
select :workspace_id, unnest(:handles::text[]), :contact_id, :role, :evidence, :author, :arrival_id
on conflict (workspace_id, handle) where superseded_at is null do nothing;

-- name: unlink_contact
-- The contact is gone for good: nobody may be sent there again.
update link set superseded_at = now()
where workspace_id = :workspace_id and contact_id = :contact_id and superseded_at is null
returning handle;

-- name: end_conversations_of!
update conversation set ended_at = now()
where workspace_id = :workspace_id and contact_id = :contact_id and ended_at is null;

-- name: move_conversations!
update conversation set contact_id = :into_id where workspace_id = :workspace_id and contact_id = :from_id;

-- name: record_decision!
insert into decision (workspace_id, arrival_id, contact_id, code, policy, document)
values (:workspace_id, :arrival_id, :contact_id, :code, :policy, :document)
on conflict (workspace_id, arrival_id) do update
set contact_id = excluded.contact_id, code = excluded.code, policy = excluded.policy, document = excluded.document,
    decided_at = now();

-- name: decision_of^
select * from decision where workspace_id = :workspace_id and arrival_id = :arrival_id;

-- name: find_message^
-- A message by Leadline's id or the provider's.
select * from arrival
where workspace_id = :workspace_id and kind = 'message'
    and (arrival_id::text = :message_id or dedupe = :message_id)
order by arrival_id desc limit 1;

-- name: last_message^
select arrival_id from arrival where workspace_id = :workspace_id and kind = 'message'
order by arrival_id desc limit 1;
