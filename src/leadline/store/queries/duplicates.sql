-- name: duplicate_scan_of^
select rules, least, contacts, compared, groups, mergeable, seconds, extract(epoch from scanned_at)::float8 as scanned_at
from duplicate_scan where workspace_id = :workspace_id;

-- name: duplicates_scanned!
insert into duplicate_scan as s (workspace_id, rules, least, contacts, compared, groups, mergeable, seconds)
values (:workspace_id, :rules, :least, :contacts, :compared, :groups, :mergeable, :seconds)
on conflict (workspace_id) do update
set scanned_at = now(), rules = excluded.rules, least = excluded.least, contacts = excluded.contacts,
    compared = excluded.compared, groups = excluded.groups, mergeable = excluded.mergeable, seconds = excluded.seconds;

-- name: duplicates_forget_groups!
delete from duplicate_group where workspace_id = :workspace_id;

-- name: duplicates_forget_pairs!
delete from duplicate_pair where workspace_id = :workspace_id;

-- name: duplicate_groups
-- Groups as they are put before a person, those held together best first: none that is put off until later.
select g.group_id, g.contact_ids, g.survivor_id, g.tenths, g.gain, g.named
from duplicate_group g
where g.workspace_id = :workspace_id and g.tenths >= :least and (:gain = 0 or g.gain >= :gain)
    and not exists (
        select 1 from duplicate_judgement j
        where j.workspace_id = :workspace_id and j.until > now()
            and j.one_id = any(g.contact_ids) and j.other_id = any(g.contact_ids))
order by g.tenths desc, g.group_id
limit :most offset :skip;

-- name: duplicate_groups_by_gain
-- The same, those with most merges first. Each order has an index of its own, so that no page sorts all groups.
select g.group_id, g.contact_ids, g.survivor_id, g.tenths, g.gain, g.named
from duplicate_group g
where g.workspace_id = :workspace_id and g.tenths >= :least and (:gain = 0 or g.gain >= :gain)
    and not exists (
        select 1 from duplicate_judgement j
        where j.workspace_id = :workspace_id and j.until > now()
            and j.one_id = any(g.contact_ids) and j.other_id = any(g.contact_ids))
order by g.gain desc, g.tenths desc, g.group_id
limit :most offset :skip;

-- name: duplicate_group_of^
-- The group that a contact is in, also one that is put off.
select g.group_id, g.contact_ids, g.survivor_id, g.tenths, g.gain, g.named
from duplicate_group g
where g.workspace_id = :workspace_id and g.contact_ids @> array[:contact_id];

-- name: duplicate_groups_count^
-- How many groups `duplicate_groups` would find.
select count(*) as groups from duplicate_group g
where g.workspace_id = :workspace_id and g.tenths >= :least and (:gain = 0 or g.gain >= :gain)
    and not exists (
        select 1 from duplicate_judgement j
        where j.workspace_id = :workspace_id and j.until > now()
            and j.one_id = any(g.contact_ids) and j.other_id = any(g.contact_ids));

-- name: duplicate_groups_left^
-- The same of all groups, counted up to a limit.
select count(*) as groups from (
    select 1 from duplicate_group g
    where g.workspace_id = :workspace_id and g.tenths >= 0
        and not exists (
            select 1 from duplicate_judgement j
            where j.workspace_id = :workspace_id and j.until > now()
                and j.one_id = any(g.contact_ids) and j.other_id = any(g.contact_ids))
    limit :most) as counted;

-- name: duplicate_pairs_among
select one_id, other_id, tenths, evidence from duplicate_pair
where workspace_id = :workspace_id and one_id = any(:contact_ids::text[]) and other_id = any(:contact_ids::text[]);

-- name: duplicates_drop_group!
delete from duplicate_group where workspace_id = :workspace_id and group_id = :group_id;

-- name: duplicates_merged!
-- A contact that was merged away is in no group any more; one that is left alone is no group.
with left_over as (
    select group_id, array_remove(contact_ids, :contact_id) as contact_ids from duplicate_group
    where workspace_id = :workspace_id and contact_ids @> array[:contact_id]
), gone as (
    delete from duplicate_group g using left_over l
    where g.workspace_id = :workspace_id and g.group_id = l.group_id and cardinality(l.contact_ids) < 2
)
update duplicate_group g set contact_ids = l.contact_ids, gain = greatest(0, g.gain - 1),
    survivor_id = l.contact_ids[1], group_id = (select min(one collate "C") from unnest(l.contact_ids) one)
from left_over l
where g.workspace_id = :workspace_id and g.group_id = l.group_id and cardinality(l.contact_ids) > 1;

-- name: duplicates_put_group!
insert into duplicate_group (workspace_id, group_id, contact_ids, survivor_id, tenths, gain, named)
values (:workspace_id, :group_id, :contact_ids, :survivor_id, :tenths, :gain, :named)
on conflict (workspace_id, group_id) do update
set contact_ids = excluded.contact_ids, survivor_id = excluded.survivor_id, tenths = excluded.tenths,
    gain = excluded.gain, named = excluded.named;

-- name: judgements_among
select one_id, other_id, verdict, author, evidence, until, judged_at from duplicate_judgement
where workspace_id = :workspace_id and one_id = any(:contact_ids::text[]) and other_id = any(:contact_ids::text[]);

-- name: judgements_around
-- What people said of these contacts, and of everybody whom they called the same as one of these, over any number of steps.
with recursive circle (contact_id) as (
    select unnest(:contact_ids::text[])
    union
    select case when j.one_id = c.contact_id then j.other_id else j.one_id end
    from circle c join duplicate_judgement j
        on j.workspace_id = :workspace_id and j.verdict = 'same'
        and (j.one_id = c.contact_id or j.other_id = c.contact_id)
)
select j.one_id, j.other_id, j.verdict from duplicate_judgement j
where j.workspace_id = :workspace_id
    and (j.one_id in (select contact_id from circle) or j.other_id in (select contact_id from circle))
    and (j.verdict <> 'unsure' or :unsure_since::timestamptz is null or j.judged_at > :unsure_since::timestamptz);

-- name: judgements
select one_id, other_id, verdict from duplicate_judgement where workspace_id = :workspace_id;

-- name: judge!
insert into duplicate_judgement as j (workspace_id, one_id, other_id, verdict, author, evidence, until)
values (:workspace_id, :one_id, :other_id, :verdict, :author, :evidence,
    case when :days > 0 then now() + make_interval(days => :days) end)
on conflict (workspace_id, one_id, other_id) do update
set verdict = excluded.verdict, author = excluded.author, until = excluded.until, judged_at = now(),
    evidence = case when excluded.evidence = '' then j.evidence else excluded.evidence end;

-- name: pairs_apart
-- Contacts that people called different elsewhere: "not this person" in the panel, and merges that were undone.
select l.contact_id as one_id, p.contact_id as other_id
from distinct_pair p join link l on l.workspace_id = p.workspace_id and l.handle = p.handle and l.superseded_at is null
where p.workspace_id = :workspace_id and l.workspace_id = :workspace_id and p.author <> 'leadline'
    and l.contact_id <> p.contact_id;

-- name: pairs_apart_among
-- The same, of these contacts only.
select l.contact_id as one_id, p.contact_id as other_id
from link l join distinct_pair p on p.workspace_id = l.workspace_id and p.handle = l.handle
where l.workspace_id = :workspace_id and p.workspace_id = :workspace_id and l.contact_id = any(:contact_ids::text[])
    and p.contact_id = any(:contact_ids::text[]) and l.superseded_at is null and p.author <> 'leadline'
    and l.contact_id <> p.contact_id;

-- name: reviewed_pairs
-- Pairs a person decided, with what was to be seen of them. A merge that was undone since counts as two people.
select j.evidence,
    j.verdict = 'same' and not exists (
        select 1 from merge m where m.workspace_id = j.workspace_id and m.state in ('undoing', 'undone')
            and m.from_id = any(array[j.one_id, j.other_id]) and m.into_id = any(array[j.one_id, j.other_id])) as same
from duplicate_judgement j
where j.workspace_id = :workspace_id and j.verdict in ('same', 'different') and j.evidence <> '';

-- name: duplicate_rules_of^
select version, weights, pairs, author, learnt_at from duplicate_rules where workspace_id = :workspace_id;

-- name: keep_duplicate_rules!
insert into duplicate_rules (workspace_id, version, weights, pairs, author)
values (:workspace_id, :version, :weights, :pairs, :author)
on conflict (workspace_id) do update
set version = excluded.version, weights = excluded.weights, pairs = excluded.pairs, author = excluded.author,
    learnt_at = now();

-- name: forget_duplicate_rules!
delete from duplicate_rules where workspace_id = :workspace_id;

-- name: duplicate_auto_of^
select least, shown, pairs, author, switched_at from duplicate_auto where workspace_id = :workspace_id;

-- name: switch_duplicate_auto!
insert into duplicate_auto (workspace_id, least, shown, pairs, author) values (:workspace_id, :least, :shown, :pairs, :author)
on conflict (workspace_id) do update
set least = excluded.least, shown = excluded.shown, pairs = excluded.pairs, author = excluded.author, switched_at = now();

-- name: switch_duplicate_auto_off!
delete from duplicate_auto where workspace_id = :workspace_id;
