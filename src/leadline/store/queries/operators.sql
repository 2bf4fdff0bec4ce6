-- name: operators
select o.operator_id, o.email, s.role, o.created_at,
    o.password_hash is not null or exists (select from operator_identity i
        where i.workspace_id = s.workspace_id and i.operator_id = o.operator_id) as ready,
    array(select p.name from operator_identity i join identity_provider p
        on p.workspace_id = i.workspace_id and p.provider_id = i.provider_id
        where i.workspace_id = s.workspace_id and i.operator_id = o.operator_id order by lower(p.name)) as accounts,
    (select max(seen_at) from operator_session e where e.operator_id = o.operator_id) as seen_at,
    (select count(*) from operator_session e where e.operator_id = o.operator_id and e.ends_at > now()) as sessions
from seat s join operator o on o.operator_id = s.operator_id
where s.workspace_id = :workspace_id
order by lower(o.email);

-- name: operator_by_email^
select operator_id, email, password_hash from operator where lower(email) = lower(:email);

-- name: owners^
select exists (
    select from seat s join operator o on o.operator_id = s.operator_id
    where s.workspace_id = :workspace_id and s.role = 'owner'
        and (o.password_hash is not null or exists (select from operator_identity i
            where i.workspace_id = s.workspace_id and i.operator_id = o.operator_id))) as found;

-- name: add_operator^
-- Who has a seat in another workspace keeps it.
insert into operator (email) values (:email)
on conflict (lower(email)) do update set email = operator.email
returning operator_id, password_hash is not null as has_password;

-- name: sits_elsewhere^
-- Whether somebody also uses the console of another workspace.
select exists (
    select from seat where operator_id = :operator_id and workspace_id <> :workspace_id) as found;

-- name: give_seat!
insert into seat (workspace_id, operator_id, role) values (:workspace_id, :operator_id, :role)
on conflict (workspace_id, operator_id) do update set role = excluded.role;

-- name: lock_seats!
-- Taken before anything is read that a change rests on.
select pg_advisory_xact_lock(hashtextextended(:workspace_id, 5301));

-- name: other_owners^
select count(*) as count from seat
where workspace_id = :workspace_id and role = 'owner' and operator_id <> :operator_id;

-- name: take_seat!
delete from seat where workspace_id = :workspace_id and operator_id = :operator_id;

-- name: forget_operator!
-- Without a seat there is nothing left to sign in to.
delete from operator o where o.operator_id = :operator_id
    and not exists (select from seat s where s.operator_id = o.operator_id);

-- name: password_state^
select password_hash is not null as has_password from operator where operator_id = :operator_id;

-- name: set_password!
update operator set password_hash = :password_hash where operator_id = :operator_id;

-- name: set_language!
update operator set language = :language where operator_id = :operator_id;

-- name: begin_session!
insert into operator_session (token_hash, operator_id, ends_at, address, browser, provider_workspace, provider_id)
values (:token_hash, :operator_id, now() + make_interval(secs => :longest), :address, :browser, :workspace_id,
    :provider_id);

-- name: seat_of_session^
-- In the workspace that is named, and in no other; with none named, where this person was last, or else anywhere.
select s.workspace_id, o.operator_id, o.email, s.role, e.session_id, o.language
from operator_session e
join operator o on o.operator_id = e.operator_id
join seat s on s.operator_id = o.operator_id
where e.token_hash = :token_hash and e.ends_at > now() and e.seen_at > now() - make_interval(secs => :idle)
    and (:workspace_id::text is null or s.workspace_id = :workspace_id)
    and leads_into(e, s.workspace_id)
order by s.workspace_id is not distinct from e.last_workspace desc, s.workspace_id = :home desc, s.workspace_id limit 1;

-- name: seats_of_session
-- The workspaces that somebody uses, as far as this session leads into them.
select s.workspace_id, o.email from operator_session e
join operator o on o.operator_id = e.operator_id
join seat s on s.operator_id = e.operator_id
where e.token_hash = :token_hash and leads_into(e, s.workspace_id)
order by s.workspace_id;

-- name: enter_workspace!
update operator_session set last_workspace = :workspace_id
where token_hash = :token_hash and last_workspace is distinct from :workspace_id;

-- name: see_session!
-- Once a minute is often enough.
update operator_session set seen_at = now()
where token_hash = :token_hash and seen_at < now() - interval '1 minute';

-- name: sessions_of
select session_id, begun_at, seen_at, ends_at, address, browser,
    (select p.name from identity_provider p where p.workspace_id = e.provider_workspace
        and p.provider_id = e.provider_id) as provider
from operator_session e where operator_id = :operator_id and ends_at > now() and seen_at > now() - make_interval(secs => :idle)
order by seen_at desc;

-- name: end_session!
delete from operator_session where token_hash = :token_hash;

-- name: revoke_sessions!
delete from operator_session where operator_id = :operator_id
    and (:session_id::bigint is null or session_id = :session_id);

-- name: forget_old_sessions!
delete from operator_session where ends_at < now() or seen_at < now() - make_interval(secs => :idle);

-- name: add_link!
insert into operator_link (token_hash, workspace_id, operator_id, ends_at)
values (:token_hash, :workspace_id, :operator_id, now() + make_interval(secs => :seconds));

-- name: drop_links!
-- A new link makes those before it worthless.
delete from operator_link
where workspace_id = :workspace_id and operator_id is not distinct from :operator_id::bigint;

-- name: link_by_token^
select l.workspace_id, l.operator_id, o.email from operator_link l
left join operator o on o.operator_id = l.operator_id
where l.token_hash = :token_hash and l.ends_at > now();

-- name: use_link^
delete from operator_link
where token_hash = :token_hash and ends_at > now()
returning workspace_id, operator_id;

-- name: try_sign_in^
-- Counted before the password is looked at, so that many tries at once do not go around the pause. No row: not yet.
-- clock_timestamp: of two at the same moment the second may have begun before the first, and need not wait for it.
insert into sign_in_try as t (subject, failures, last_at, open_at) values (:subject, 1, now(), now())
on conflict (subject) do update set
    failures = case when t.last_at < now() - interval '1 day' then 1 else t.failures + 1 end,
    last_at = now(),
    open_at = now() + make_interval(secs => case
        when t.last_at < now() - interval '1 day' or t.failures + 1 < :free then 0
        else least(:longest, power(2, least(t.failures + 1 - :free, 20))) end)
where t.open_at <= clock_timestamp()
returning failures;

-- name: sign_in_pause^
select greatest(1, ceil(extract(epoch from open_at - now())))::int as seconds from sign_in_try where subject = :subject;

-- name: forget_tries!
delete from sign_in_try where subject = :subject or last_at < now() - interval '2 days';
