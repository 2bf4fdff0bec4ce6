-- name: catch_up_conversations!
select catch_up_conversations(:lag::float8);

-- name: next_message_id^
select nextval('message_id') as id;

-- name: insert_conversation^
insert into conversation (created_at, updated_at, waiting_since, contact_ids, teammate_ids, source, read,
    admin_assignee_id, first_contact_reply_at)
values (:at, :at, :waiting_since, :contact_ids, :teammate_ids, :source, :read, :admin_assignee_id, :first_reply_at)
returning id;

-- name: conversation_by_id^
select * from conversation where id = :id;

-- name: lock_conversation^
select * from conversation where id = :id for update;

-- name: due_snoozes
select * from conversation where state = 'snoozed' and snoozed_until <= :at order by snoozed_until, id for update skip locked;

-- name: conversations_by_ids
select * from conversation where id = any(:ids);

-- name: last_conversation_of^
select id from conversation where contact_ids @> to_jsonb(:id::text) order by created_at desc, id desc limit 1;

-- name: conversation_page
select id, created_at from conversation where (created_at, id) < (:before_created_at, :before_id)
order by created_at desc, id desc limit :most;

-- name: count_conversations^
select count(*) as count from conversation;

-- name: save_conversation!
update conversation set title = :title, state = :state, read = :read, priority = :priority,
    admin_assignee_id = :admin_assignee_id, team_assignee_id = :team_assignee_id, updated_at = :updated_at,
    waiting_since = :waiting_since, snoozed_until = :snoozed_until, first_contact_reply_at = :first_contact_reply_at,
    contact_ids = :contact_ids, teammate_ids = :teammate_ids, tags = :tags, custom_attributes = :custom_attributes,
    source = :source
where id = :id;

-- name: delete_conversation!
delete from conversation where id = :id;

-- name: remember_deleted!
insert into deleted_conversation (id, deleted_at) values (:id, :at);

-- name: deleted_conversations
select id, deleted_at from deleted_conversation order by deleted_at desc, id desc limit :most offset :start;

-- name: count_deleted^
select count(*) as count from deleted_conversation;

-- name: add_part^
insert into part (conversation_id, part_type, body, author_type, author_id, created_at, updated_at, assigned_to,
    attachments, app_package_code, state, metadata)
values (:conversation_id, :part_type, :body, :author_type, :author_id, :at, :at, :assigned_to, :attachments,
    :app_package_code, :state, :metadata)
returning *;

-- name: newest_parts
select * from (
    select *, count(*) over () as total from part where conversation_id = :id order by id desc limit :most
) newest order by id;

-- name: redact_part^
update part set redacted = true, body = :body, attachments = '[]', updated_at = :at
where id = :id and conversation_id = :conversation_id returning *;

-- name: add_file!
insert into file (key, name, content_type, body) values (:key, :name, :content_type, :body);

-- name: file_by_key^
select * from file where key = :key;

-- name: link_conversation!
update conversation set merged_into = :into where id = :id;
