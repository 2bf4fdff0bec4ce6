-- name: links_of
-- Current links of any of these handles.
select handle, contact_id, role, evidence, author, doubt, extract(epoch from linked_at)::float8 as linked_at
from link
where workspace_id = :workspace_id and handle = any(:handles::text[]) and superseded_at is null
order by link_id;

-- name: handles_seen!
-- A message came from these handles, or goes to them (then `at` is null). One that is worked on late does not turn the
-- clock back. In the order of lock_handles.
insert into handle as known (workspace_id, handle, name, last_at)
select :workspace_id, handle, :name, to_timestamp(:at::float8) from unnest(:handles::text[]) as handle order by handle
on conflict (workspace_id, handle) do update
set name = case when excluded.name <> '' then excluded.name else known.name end,
    last_at = greatest(known.last_at, excluded.last_at);

-- name: attest!
insert into attestation (workspace_id, phone, handle, arrival_id)
select :workspace_id, phone, handle, :arrival_id
from unnest(:phones::text[]) as phone, unnest(:handles::text[]) as handle
on conflict (workspace_id, phone, handle) do nothing;

-- name: doubt_links!
-- A doubt that came up later; the first one stays.
update link set doubt = :doubt
where workspace_id = :workspace_id and handle = any(:handles::text[]) and superseded_at is null and doubt = '';

-- name: role_changed!
update link set role = :role
where workspace_id = :workspace_id and contact_id = :contact_id and superseded_at is null and role <> :role;

-- name: roles_changed!
update link set role = given.role
from unnest(:contact_ids::text[], :roles::text[]) as given (contact_id, role)
where link.workspace_id = :workspace_id and link.contact_id = given.contact_id and link.superseded_at is null
    and link.role <> given.role;

-- name: supersede_links
update link set superseded_at = now()
where workspace_id = :workspace_id and handle = any(:handles::text[]) and superseded_at is null
    and contact_id <> :contact_id
returning handle, contact_id;

-- name: link_handles
insert into link (workspace_id, handle, contact_id, role, evidence, author, arrival_id, doubt, linked_at)
select :workspace_id, unnest(:handles::text[]), :contact_id, :role, :evidence, :author, :arrival_id, :doubt,
    coalesce(to_timestamp(:at), now())
on conflict (workspace_id, handle) where superseded_at is null do nothing
returning handle;

-- name: leads_made^
-- How many of these contacts were once made as leads for this handle.
select count(distinct contact_id) as leads from link
where workspace_id = :workspace_id and handle = :handle and contact_id = any(:contact_ids::text[])
    and evidence = 'created';

-- name: unlink_contact
-- The contact is gone for good: nobody may be sent there again.
update link set superseded_at = now()
where workspace_id = :workspace_id and contact_id = :contact_id and superseded_at is null
returning handle;

-- name: leave_handles!
-- The customer has other addresses from now on: whoever writes from these is somebody else.
update link set superseded_at = now()
where workspace_id = :workspace_id and handle = any(:handles::text[]) and contact_id = :contact_id
    and superseded_at is null;

-- name: leave_lanes!
-- The customer's other addresses go on in the lane of the new number, and the old number has a lane of its own again.
with left_behind as (
    delete from lane_join where workspace_id = :workspace_id and name = any(:former::text[] || :lane::text)
)
update lane_join set lane = :lane
where workspace_id = :workspace_id and lane = any(:former::text[]) and name <> all(:former::text[] || :lane::text);

-- name: end_conversations_of!
update conversation set ended_at = now()
where workspace_id = :workspace_id and contact_id = :contact_id and ended_at is null;

-- name: move_conversations!
update conversation set contact_id = :into_id where workspace_id = :workspace_id and contact_id = :from_id;

-- name: record_decision!
insert into decision (workspace_id, arrival_id, contact_id, code, policy, document, evidence)
values (:workspace_id, :arrival_id, :contact_id, :code, :policy, :document, :evidence)
on conflict (workspace_id, arrival_id) do update
set contact_id = excluded.contact_id, code = excluded.code, policy = excluded.policy, document = excluded.document,
    evidence = excluded.evidence, decided_at = now();

-- name: decision_of^
select * from decision where workspace_id = :workspace_id and arrival_id = :arrival_id;

-- name: find_message^
-- A message by Leadline's id or the provider's.
select * from arrival
where workspace_id = :workspace_id and kind = 'message' and arrival_id in (
    select case when :message_id::text ~ '^[0-9]{1,18}$' then :message_id::text::bigint end
    union all
    select a.arrival_id from channel c
    join arrival a on a.workspace_id = c.workspace_id and a.source = 'channel:' || c.channel_id
        and a.dedupe = :message_id::text
    where c.workspace_id = :workspace_id)
order by arrival_id desc limit 1;

-- name: last_message^
select arrival_id from arrival where workspace_id = :workspace_id and kind = 'message'
order by arrival_id desc limit 1;

-- name: is_known_contact^
-- Whether a link or an open conversation points at this contact.
select 1 as known where exists (
        select 1 from link where workspace_id = :workspace_id and contact_id = :contact_id and superseded_at is null)
    or exists (
        select 1 from conversation where workspace_id = :workspace_id and contact_id = :contact_id and ended_at is null);

-- name: phones_of_contacts
-- Links that rest on a phone which Intercom knows the contact by, not on anybody's word.
select handle, contact_id, doubt from link
where workspace_id = :workspace_id and contact_id = any(:contact_ids::text[]) and superseded_at is null
    and starts_with(handle, 'tel:')
    and (evidence = 'imported_phone' or author = 'leadline' and evidence in ('phone', 'created'));

-- name: phones_left!
update link set doubt = concat_ws(',', nullif(doubt, ''), 'phone_left')
where workspace_id = :workspace_id and handle = any(:handles::text[]) and superseded_at is null
    and 'phone_left' <> all(string_to_array(doubt, ','));

-- name: phones_back!
update link set doubt = array_to_string(array_remove(string_to_array(doubt, ','), 'phone_left'), ',')
where workspace_id = :workspace_id and handle = any(:handles::text[]) and superseded_at is null;

-- name: owners_of_conversations
select distinct contact_id from conversation
where workspace_id = :workspace_id and conversation_id = any(:conversation_ids::text[]) and contact_id <> :except_id;

-- name: decisions_since
select d.arrival_id, d.document, d.evidence
from decision d join arrival a on a.workspace_id = d.workspace_id and a.arrival_id = d.arrival_id
where d.workspace_id = :workspace_id and a.workspace_id = :workspace_id and d.evidence is not null
    and a.arrived_at >= now() - make_interval(secs => :seconds)
order by d.arrival_id;
