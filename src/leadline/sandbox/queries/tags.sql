-- name: all_tags
select id, name from tag order by id;

-- name: tag_by_id^
select id, name from tag where id = :id;

-- name: add_tag^
insert into tag (name) values (:name) on conflict (lower(name)) do update set name = tag.name returning id, name;

-- name: rename_tag^
update tag set name = :name where id = :id returning id, name;

-- name: delete_tag!
delete from tag where id = :id;
