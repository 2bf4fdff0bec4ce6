-- name: sealed_channel
select workspace_id, channel_id, key, address_key, settings from channel
where channel_id > coalesce(:last, 0) order by channel_id limit :batch;

-- name: reseal_channel!
update channel set settings = :new_settings, address_key = :new_address_key, key = :new_key
where workspace_id = :workspace_id and channel_id = :channel_id and settings = :settings and key = :key;

-- name: sealed_merge
select workspace_id, merge_id, snapshot from merge
where snapshot is not null and merge_id > coalesce(:last, 0) order by merge_id limit :batch;

-- name: reseal_merge!
update merge set snapshot = :new_snapshot
where workspace_id = :workspace_id and merge_id = :merge_id and snapshot = :snapshot;

-- name: sealed_workspace
select workspace_id, token, client_secret from workspace
where (token is not null or client_secret is not null) and workspace_id > coalesce(:last, '')
order by workspace_id limit :batch;

-- name: reseal_workspace!
update workspace set token = :new_token, client_secret = :new_client_secret
where workspace_id = :workspace_id and token is not distinct from :token
    and client_secret is not distinct from :client_secret;

-- name: sealed_alert_target
select workspace_id, target_id, address, secret from alert_target
where target_id > coalesce(:last, 0) order by target_id limit :batch;

-- name: reseal_alert_target!
update alert_target set address = :new_address, secret = :new_secret
where workspace_id = :workspace_id and target_id = :target_id and address = :address
    and secret is not distinct from :secret;

-- name: sealed_webhook
select workspace_id, webhook_id, address, secret, former_secret from webhook
where webhook_id > coalesce(:last, 0) order by webhook_id limit :batch;

-- name: reseal_webhook!
update webhook set address = :new_address, secret = :new_secret, former_secret = :new_former_secret
where workspace_id = :workspace_id and webhook_id = :webhook_id and address = :address and secret = :secret
    and former_secret is not distinct from :former_secret;

-- name: sealed_identity_provider
select workspace_id, provider_id, client_secret from identity_provider
where provider_id > coalesce(:last, 0) order by provider_id limit :batch;

-- name: reseal_identity_provider!
update identity_provider set client_secret = :new_client_secret
where workspace_id = :workspace_id and provider_id = :provider_id and client_secret = :client_secret;

-- name: is_bound^
select 1 as bound from migration where name = :name;

-- name: record_bound!
insert into migration (name) values (:name) on conflict do nothing;

-- name: next_channel_id^
select nextval(pg_get_serial_sequence('channel', 'channel_id')) as id;

-- name: next_merge_id^
select nextval(pg_get_serial_sequence('merge', 'merge_id')) as id;

-- name: keys_in_use
-- Of connections to this database, by the names that `keys_in_use.py` gives them.
select distinct split_part(application_name, ' ', 3) || ' on ' || split_part(application_name, ' on ', 2) as process
from pg_stat_activity
where datname = current_database() and starts_with(application_name, 'leadline ')
    and split_part(application_name, ' ', 2) <> :own
order by process;
