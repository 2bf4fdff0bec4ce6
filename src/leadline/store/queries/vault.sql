-- name: sealed_channels
select workspace_id, channel_id, key, address_key, settings from channel order by workspace_id, channel_id;

-- name: reseal_channel!
update channel set settings = :settings, address_key = :address_key, key = :key
where workspace_id = :workspace_id and channel_id = :channel_id and settings = :was and key = :key_was;

-- name: sealed_journals
select workspace_id, merge_id, snapshot from merge
where snapshot is not null and merge_id > :last order by merge_id limit :bite;

-- name: reseal_journal!
update merge set snapshot = :snapshot
where workspace_id = :workspace_id and merge_id = :merge_id and snapshot = :was;

-- name: is_bound^
select 1 as bound from migration where name = :name;

-- name: record_bound!
insert into migration (name) values (:name) on conflict do nothing;

-- name: next_channel_id^
select nextval(pg_get_serial_sequence('channel', 'channel_id')) as id;

-- name: next_merge_id^
select nextval(pg_get_serial_sequence('merge', 'merge_id')) as id;
