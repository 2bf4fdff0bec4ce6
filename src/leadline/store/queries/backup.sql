-- name: backup_begins!
insert into backup (workspace_id) select workspace_id from workspace;

-- name: backup_checked!
-- The latest, which this process began.
update backup set checked_at = now()
where (workspace_id, began_at) in (select workspace_id, max(began_at) from backup group by workspace_id);

-- name: forget_backups!
delete from backup where began_at < now() - interval '400 days' and restored_at is null;

-- name: last_backup^
select max(began_at) as began_at, extract(epoch from now() - max(began_at))::float as age
from backup where workspace_id = :workspace_id and checked_at is not null;

-- name: restored!
-- Without a backup of ours: as old as the latest that arrived.
insert into backup (workspace_id, began_at, restored_at)
select w.workspace_id, coalesce(b.began_at, a.arrived_at, now()), now()
from workspace w
left join lateral (select max(began_at) as began_at from backup where workspace_id = w.workspace_id) b on true
left join lateral (select max(arrived_at) as arrived_at from arrival where workspace_id = w.workspace_id) a on true
on conflict (workspace_id, began_at) do update set restored_at = excluded.restored_at;

-- name: hold_replies^
-- Nobody knows whether they went out after the backup: a person decides, or the conversation tells it.
with doubtful as (
    update outbound set state = 'sending', changed_at = now() where state = 'queued' and not stopped returning 1
), parked as (
    update arrival set state = 'parked', reason = 'restored', settled_at = now(),
        explanation = 'This was waiting to be sent when the backup was made, and may have been sent since. Look at the '
            'conversation in Intercom. Retry it if the customer did not get it, else drop it.'
    where state = 'waiting'
        and (kind = 'begun' or (kind = 'notification' and jsonb_array_length(coalesce(content -> 'replies', '[]')) > 0))
    returning 1
)
select (select count(*) from doubtful) as doubtful, (select count(*) from parked) as parked;

-- name: restored_gap^
-- The time whose messages a restored database does not know: from the backup until the restore, in unix seconds.
select extract(epoch from began_at)::float8 as since, extract(epoch from restored_at)::float8 as until
from backup where workspace_id = :workspace_id and restored_at is not null
order by restored_at desc limit 1;

-- name: count_tables^
select count(*) as count from pg_class
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace;
