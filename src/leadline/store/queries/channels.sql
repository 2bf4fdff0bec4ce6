-- name: add_channel^
insert into channel (workspace_id, channel_id, provider, name, key, address_key, account, address, fingerprint,
    settings)
overriding system value
values (:workspace_id, :channel_id, :provider, :name, :key, :address_key, :account, :address, :fingerprint, :settings)
returning *;

-- name: channel_by_key^
select * from channel where key = any(:keys::text[]) and removed_at is null;

-- name: channel_by_id^
select * from channel where workspace_id = :workspace_id and channel_id = :channel_id;

-- name: channel_by_account^
select * from channel
where workspace_id = :workspace_id and provider = :provider and account = :account and removed_at is null
order by channel_id limit 1;

-- name: channels
select * from channel where workspace_id = :workspace_id and removed_at is null order by channel_id;

-- name: channel_by_fingerprint^
select channel_id, name from channel
where workspace_id = :workspace_id and fingerprint = :fingerprint and removed_at is null;

-- name: unrecognised_channels
select * from channel
where workspace_id = :workspace_id and fingerprint = '' and removed_at is null order by channel_id;

-- name: recognise_channel!
update channel set fingerprint = :fingerprint where workspace_id = :workspace_id and channel_id = :channel_id;

-- name: rotate_channel!
update channel set key = :key, address_key = :address_key where workspace_id = :workspace_id and channel_id = :channel_id;

-- name: change_channel!
update channel set settings = :settings, address = :address, fingerprint = coalesce(:fingerprint, fingerprint)
where workspace_id = :workspace_id and channel_id = :channel_id;

-- name: pause_channel!
update channel set paused_at = case when :paused then coalesce(paused_at, now()) end
where workspace_id = :workspace_id and channel_id = :channel_id;

-- name: prove_channel!
update channel set proved_at = case when :accepted then now() end
where workspace_id = :workspace_id and channel_id = :channel_id;

-- name: remove_channel!
update channel set removed_at = now(), paused_at = null
where workspace_id = :workspace_id and channel_id = :channel_id;

-- name: removed_channels
select * from channel where workspace_id = :workspace_id and removed_at is not null order by channel_id;

-- name: restore_channel^
update channel c set removed_at = null
where workspace_id = :workspace_id and channel_id = :channel_id and not exists (
    select from channel o where o.workspace_id = :workspace_id and o.fingerprint = c.fingerprint
        and o.fingerprint <> '' and o.removed_at is null)
returning channel_id;
