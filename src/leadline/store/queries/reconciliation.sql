-- name: reconciliation_of^
select position, looked_at, trouble, found, found_at, skipped_from, skipped_to,
    database_oid = (select oid from pg_database where datname = current_database()) as same_database,
    extract(epoch from now() - looked_at)::float8 as looked_ago
from reconciliation where workspace_id = :workspace_id;

-- name: reconciled!
-- A look that went back far enough has seen what was skipped.
insert into reconciliation (workspace_id, position, looked_at, found, found_at, database_oid)
values (:workspace_id, :position, now(), :found, case when :found > 0 then now() end,
    (select oid from pg_database where datname = current_database()))
on conflict (workspace_id) do update
set position = greatest(reconciliation.position, excluded.position), looked_at = now(), trouble = '',
    found = reconciliation.found + excluded.found, found_at = coalesce(excluded.found_at, reconciliation.found_at),
    database_oid = excluded.database_oid,
    skipped_from = case when reconciliation.skipped_from < :after then reconciliation.skipped_from end,
    skipped_to = case when reconciliation.skipped_from < :after then reconciliation.skipped_to end;

-- name: skip_reconciliation!
update reconciliation set skipped_from = coalesce(skipped_from, position), skipped_to = :until, position = :until
where workspace_id = :workspace_id;

-- name: not_reconciled!
-- The position stays: the next look begins there again.
insert into reconciliation (workspace_id, trouble) values (:workspace_id, :trouble)
on conflict (workspace_id) do update set trouble = excluded.trouble;

-- name: conversations_known
select conversation_id, contact_id, seen_at from conversation
where workspace_id = :workspace_id and conversation_id = any(:conversation_ids::text[]);

-- name: parts_known
-- Parts that a webhook or a look has brought, that were sent, or that are our own.
select wanted.part_id
from unnest(:part_ids::text[]) as wanted (part_id)
where exists (select 1 from arrival a
        where a.workspace_id = :workspace_id and a.source = 'intercom'
            and a.dedupe = 'part:' || :conversation_id || ':' || wanted.part_id)
    or exists (select 1 from outbound o
        where o.workspace_id = :workspace_id and o.conversation_id = :conversation_id and o.part_id = wanted.part_id)
    or exists (select 1 from step s
        where s.workspace_id = :workspace_id and s.conversation_id = :conversation_id and s.part_id = wanted.part_id);

-- name: conversation_seen!
update conversation set seen_at = :at
where workspace_id = :workspace_id and conversation_id = :conversation_id and seen_at < :at;

-- name: end_conversations!
update conversation set ended_at = now()
where workspace_id = :workspace_id and conversation_id = any(:conversation_ids::text[]) and ended_at is null;
