-- name: begin_import^
-- Dry runs before it are over, and so are their findings.
with forgotten as (
    delete from import i where i.workspace_id = :workspace_id and not i.applies
)
insert into import (workspace_id, import_id, author, asked, applies, state)
select :workspace_id, coalesce(max(import_id), 0) + 1, :author, :asked, :applies, 'reading'
from import where workspace_id = :workspace_id
returning import_id;

-- name: forget_dry_claims!
delete from import_claim c where c.workspace_id = :workspace_id and c.import_id in (
    select i.import_id from import i where i.workspace_id = :workspace_id and not i.applies);

-- name: forget_claims!
delete from import_claim where workspace_id = :workspace_id and import_id = :import_id;

-- name: import_to_resume^
-- One that asks for the same, and broke off not long ago.
select import_id from import
where workspace_id = :workspace_id and asked = :asked and applies = :applies and state in ('reading', 'settling')
    and begun_at > now() - make_interval(secs => :seconds)
order by import_id desc limit 1;

-- name: imports
-- senders: addresses that it linked, or would; linked: links of it that it made and that an undo would look at.
select i.import_id, i.author, i.applies, i.state, i.met, i.total, i.begun_at, i.ended_at, found.senders, found.linked
from (
    select * from import
    where workspace_id = :workspace_id and (:import_id = 0 or import_id = :import_id)
    order by import_id desc limit :most) i
cross join lateral (
    select count(distinct c.handle) filter (where c.outcome = 'linked')::int as senders,
        count(c.link_id)::int as linked
    from import_claim c where c.workspace_id = i.workspace_id and c.import_id = i.import_id) found
order by i.import_id desc;

-- name: import_place^
select cursor, state from import where workspace_id = :workspace_id and import_id = :import_id;

-- name: import_restart!
update import set cursor = '', met = 0, total = 0 where workspace_id = :workspace_id and import_id = :import_id;

-- name: import_step^
-- One page was read: where the next one begins, and that all are read where there is none.
update import set cursor = :cursor, met = met + :met, total = :total,
    state = case when :cursor = '' then 'settling' else state end
where workspace_id = :workspace_id and import_id = :import_id
returning met;

-- name: put_claims!
insert into import_claim (workspace_id, import_id, handle, contact_id, attribute, role, channel, value, outcome)
select :workspace_id, :import_id, one.handle, one.contact_id, one.attribute, one.role, one.channel, one.value, one.outcome
from unnest(:handles::text[], :contact_ids::text[], :attributes::text[], :roles::text[], :channels::text[],
    :values::text[], :outcomes::text[])
    as one (handle, contact_id, attribute, role, channel, value, outcome)
on conflict (workspace_id, import_id, handle, contact_id, attribute) do nothing;

-- name: open_claims
-- All claims of the next addresses that are not decided yet, after one. Claims are found one by one, as the planner knows
-- nothing of a table that has just been filled.
with wanted as materialized (
    select distinct o.handle from import_claim o
    where o.workspace_id = :workspace_id and o.import_id = :import_id and o.outcome = '' and o.handle > :after
    order by o.handle limit :most
)
select c.handle, c.contact_id, c.role, c.attribute from wanted
cross join lateral (
    select * from import_claim
    where workspace_id = :workspace_id and import_id = :import_id and handle = wanted.handle offset 0) c
order by c.handle, c.contact_id, c.attribute;

-- name: link_imported
-- Only what is linked to nobody: a link that stands stays, also one that was made a moment ago.
insert into link (workspace_id, handle, contact_id, role, evidence, author)
select :workspace_id, one.handle, one.contact_id, one.role, one.evidence, :author
from unnest(:handles::text[], :contact_ids::text[], :roles::text[], :evidence::text[])
    as one (handle, contact_id, role, evidence)
order by one.handle
on conflict (workspace_id, handle) where superseded_at is null do nothing
returning link_id, handle;

-- name: settle_claims!
with found as materialized (
    select c.place, one.outcome, one.other_id, one.link_id
    from unnest(:handles::text[], :contact_ids::text[], :outcomes::text[], :other_ids::text[], :link_ids::bigint[])
        as one (handle, contact_id, outcome, other_id, link_id)
    cross join lateral (
        select ctid as place from import_claim
        where workspace_id = :workspace_id and import_id = :import_id and handle = one.handle
            and contact_id = one.contact_id offset 0) c
)
update import_claim c set outcome = found.outcome, other_id = found.other_id, link_id = found.link_id
from found where c.workspace_id = :workspace_id and c.ctid = found.place;

-- name: end_import!
update import set state = :state, ended_at = now() where workspace_id = :workspace_id and import_id = :import_id;

-- name: undo_import^
-- From now on it is being undone; nothing where it linked nothing, or is undone already.
update import set state = 'undoing', ended_at = null
where workspace_id = :workspace_id and import_id = :import_id and applies and state <> 'undone'
returning import_id;

-- name: claims_to_undo
select handle, min(link_id) as link_id from import_claim
where workspace_id = :workspace_id and import_id = :import_id and link_id is not null and handle > :after
group by handle order by handle limit :most;

-- name: unlink_imported
-- Links that an import made and that still stand; what people or merges changed since is theirs.
update link set superseded_at = now()
where workspace_id = :workspace_id and link_id = any(:link_ids::bigint[]) and superseded_at is null
returning handle;

-- name: settle_undone!
update import_claim set link_id = null,
    outcome = case when handle = any(:undone::text[]) then 'undone' else 'changed' end
where workspace_id = :workspace_id and import_id = :import_id and handle = any(:handles::text[]) and link_id is not null;

-- name: import_counts
-- How many addresses, by channel and by what became of them; of what has no address, how many contacts.
select channel, outcome,
    count(distinct case when handle = '' then contact_id || '/' || attribute else handle end)::int as count
from import_claim where workspace_id = :workspace_id and import_id = :import_id
group by channel, outcome order by channel, outcome;

-- name: import_claims
-- After one of them, in order; of one outcome where that is named.
select handle, contact_id, attribute, channel, value, outcome, other_id from import_claim
where workspace_id = :workspace_id and import_id = :import_id
    and (handle, contact_id, attribute) > (:handle, :contact_id, :attribute)
    and (:outcome = '' or outcome = :outcome)
order by handle, contact_id, attribute limit :most;

-- name: scope_heard^
-- Under which account a channel's customers are known, where only its webhooks tell.
select handle from conversation
where workspace_id = :workspace_id and channel_id = :channel_id and starts_with(handle, :scheme || ':')
order by conversation_id limit 1;
