-- name: keep_avatar!
insert into avatar (workspace_id, key, handle, content_type, content)
values (:workspace_id, :key, :handle, :content_type, :content);

-- name: avatar_by_key^
select content_type, content from avatar where key = :key;
