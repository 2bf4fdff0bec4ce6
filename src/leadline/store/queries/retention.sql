-- Each statement takes one bite of what is older than :before and belongs to nothing that waits or is parked.

-- name: purge_raw!
delete from raw where workspace_id = :workspace_id and raw_id in (
    select r.raw_id from raw r
    where r.workspace_id = :workspace_id and r.received_at < :before and r.raw_id not in (
        select a.raw_id from arrival a where a.workspace_id = :workspace_id and a.state in ('waiting', 'parked'))
    limit :bite);

-- name: purge_messages!
-- What was decided for a message goes with it.
with gone as materialized (
    select a.arrival_id from arrival a
    where a.workspace_id = :workspace_id and a.arrived_at < :before and a.settled_at < :before
        and a.state in ('done', 'dropped')
    limit :bite
), decided as (
    delete from decision d using gone where d.workspace_id = :workspace_id and d.arrival_id = gone.arrival_id
)
delete from arrival a using gone where a.workspace_id = :workspace_id and a.arrival_id = gone.arrival_id;

-- name: purge_steps!
delete from step where workspace_id = :workspace_id and (owner, step) in (
    select s.owner, s.step from step s
    where s.workspace_id = :workspace_id and s.begun_at < :before
        and coalesce(s.done_at < :before, not exists (
            select from arrival a
            where a.workspace_id = :workspace_id and a.state in ('waiting', 'parked')
                and s.owner = 'arrival:' || a.arrival_id))
    limit :bite);

-- name: purge_outbound!
delete from outbound where workspace_id = :workspace_id and outbound_id in (
    select o.outbound_id from outbound o
    where o.workspace_id = :workspace_id and o.created_at < :before and o.changed_at < :before
        and o.state not in ('queued', 'sending')
    limit :bite);

-- name: purge_fetched!
-- Written files go at once; these belong to messages that were dropped.
delete from fetched where workspace_id = :workspace_id and (arrival_id, number) in (
    select f.arrival_id, f.number from fetched f
    where f.workspace_id = :workspace_id and f.fetched_at < :before and f.arrival_id not in (
        select a.arrival_id from arrival a where a.workspace_id = :workspace_id and a.state in ('waiting', 'parked'))
    limit :bite);

-- name: purge_avatars!
delete from avatar where workspace_id = :workspace_id and key in (
    select a.key from avatar a where a.workspace_id = :workspace_id and a.created_at < :before limit :bite);

-- name: purge_file_links!
delete from file_link where workspace_id = :workspace_id and key in (
    select f.key from file_link f where f.workspace_id = :workspace_id and f.created_at < :before limit :bite);

-- name: purge_links!
delete from link where workspace_id = :workspace_id and link_id in (
    select l.link_id from link l where l.workspace_id = :workspace_id and l.superseded_at < :before limit :bite);

-- name: purge_consents!
delete from consent where workspace_id = :workspace_id and consent_id in (
    select c.consent_id from consent c where c.workspace_id = :workspace_id and c.superseded_at < :before limit :bite);

-- name: purge_corrections!
delete from correction where workspace_id = :workspace_id and correction_id in (
    select c.correction_id from correction c
    where c.workspace_id = :workspace_id and c.corrected_at < :before limit :bite);

-- name: kept
-- How much there is of each kind and since when. Counts whole tables: for people, not for every minute.
select 'raw' as kind, count(*) as rows, min(received_at) as oldest from raw where workspace_id = :workspace_id
union all select 'messages', count(*), min(arrived_at) from arrival where workspace_id = :workspace_id
union all select 'steps', count(*), min(begun_at) from step where workspace_id = :workspace_id
union all select 'outbound', count(*), min(created_at) from outbound where workspace_id = :workspace_id
union all select 'fetched', count(*), min(fetched_at) from fetched where workspace_id = :workspace_id
union all select 'avatars', count(*), min(created_at) from avatar where workspace_id = :workspace_id
union all select 'file_links', count(*), min(created_at) from file_link where workspace_id = :workspace_id
union all select 'audit', count(*), min(at) from audit where workspace_id = :workspace_id
union all select 'links', count(*), min(superseded_at) from link
    where workspace_id = :workspace_id and superseded_at is not null
union all select 'consents', count(*), min(superseded_at) from consent
    where workspace_id = :workspace_id and superseded_at is not null
union all select 'corrections', count(*), min(corrected_at) from correction where workspace_id = :workspace_id;
