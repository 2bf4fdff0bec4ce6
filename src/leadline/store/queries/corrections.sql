-- name: sender_handles
-- All handles of the sender who has this one: those whose lanes were joined.
select name as handle from lane_join
where workspace_id = :workspace_id and lane = coalesce(
    (select j.lane from lane_join j where j.workspace_id = :workspace_id and j.name = :handle), :handle)
union
select coalesce((select j.lane from lane_join j where j.workspace_id = :workspace_id and j.name = :handle), :handle)
union
select :handle;

-- name: standings
select wanted.handle, l.contact_id, l.role, l.evidence, l.doubt,
    coalesce(h.shared, false) as shared, coalesce(h.own_lead, false) as own_lead,
    array(select p.contact_id from distinct_pair p
        where p.workspace_id = :workspace_id and p.handle = wanted.handle and p.author <> 'leadline') as different
from unnest(:handles::text[]) as wanted (handle)
left join link l on l.workspace_id = :workspace_id and l.handle = wanted.handle and l.superseded_at is null
left join handle h on h.workspace_id = :workspace_id and h.handle = wanted.handle;

-- name: lock_handles
-- The rows of these handles, made where missing and held until the transaction ends: corrections go one by one.
insert into handle (workspace_id, handle)
select :workspace_id, unnest(:handles::text[]) as handle order by handle
on conflict (workspace_id, handle) do update set shared = handle.shared
returning handle;

-- name: stand!
update handle set shared = :shared, own_lead = :own_lead where workspace_id = :workspace_id and handle = :handle;

-- name: unlink_handle!
update link set superseded_at = now()
where workspace_id = :workspace_id and handle = :handle and superseded_at is null;

-- name: tie_handle!
insert into link (workspace_id, handle, contact_id, role, evidence, author, doubt)
values (:workspace_id, :handle, :contact_id, :role, :evidence, :author, :doubt);

-- name: lift_pairs!
delete from distinct_pair
where workspace_id = :workspace_id and handle = any(:handles::text[]) and contact_id = any(:contact_ids::text[]);

-- name: lift_departure!
-- The customer came back to a number he had left.
delete from distinct_pair
where workspace_id = :workspace_id and handle = any(:handles::text[]) and contact_id = any(:contact_ids::text[])
    and author = 'provider';

-- name: keep_pairs_apart!
insert into distinct_pair (workspace_id, handle, contact_id, author)
select :workspace_id, handle, contact_id, :author
from unnest(:handles::text[]) as handle, unnest(:contact_ids::text[]) as contact_id
on conflict (workspace_id, handle, contact_id) do update set author = excluded.author, noted_at = now()
where distinct_pair.author = 'leadline';

-- name: copy_pairs!
-- Whoever is not the one is not the other either, except those handles that were just linked to the other.
insert into distinct_pair (workspace_id, handle, contact_id, author)
select workspace_id, handle, :into_id, author from distinct_pair p
where workspace_id = :workspace_id and contact_id = :from_id and not exists (
    select 1 from link l where l.workspace_id = :workspace_id and l.handle = p.handle
        and l.contact_id = :into_id and l.superseded_at is null)
on conflict (workspace_id, handle, contact_id) do nothing;

-- name: part_with_others
update conversation set ended_at = now()
where workspace_id = :workspace_id and handle = any(:handles::text[]) and contact_id <> :except_id
    and ended_at is null
returning conversation_id;

-- name: resume_conversations!
update conversation c set ended_at = null
where workspace_id = :workspace_id and conversation_id = any(:conversation_ids::text[]) and not exists (
    select 1 from conversation o where o.workspace_id = c.workspace_id and o.handle = c.handle
        and o.channel_id = c.channel_id and o.ended_at is null);

-- name: record_correction^
insert into correction (workspace_id, kind, handle, handles, from_id, into_id, author, before, ended, undoes, reason)
values (:workspace_id, :kind, :handle, :handles, :from_id, :into_id, :author, :before, :ended, :undoes, :reason)
returning *, extract(epoch from corrected_at)::float8 as at;

-- name: reason_of_link^
-- Why this sender was linked to its contact; none where a person or a merge did that.
select d.code from link l
join decision d on d.workspace_id = :workspace_id and d.arrival_id = l.arrival_id
where l.workspace_id = :workspace_id and l.handle = :handle and l.superseded_at is null;

-- name: quality
-- Decisions by reason, and what teammates said of the links that were made for it.
with decided as (
    select code as reason, count(*) as decisions from decision
    where workspace_id = :workspace_id and decided_at >= now() - make_interval(secs => :seconds)
    group by code
), said as (
    select reason, count(*) filter (where from_id <> into_id) as corrected,
        count(*) filter (where from_id = into_id) as confirmed
    from correction
    where workspace_id = :workspace_id and kind in ('detach', 'attach') and reason <> '' and undone_at is null
        and corrected_at >= now() - make_interval(secs => :seconds)
    group by reason
)
select reason, coalesce(decisions, 0) as decisions, coalesce(corrected, 0) as corrected,
    coalesce(confirmed, 0) as confirmed
from decided full join said using (reason) order by 2 desc, 1;

-- name: corrections_by_reason
select reason, count(*) as corrected from correction
where workspace_id = :workspace_id and kind in ('detach', 'attach') and reason <> '' and from_id <> into_id
    and undone_at is null
group by reason;

-- name: correction^
select *, extract(epoch from corrected_at)::float8 as at from correction
where workspace_id = :workspace_id and correction_id = :correction_id;

-- name: later_correction^
-- A correction of one of these handles that came after and still counts: it has to be undone first.
select correction_id from correction
where workspace_id = :workspace_id and correction_id > :correction_id and handles && :handles::text[]
    and kind <> 'undo' and undone_at is null
order by correction_id desc limit 1;

-- name: mark_undone!
update correction set undone_at = now()
where workspace_id = :workspace_id and correction_id = :correction_id and undone_at is null;

-- name: corrections
select *, extract(epoch from corrected_at)::float8 as at from correction
where workspace_id = :workspace_id and (:contact_id = '' or :contact_id in (from_id, into_id))
order by correction_id desc limit :count;

-- name: linked_handles
-- Current links, newest first, with what is known about the handle.
select l.handle, l.contact_id, l.role, l.evidence, l.author, l.doubt, l.linked_at, coalesce(h.name, '') as name,
    coalesce(h.shared, false) as shared, h.last_at
from link l left join handle h on h.workspace_id = l.workspace_id and h.handle = l.handle
where l.workspace_id = :workspace_id and l.superseded_at is null
    and (:wanted = '' or l.handle = :wanted or l.contact_id = :wanted)
order by l.link_id desc limit :count;

-- name: link_history
select handle, contact_id, role, evidence, author, doubt, linked_at, superseded_at from link
where workspace_id = :workspace_id and handle = :handle order by link_id;

-- name: detached_together
-- The other addresses of a sender who got a lead of their own: it is the same lead.
select h.handle from handle h
where h.workspace_id = :workspace_id and h.own_lead and h.handle <> :handle
    and h.handle in (
        select name from lane_join where workspace_id = :workspace_id and lane = coalesce(
            (select j.lane from lane_join j where j.workspace_id = :workspace_id and j.name = :handle), :handle)
        union select j.lane from lane_join j where j.workspace_id = :workspace_id and j.name = :handle)
    and not exists (
        select 1 from link l where l.workspace_id = :workspace_id and l.handle = h.handle and l.superseded_at is null);

-- name: link_counts^
select count(*) as handles, count(*) filter (where doubt <> '') as doubted,
    (select walked_at from directory d where d.workspace_id = :workspace_id) as done_at
from link where workspace_id = :workspace_id and superseded_at is null;
