-- name: make_batch^
insert into duplicate_batch (workspace_id, batch_id, author, unattended, least, state)
select :workspace_id, coalesce(max(batch_id), 0) + 1, :author, :unattended, :least, 'running'
from duplicate_batch where workspace_id = :workspace_id
returning batch_id;

-- name: put_batch_merges!
insert into duplicate_merge (workspace_id, batch_id, position, from_id, into_id, way, evidence, chain)
select :workspace_id, :batch_id, position, from_id, into_id, way, evidence, chain
from unnest(:from_ids::text[], :into_ids::text[], :ways::text[], :evidence::text[], :chains::jsonb[]) with ordinality
    as one (from_id, into_id, way, evidence, chain, position);

-- name: batches
select b.batch_id, b.author, b.unattended, b.least, b.state, b.made_at, b.ended_at, count(m.position)::int as merges,
    (count(*) filter (where m.state = 'waiting'))::int as waiting,
    (count(*) filter (where m.state = 'merged'))::int as merged,
    (count(*) filter (where m.state = 'refused'))::int as refused,
    (count(*) filter (where m.state = 'skipped'))::int as skipped,
    (count(*) filter (where m.state = 'undone'))::int as undone
from (
    select * from duplicate_batch
    where workspace_id = :workspace_id and (:batch_id = 0 or batch_id = :batch_id) order by batch_id desc limit :most) b
left join duplicate_merge m on m.workspace_id = b.workspace_id and m.batch_id = b.batch_id
group by b.batch_id, b.author, b.unattended, b.least, b.state, b.made_at, b.ended_at order by b.batch_id desc;

-- name: batch_merges
select position, from_id, into_id, way, evidence, state, merge_id, explanation from duplicate_merge
where workspace_id = :workspace_id and batch_id = :batch_id order by position limit :most offset :skip;

-- name: next_of_batch^
-- Nothing once the batch was stopped, or merging unattended was switched off.
select m.position, m.from_id, m.into_id, m.way, m.evidence, m.chain, b.author, b.least, b.unattended, b.made_at
from duplicate_merge m join duplicate_batch b on b.workspace_id = m.workspace_id and b.batch_id = m.batch_id
where m.workspace_id = :workspace_id and m.batch_id = :batch_id and m.state = 'waiting' and b.state = 'running'
    and (not b.unattended or exists (select from duplicate_auto a where a.workspace_id = :workspace_id))
order by m.position limit 1;

-- name: end_batch!
-- Nothing is left to merge, or merging unattended was switched off meanwhile.
update duplicate_batch b set ended_at = now(), state = case when exists (
    select from duplicate_merge m
    where m.workspace_id = b.workspace_id and m.batch_id = b.batch_id and m.state = 'waiting') then 'stopped' else 'done' end
where b.workspace_id = :workspace_id and b.batch_id = :batch_id and b.state = 'running';

-- name: end_undo!
-- What could not be taken back can be tried again.
update duplicate_batch b set ended_at = now(), state = case when exists (
    select from duplicate_merge m
    where m.workspace_id = b.workspace_id and m.batch_id = b.batch_id and m.state = 'merged')
    then 'partly_undone' else 'undone' end
where b.workspace_id = :workspace_id and b.batch_id = :batch_id and b.state = 'undoing';

-- name: stop_unattended_batches!
update duplicate_batch set state = 'stopped', ended_at = now()
where workspace_id = :workspace_id and unattended and state = 'running';

-- name: unattended_batches_running
select batch_id from duplicate_batch where workspace_id = :workspace_id and unattended and state = 'running' order by batch_id;

-- name: first_merged_into^
select from_id from duplicate_merge
where workspace_id = :workspace_id and batch_id = :batch_id and into_id = :into_id and state = 'merged'
order by position limit 1;

-- name: settle_batch_merge!
update duplicate_merge set state = :state, merge_id = coalesce(:merge_id, merge_id), explanation = :explanation,
    settled_at = now()
where workspace_id = :workspace_id and batch_id = :batch_id and position = :position;

-- name: last_merged_of_batch^
select position, from_id, into_id, merge_id, evidence from duplicate_merge
where workspace_id = :workspace_id and batch_id = :batch_id and state = 'merged' and position < :before
order by position desc limit 1;

-- name: set_batch^
-- Only from one of these states; nothing where it is in another.
update duplicate_batch set state = :state,
    ended_at = case when :state = 'stopped' then now() end
where workspace_id = :workspace_id and batch_id = :batch_id and state = any(:from_states::text[])
returning batch_id;

-- name: merged_in_batches^
-- How many merges batches have made here, and how many they still will; not counted beyond what decides.
select (
    select count(*) from (
        select from duplicate_merge
        where workspace_id = :workspace_id and state in ('merged', 'undone') limit :enough) made) as merged, (
    select count(*) from (
        select from duplicate_merge m join duplicate_batch b on b.workspace_id = m.workspace_id and b.batch_id = m.batch_id
        where m.workspace_id = :workspace_id and m.state = 'waiting' and b.state in ('running', 'stopped')
        limit :enough) left_over) as waiting;

-- name: hold_batches!
-- Two batches made at once would take a number twice, and be ten merges each.
select pg_advisory_xact_lock(hashtextextended(:workspace_id, 6801));

-- name: contacts_in_batches
-- Of these contacts, those that wait to be merged away by a batch.
select from_id from duplicate_merge m join duplicate_batch b
    on b.workspace_id = m.workspace_id and b.batch_id = m.batch_id
where m.workspace_id = :workspace_id and m.state = 'waiting' and b.state in ('running', 'stopped')
    and m.from_id = any(:contact_ids::text[]);

-- name: at_work_now^
-- Whether somebody holds the advisory lock of this name, see store/database.py:Database.if_alone.
select exists (
    select from pg_locks l join pg_database d on d.oid = l.database
    where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and d.datname = current_database()
        and ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(:name, 0)) as at_work;
