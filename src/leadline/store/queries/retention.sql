-- Each statement takes one batch of what is older than :before and belongs to nothing that waits or is parked, the oldest
-- first: it reads what it deletes, and what is kept although it is old. `state = …` twice, since that is what the partial
-- indexes say.

-- name: purge_raw!
with gone as materialized (
    select r.raw_id from raw r
    where r.workspace_id = :workspace_id and r.received_at < :before and r.raw_id not in (
        select raw_id from arrival where workspace_id = :workspace_id and state = 'waiting' and arrived_at < :before
        union all
        select raw_id from arrival where workspace_id = :workspace_id and state = 'parked' and arrived_at < :before)
    order by r.received_at limit :batch
)
delete from raw r using gone where r.workspace_id = :workspace_id and r.raw_id = gone.raw_id;

-- name: purge_messages!
-- What was decided for a message goes with it, and its lane, where nothing has come into it since.
with gone as materialized (
    select a.arrival_id, a.lane from arrival a
    where a.workspace_id = :workspace_id and a.settled_at < :before and a.arrived_at < :before
        and a.state in ('done', 'dropped')
    order by a.settled_at limit :batch
), decided as (
    delete from decision d using gone where d.workspace_id = :workspace_id and d.arrival_id = gone.arrival_id
), silent as (
    select l.place from (select distinct lane from gone) g
    cross join lateral (
        select ctid as place from lane
        where workspace_id = :workspace_id and lane = g.lane and not ready and holder is null and since < :before
        for update skip locked) l
), closed as (
    delete from lane using silent where lane.ctid = silent.place
)
delete from arrival a using gone where a.workspace_id = :workspace_id and a.arrival_id = gone.arrival_id;

-- name: purge_steps!
with gone as materialized (
    select s.owner, s.step from step s
    where s.workspace_id = :workspace_id and s.begun_at < :before
        and coalesce(s.done_at < :before, (
            select a.state in ('done', 'dropped') from arrival a
            where a.workspace_id = :workspace_id
                and a.arrival_id = substring(s.owner from '^arrival:(\d+)$')::bigint), true)
    order by s.begun_at limit :batch
)
delete from step s using gone where s.workspace_id = :workspace_id and s.owner = gone.owner and s.step = gone.step;

-- name: purge_outbound!
with gone as materialized (
    select o.outbound_id from outbound o
    where o.workspace_id = :workspace_id and o.created_at < :before and o.changed_at < :before
        and o.state not in ('queued', 'sending')
    order by o.created_at limit :batch
)
delete from outbound o using gone where o.workspace_id = :workspace_id and o.outbound_id = gone.outbound_id;

-- name: purge_fetched!
-- Written files go at once; these belong to messages that were dropped.
delete from fetched where workspace_id = :workspace_id and (arrival_id, number) in (
    select f.arrival_id, f.number from fetched f
    where f.workspace_id = :workspace_id and f.fetched_at < :before and not exists (
        select from arrival a
        where a.workspace_id = :workspace_id and a.arrival_id = f.arrival_id and a.state in ('waiting', 'parked'))
    limit :batch);

-- name: purge_avatars!
delete from avatar where workspace_id = :workspace_id and key in (
    select a.key from avatar a where a.workspace_id = :workspace_id and a.created_at < :before limit :batch);

-- name: purge_api_sends!
delete from api_send where workspace_id = :workspace_id and (key_id, once) in (
    select a.key_id, a.once from api_send a where a.workspace_id = :workspace_id and a.created_at < :before
    order by a.created_at limit :batch);

-- name: purge_webhook_events!
-- What is still to be sent stays; what was to go to a webhook that was removed goes.
delete from webhook_event where workspace_id = :workspace_id and event_id in (
    select e.event_id from webhook_event e
    where e.workspace_id = :workspace_id and e.at < :before
        and (e.sent_at is not null or e.given_up_at is not null or not exists (
            select from webhook w where w.workspace_id = :workspace_id and w.webhook_id = e.webhook_id))
    order by e.at limit :batch);

-- name: purge_file_links!
delete from file_link where workspace_id = :workspace_id and key in (
    select f.key from file_link f where f.workspace_id = :workspace_id and f.created_at < :before limit :batch);

-- name: purge_links!
delete from link where workspace_id = :workspace_id and link_id in (
    select l.link_id from link l where l.workspace_id = :workspace_id and l.superseded_at < :before limit :batch);

-- name: purge_consents!
delete from consent where workspace_id = :workspace_id and consent_id in (
    select c.consent_id from consent c where c.workspace_id = :workspace_id and c.superseded_at < :before limit :batch);

-- name: purge_corrections!
delete from correction where workspace_id = :workspace_id and correction_id in (
    select c.correction_id from correction c
    where c.workspace_id = :workspace_id and c.corrected_at < :before limit :batch);

-- name: purge_imports!
-- What was found goes, and so does the way back; that there was an import stays.
with gone as materialized (
    select c.import_id, c.handle, c.contact_id, c.attribute from import_claim c
    where c.workspace_id = :workspace_id and c.found_at < :before
    order by c.found_at limit :batch
)
delete from import_claim c using gone where c.workspace_id = :workspace_id and c.import_id = gone.import_id
    and c.handle = gone.handle and c.contact_id = gone.contact_id and c.attribute = gone.attribute;

-- name: kept
-- How much there is of each kind and since when. Counts whole tables: for people, not for every minute.
select 'raw' as kind, count(*) as rows, min(received_at) as oldest from raw where workspace_id = :workspace_id
union all select 'messages', count(*), min(arrived_at) from arrival where workspace_id = :workspace_id
union all select 'steps', count(*), min(begun_at) from step where workspace_id = :workspace_id
union all select 'outbound', count(*), min(created_at) from outbound where workspace_id = :workspace_id
union all select 'api_sends', count(*), min(created_at) from api_send where workspace_id = :workspace_id
union all select 'webhook_events', count(*), min(at) from webhook_event where workspace_id = :workspace_id
union all select 'fetched', count(*), min(fetched_at) from fetched where workspace_id = :workspace_id
union all select 'avatars', count(*), min(created_at) from avatar where workspace_id = :workspace_id
union all select 'file_links', count(*), min(created_at) from file_link where workspace_id = :workspace_id
union all select 'audit', count(*), min(at) from audit where workspace_id = :workspace_id
union all select 'links', count(*), min(superseded_at) from link
    where workspace_id = :workspace_id and superseded_at is not null
union all select 'consents', count(*), min(superseded_at) from consent
    where workspace_id = :workspace_id and superseded_at is not null
union all select 'corrections', count(*), min(corrected_at) from correction where workspace_id = :workspace_id
union all select 'imports', count(*), min(found_at) from import_claim where workspace_id = :workspace_id;

-- name: database_time^
select extract(epoch from now())::float8 as now;
