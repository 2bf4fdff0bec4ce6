-- name: add_api_key^
-- Nothing where a key in use has this name.
insert into api_key (workspace_id, name, scopes) values (:workspace_id, :name, :scopes)
on conflict (workspace_id, lower(name)) where revoked_at is null do nothing
returning key_id;

-- name: add_api_token!
insert into api_token (workspace_id, token_hash, key_id) values (:workspace_id, :token_hash, :key_id);

-- name: api_keys
select k.key_id, k.name, k.scopes, k.created_at, k.used_at, k.revoked_at,
    (select max(t.ends_at) from api_token t where t.workspace_id = :workspace_id and t.key_id = k.key_id
        and t.ends_at > now()) as old_until
from api_key k where k.workspace_id = :workspace_id
order by k.revoked_at is not null, k.key_id;

-- name: api_key_named^
-- By its number or its name, while it is in use; nobody else rotates it meanwhile.
select key_id, name from api_key
where workspace_id = :workspace_id and revoked_at is null and (key_id::text = :name or lower(name) = lower(:name))
order by key_id::text = :name desc limit 1 for update;

-- name: end_api_tokens!
-- All that still hold end within the grace, and none holds longer for it.
update api_token set ends_at = now() + make_interval(secs => :grace)
where workspace_id = :workspace_id and key_id = :key_id
    and (ends_at is null or ends_at > now() + make_interval(secs => :grace));

-- name: forget_api_tokens!
delete from api_token where workspace_id = :workspace_id and key_id = :key_id and ends_at < now();

-- name: revoke_api_key!
update api_key set revoked_at = now() where workspace_id = :workspace_id and key_id = :key_id;

-- name: drop_api_tokens!
delete from api_token where workspace_id = :workspace_id and key_id = :key_id;

-- name: api_key_of_token^
-- Found by a secret, which tells the workspace. Workspaces that are served no more have no keys.
select t.workspace_id, t.token_hash, k.key_id, k.name, k.scopes,
    k.used_at is null or k.used_at < now() - interval '1 minute' as unseen
from api_token t
join api_key k on k.workspace_id = t.workspace_id and k.key_id = t.key_id
where t.token_hash = :token_hash and (t.ends_at is null or t.ends_at > now()) and k.revoked_at is null
    and not exists (select from workspace w where w.workspace_id = t.workspace_id and w.removed_at is not null);

-- name: use_api_key!
update api_key set used_at = now() where workspace_id = :workspace_id and key_id = :key_id;
