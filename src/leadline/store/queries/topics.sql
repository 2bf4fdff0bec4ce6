-- name: hear_topic!
insert into topic_heard (workspace_id, topic) values (:workspace_id, :topic)
on conflict (workspace_id, topic) do update set heard_at = now();

-- name: topics_heard
select topic, heard_at from topic_heard where workspace_id = :workspace_id order by topic;

-- name: room^
-- What the server has left of its connections, as far as this user may see.
select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true), '0')::int as most,
    (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as used,
    current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as major;
