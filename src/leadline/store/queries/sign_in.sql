-- name: identity_providers
select p.*, (select count(*) from operator_identity i where i.workspace_id = p.workspace_id
    and i.provider_id = p.provider_id and i.operator_id is not null) as people
from identity_provider p where p.workspace_id = :workspace_id order by p.provider_id;

-- name: ways_to_sign_in
-- Of every workspace that is served: nobody is known yet.
select p.key, p.name, p.workspace_id from identity_provider p
where not exists (select from workspace w where w.workspace_id = p.workspace_id and w.removed_at is not null)
order by lower(p.name), p.provider_id;

-- name: takes_passwords^
-- Whether a password leads anywhere: into a workspace that somebody uses, or that nobody uses yet.
select not exists (select from seat) or exists (
    select from seat s
    where not exists (select from identity_provider p where p.workspace_id = s.workspace_id and not p.passwords)
        and not exists (select from workspace w where w.workspace_id = s.workspace_id and w.removed_at is not null)
    ) as found;

-- name: workspace_takes_passwords^
select not exists (
    select from identity_provider where workspace_id = :workspace_id and not passwords) as found;

-- name: identity_provider_by_key^
select * from identity_provider p where p.key = :key
    and not exists (select from workspace w where w.workspace_id = p.workspace_id and w.removed_at is not null);

-- name: identity_provider_named^
-- By its number or its name; nobody else changes it meanwhile.
select * from identity_provider
where workspace_id = :workspace_id and (provider_id::text = :name or lower(name) = lower(:name))
order by provider_id::text = :name desc limit 1 for update;

-- name: next_identity_provider^
select nextval(pg_get_serial_sequence('identity_provider', 'provider_id')) as provider_id;

-- name: add_identity_provider!
-- Nothing where another one has this name or this issuer.
insert into identity_provider (workspace_id, provider_id, key, name, issuer, client_id, client_secret, domains, role)
overriding system value
values (:workspace_id, :provider_id, :key, :name, :issuer, :client_id, :client_secret, :domains, :role)
on conflict do nothing;

-- name: change_identity_provider!
update identity_provider
set name = :name, client_secret = :client_secret, domains = :domains, role = :role, passwords = :passwords
where workspace_id = :workspace_id and provider_id = :provider_id;

-- name: remove_identity_provider!
-- Its links and sessions go with it.
delete from identity_provider where workspace_id = :workspace_id and provider_id = :provider_id;

-- name: owner_by_provider^
-- Whether somebody who comes in by this provider is an owner.
select exists (
    select from operator_identity i
    join seat s on s.workspace_id = i.workspace_id and s.operator_id = i.operator_id
    where i.workspace_id = :workspace_id and i.provider_id = :provider_id and s.role = 'owner') as found;

-- name: identity_of^
-- What is known of an account; email and role are those of the person here, null where they have no seat.
select i.operator_id, o.email, s.role from operator_identity i
left join seat s on s.workspace_id = i.workspace_id and s.operator_id = i.operator_id
left join operator o on o.operator_id = s.operator_id
where i.workspace_id = :workspace_id and i.provider_id = :provider_id and i.subject = :subject;

-- name: seat_by_email^
-- Somebody who may come in, and whether another account of this provider is theirs.
select o.operator_id, o.email, exists (
    select from operator_identity i where i.workspace_id = s.workspace_id and i.provider_id = :provider_id
        and i.operator_id = o.operator_id) as linked
from seat s join operator o on o.operator_id = s.operator_id
where s.workspace_id = :workspace_id and lower(o.email) = lower(:email);

-- name: link_identity!
insert into operator_identity (workspace_id, provider_id, subject, operator_id, email)
values (:workspace_id, :provider_id, :subject, :operator_id, :email)
on conflict (workspace_id, provider_id, subject)
    do update set operator_id = excluded.operator_id, email = excluded.email, linked_at = now();

-- name: use_identity!
update operator_identity set used_at = now()
where workspace_id = :workspace_id and provider_id = :provider_id and subject = :subject;

-- name: unlink_identities!
-- The account is nobody's then: it is linked anew by the address that it has.
delete from operator_identity where workspace_id = :workspace_id and operator_id = :operator_id;

-- name: disown_identities!
-- Of somebody who is taken out.
update operator_identity set operator_id = null where workspace_id = :workspace_id and operator_id = :operator_id;

-- name: revoke_sessions_by_providers!
delete from operator_session where provider_workspace = :workspace_id and operator_id = :operator_id;

-- name: turn_away!
insert into turned_away (workspace_id, email) values (:workspace_id, lower(:email)) on conflict do nothing;

-- name: take_back!
delete from turned_away where workspace_id = :workspace_id and email = lower(:email);

-- name: is_turned_away^
select exists (select from turned_away where workspace_id = :workspace_id and email = lower(:email)) as found;

-- name: spend_return!
-- One row the first time; none when it was here before.
with old as (delete from sign_in_return where ends_at < now())
insert into sign_in_return (state_hash, ends_at) values (:state_hash, now() + make_interval(secs => :seconds))
on conflict (state_hash) do nothing;
