-- Statements about the senders of many messages at once, see engine/ledger.py. As in lanes.sql, rows are found one by one.

-- name: recall_senders
-- All that is on record about each sender. links: the current ones of the `wanted` names. known: what is known of the
-- `claimed` ones, and whom they are not. decided: the contact an interrupted try chose. Of senders who came with phones
-- and accounts: shown: phones that one of the accounts showed before, and that are not its contact's; others: whether
-- the phone came with another account of the same channel, while none of these is linked.
select asked.n, links.found as links, known.found as known, decided.contact_id as decided,
    case when asked.accounts <> '[]' and asked.phones <> '[]' then array(
        select distinct a.phone
        from jsonb_array_elements_text(asked.phones::jsonb) as p (phone),
            jsonb_array_elements_text(asked.accounts::jsonb) as h (handle)
        cross join lateral (
            select phone, handle from attestation
            where workspace_id = asked.workspace_id and phone = p.phone and handle = h.handle offset 0) a
        where not exists (
            select 1 from (
                select contact_id from link
                where workspace_id = asked.workspace_id and handle = a.phone and superseded_at is null offset 0) o
            cross join lateral (
                select 1 from link
                where workspace_id = asked.workspace_id and handle = a.handle and superseded_at is null
                    and contact_id = o.contact_id offset 0) t)
    ) else '{}' end as shown,
    asked.prefixes <> '[]' and exists (
        with own as (
            select coalesce((
                select j.lane from lane_join j
                where j.workspace_id = asked.workspace_id and j.name = asked.phones::jsonb ->> 0),
                asked.phones::jsonb ->> 0) as lane
        ), joined as (
            select j.name from lane_join j, own where j.workspace_id = asked.workspace_id and j.lane = own.lane
            union select lane from own
        )
        select 1 from joined
        where not jsonb_exists(asked.scoped::jsonb, joined.name)
            and exists (
                select 1 from jsonb_array_elements_text(asked.prefixes::jsonb) as p (prefix)
                where starts_with(joined.name, p.prefix))
            and not exists (
                select 1 from jsonb_array_elements_text(asked.scoped::jsonb) as h (handle)
                join link l on l.workspace_id = asked.workspace_id and l.handle = h.handle)
    ) as others
from json_to_recordset(:entries::json) as asked (n int, workspace_id text, arrival_id bigint, wanted text, claimed text,
    phones text, accounts text, scoped text, prefixes text)
cross join lateral (
    select coalesce(jsonb_agg(to_jsonb(l) order by l.link_id), '[]') as found
    from jsonb_array_elements_text(asked.wanted::jsonb) as named (handle)
    cross join lateral (
        select link_id, handle, contact_id, role, evidence, doubt, extract(epoch from linked_at)::float8 as linked_at
        from link where workspace_id = asked.workspace_id and handle = named.handle and superseded_at is null offset 0) l
) links
cross join lateral (
    select jsonb_agg(jsonb_build_object('handle', named.handle, 'name', coalesce(h.name, ''),
        'last_at', extract(epoch from h.last_at)::float8, 'shared', coalesce(h.shared, false),
        'own_lead', coalesce(h.own_lead, false), 'pairs', p.pairs)) as found
    from jsonb_array_elements_text(asked.claimed::jsonb) as named (handle)
    left join lateral (
        select * from handle where workspace_id = asked.workspace_id and handle = named.handle offset 0) h on true
    cross join lateral (
        select coalesce(jsonb_agg(jsonb_build_array(contact_id, author)), '[]') as pairs from distinct_pair
        where workspace_id = asked.workspace_id and handle = named.handle) p
) known
left join lateral (
    select contact_id from decision
    where workspace_id = asked.workspace_id and arrival_id = asked.arrival_id offset 0) decided on true;

-- name: see_senders
-- Messages came from senders who are known, and nothing is to be linked: when, under which name, and what was decided.
-- A message that is worked on late does not turn the clock back.
with asked as (
    select * from json_to_recordset(:entries::json) as asked (n int, workspace_id text, arrival_id bigint, handles text,
        name text, at float8, contact_id text, code text, policy text, document text, evidence text)
), seen as (
    insert into handle as known (workspace_id, handle, name, last_at)
    select asked.workspace_id, named.handle, asked.name, to_timestamp(asked.at)
    from asked, jsonb_array_elements_text(asked.handles::jsonb) as named (handle)
    order by asked.workspace_id, named.handle
    on conflict (workspace_id, handle) do update
    set name = case when excluded.name <> '' then excluded.name else known.name end,
        last_at = greatest(known.last_at, excluded.last_at)
), decided as (
    insert into decision (workspace_id, arrival_id, contact_id, code, policy, document, evidence)
    select workspace_id, arrival_id, contact_id, code, policy, document::jsonb, evidence::jsonb from asked
    on conflict (workspace_id, arrival_id) do update
    set contact_id = excluded.contact_id, code = excluded.code, policy = excluded.policy, document = excluded.document,
        evidence = excluded.evidence, decided_at = now()
)
select n from asked;
