-- name: doubted_links
-- Links in doubt before a number, newest first, one for each contact and message: a sender's other addresses come along.
-- made: the decision that linked, or where an undo did, the last one that left the same doubt; last: that of the sender's last message, where the doubt came up later.
select l.link_id, l.handle, l.contact_id, l.role, l.evidence, l.doubt, l.linked_at, l.arrival_id,
    coalesce(h.name, '') as name,
    array(select o.handle from link o
        where o.workspace_id = l.workspace_id and o.contact_id = l.contact_id and o.superseded_at is null
            and o.doubt <> '' and o.arrival_id is not distinct from l.arrival_id and o.link_id <= l.link_id
        order by o.link_id desc) as handles,
    coalesce(d.document, e.document) as made, m.document as last, coalesce(a.content ->> 'text', '') as text, a.channel_id,
    coalesce(m.last_id, l.arrival_id) as last_id
from link l
left join handle h on h.workspace_id = l.workspace_id and h.handle = l.handle
left join decision d on d.workspace_id = l.workspace_id and d.arrival_id = l.arrival_id
left join lateral (
    select o.document, n.arrival_id as last_id
    from arrival n join decision o on o.workspace_id = n.workspace_id and o.arrival_id = n.arrival_id
    where n.workspace_id = l.workspace_id and n.kind = 'message' and n.lane = coalesce(
        (select j.lane from lane_join j where j.workspace_id = l.workspace_id and j.name = l.handle), l.handle)
    order by n.arrival_id desc limit 1) m on true
left join lateral (
    select o.document from (
        select arrival_id from arrival
        where workspace_id = l.workspace_id and kind = 'message' and lane = coalesce(
            (select j.lane from lane_join j where j.workspace_id = l.workspace_id and j.name = l.handle), l.handle)
        order by arrival_id desc limit 200) n
    join decision o on o.workspace_id = l.workspace_id and o.arrival_id = n.arrival_id
    where l.arrival_id is null and o.code = any(string_to_array(l.doubt, ','))
    order by n.arrival_id desc limit 1) e on true
left join arrival a on a.workspace_id = l.workspace_id and a.arrival_id = coalesce(m.last_id, l.arrival_id)
where l.workspace_id = :workspace_id and l.superseded_at is null and l.doubt <> ''
    and (:before::bigint is null or l.link_id < :before)
    and not exists (
        select 1 from link o
        where o.workspace_id = l.workspace_id and o.contact_id = l.contact_id and o.superseded_at is null
            and o.doubt <> '' and o.arrival_id is not distinct from l.arrival_id and o.link_id > l.link_id)
order by l.link_id desc limit :count;

-- name: doubts_left^
-- How many doubts there are before a number, counted up to a limit.
select count(*) as doubts from (
    select 1 from link l
    where l.workspace_id = :workspace_id and l.superseded_at is null and l.doubt <> ''
        and (:before::bigint is null or l.link_id < :before)
        and not exists (
            select 1 from link o
            where o.workspace_id = l.workspace_id and o.contact_id = l.contact_id and o.superseded_at is null
                and o.doubt <> '' and o.arrival_id is not distinct from l.arrival_id and o.link_id > l.link_id)
    limit :most) as counted;

-- name: doubt_now^
-- Whether a link is still in doubt; else who corrected it, where that is why it is not.
select l.superseded_at is null and l.doubt <> '' as open, coalesce(c.author, '') as author
from link l
left join lateral (
    select author from correction
    where workspace_id = l.workspace_id and handles @> array[l.handle] and corrected_at = l.superseded_at
    limit 1) c on true
where l.workspace_id = :workspace_id and l.link_id = :link_id;
