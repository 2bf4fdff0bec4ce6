-- name: suggestion_subject^
-- What is on record about a contact for whom twins are looked for: its addresses, the phones its senders proved, who people
-- called different from it (from its addresses, the other way round, or among the duplicates), the last texts that came from
-- its addresses, and what the workspace's reviewed pairs have taught.
with own as materialized (
    select handle from link where workspace_id = :workspace_id and contact_id = :contact_id and superseded_at is null
)
select array(select handle from own order by handle) as handles,
    array(
        select distinct a.phone from attestation a join own using (handle) where a.workspace_id = :workspace_id
        order by a.phone) as attested,
    array(
        select p.contact_id from distinct_pair p join own using (handle)
        where p.workspace_id = :workspace_id and p.author <> 'leadline'
        union
        select l.contact_id from distinct_pair p
        join link l on l.workspace_id = :workspace_id and l.handle = p.handle and l.superseded_at is null
        where p.workspace_id = :workspace_id and p.contact_id = :contact_id and p.author <> 'leadline'
        union
        select other_id from duplicate_judgement
        where workspace_id = :workspace_id and one_id = :contact_id and verdict = 'different'
        union
        select one_id from duplicate_judgement
        where workspace_id = :workspace_id and other_id = :contact_id and verdict = 'different') as different,
    array(
        select a.content ->> 'text' from arrival a
        where a.workspace_id = :workspace_id and a.kind = 'message' and a.lane in (
                select coalesce(j.lane, own.handle) from own
                left join lane_join j on j.workspace_id = :workspace_id and j.name = own.handle)
            and coalesce(a.content ->> 'text', '') <> ''
        order by a.arrival_id desc limit :count) as words,
    (select jsonb_build_object('version', version, 'weights', weights) from duplicate_rules
        where workspace_id = :workspace_id) as rules;
