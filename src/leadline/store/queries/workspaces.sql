-- name: workspaces
select * from workspace where removed_at is null order by created_at;

-- name: any_workspace^
select 1 as found from workspace where workspace_id = :workspace_id;

-- name: know_workspace^
insert into workspace (workspace_id, name, region, admin_id, formatted_phone)
values (:workspace_id, :name, :region, :admin_id, :formatted_phone)
on conflict (workspace_id) do update
set name = excluded.name, region = excluded.region, admin_id = excluded.admin_id,
    formatted_phone = coalesce(excluded.formatted_phone, workspace.formatted_phone)
returning *;

-- name: connect_workspace!
-- The row is there: know_workspace has made it.
update workspace set way = :way, url = :url, token = :token, client_secret = coalesce(:client_secret, client_secret),
    connected_by = :author, connected_at = now(), removed_at = null
where workspace_id = :workspace_id;

-- name: return_workspace!
-- The environment has its token: it is served again, whatever was before.
update workspace set removed_at = null where workspace_id = :workspace_id and removed_at is not null and token is null;

-- name: remove_workspace!
update workspace set removed_at = now(), token = null, client_secret = null where workspace_id = :workspace_id;
