-- name: settings
-- All that are set in any workspace: few, and kept in memory by whoever acts by them.
select workspace_id, channel_id, schedule, name, value, author, source, set_at from setting
where superseded_at is null and value is not null;

-- name: hold_setting!
-- Until the end of the transaction nobody else changes this setting.
select pg_advisory_xact_lock(
    hashtextextended(:workspace_id || '/' || :channel_id::text || '/' || :schedule || '/' || :name, 7305));

-- name: current_setting_of^
select value, source from setting
where workspace_id = :workspace_id and channel_id = :channel_id and schedule = :schedule and name = :name
    and superseded_at is null;

-- name: supersede_setting!
update setting set superseded_at = now()
where workspace_id = :workspace_id and channel_id = :channel_id and schedule = :schedule and name = :name
    and superseded_at is null;

-- name: add_setting!
insert into setting (workspace_id, channel_id, schedule, name, value, author, source)
values (:workspace_id, :channel_id, :schedule, :name, :value, :author, :source);

-- name: setting_history
-- Every value these settings ever had, the latest first. Without a name: of all settings.
select channel_id, schedule, name, value, author, source, set_at, superseded_at from setting
where workspace_id = :workspace_id and (:name = '' or name = :name)
order by setting_id desc limit :count;
