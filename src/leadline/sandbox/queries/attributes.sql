-- name: all_attributes
select * from data_attribute where (:model::text is null or model = :model) and (not archived or :archived) order by id;

-- name: attribute_by_id^
select * from data_attribute where id = :id;

-- name: add_attribute^
insert into data_attribute (model, name, data_type, description, options, messenger_writable, admin_id,
    created_at, updated_at)
values (:model, :name, :data_type, :description, :options, :messenger_writable, :admin_id, :at, :at)
on conflict do nothing
returning *;

-- name: update_attribute^
update data_attribute set description = :description, options = :options, messenger_writable = :messenger_writable,
    archived = :archived, updated_at = :at
where id = :id returning *;

-- name: count_attributes^
select count(*) as count from data_attribute where not archived;
