-- name: keep_file_link!
insert into file_link (workspace_id, key, conversation_id, part_id, place)
values (:workspace_id, :key, :conversation_id, :part_id, :place);

-- name: file_link_by_key^
select workspace_id, conversation_id, part_id, place from file_link where key = :key;
