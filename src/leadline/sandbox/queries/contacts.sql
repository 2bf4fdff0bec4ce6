-- name: contact_by_id^
select * from contact_row where id = :id;

-- name: contacts_by_ids
select * from contact_row where id = any(:ids);

-- name: lock_contacts
select id from contact where id = any(:ids) order by id for update;

-- name: contact_by_external_id^
select * from contact_row where external_id = :external_id;

-- name: contact_by_email^
select * from contact_row
where lower(email) = lower(:email) and not archived and merged_into is null
order by role desc, updated_at desc limit 1;

-- name: canonical_contact^
-- The contact a merged one ended in, at most :hops merges away.
with recursive chain (id, merged_into, hops) as (
    select id, merged_into, 0 from contact where id = :id
    union all
    select c.id, c.merged_into, hops + 1 from chain join contact c on c.id = chain.merged_into where hops < :hops
)
select id from chain where merged_into is null;

-- name: insert_contact^
insert into contact (id, role, external_id, email, phone, formatted_phone, name, created_at, updated_at,
    custom_attributes, fields)
values (:id, :role, :external_id, :email, :phone, :formatted_phone, :name, :at, :at, :custom_attributes, :fields)
on conflict do nothing
returning id;

-- name: importing!
-- Until the end of the transaction contacts are not queued for the search index: `import_contacts` puts them there.
select set_config('sandbox.importing', 'on', true);

-- name: import_contacts!
-- Many at once, and searches see them; one whose id, external id or e-mail is there already is left out.
with stored as (
    insert into contact (id, role, external_id, email, phone, formatted_phone, name, created_at, updated_at,
        custom_attributes)
    select * from unnest(:ids::text[], :roles::text[], :external_ids::text[], :emails::text[], :phones::text[],
        :formatted::text[], :names::text[], :created::bigint[], :updated::bigint[], :attributes::jsonb[])
    on conflict do nothing
    returning *
)
insert into contact_index (id, doc) select id, (to_jsonb(stored) - 'fields') || fields from stored;

-- name: contact_twin^
select id, archived or merged_into is not null as archived from contact
where id <> :id and (external_id = :external_id or (:role = 'user' and role = 'user' and lower(email) = lower(:email)))
order by external_id is not distinct from :external_id desc limit 1;

-- name: update_contact!
update contact set role = :role, external_id = :external_id, email = :email, phone = :phone,
    formatted_phone = :formatted_phone, name = :name, updated_at = :at, custom_attributes = :custom_attributes,
    fields = :fields
where id = :id;

-- name: contact_replied!
update contact set fields = fields || jsonb_build_object('last_replied_at', :at::bigint) where id = :id;

-- name: set_archived!
update contact set archived = :archived, updated_at = :at where id = :id;

-- name: set_blocked!
update contact set blocked = true, archived = true, updated_at = :at where id = :id;

-- name: delete_contact!
delete from contact where id = :id;

-- name: set_contact_tags!
update contact set tags = :tags, updated_at = :at where id = :id;

-- name: contact_page
select * from contact_row
where not archived and merged_into is null and (created_at, id) < (:before_created_at, :before_id)
order by created_at desc, id desc limit :most;

-- name: count_contacts^
select count(*) as count from contact where not archived and merged_into is null;

-- name: merge_history
select id, role, merged_at from contact where merged_into = :id
order by merged_at desc, id limit :most offset :start;

-- name: leave_email!
update contact set email = null where id = :id;

-- name: mark_merged!
update contact set merged_into = :into, merged_at = :at where id = :id;

-- name: move_notes!
update note set contact_id = :into where contact_id = :id;

-- name: move_parts!
update part set author_id = :into where author_type = 'contact' and author_id = :id;

-- name: conversations_of
select id, contact_ids, source from conversation where contact_ids @> to_jsonb(:id::text);

-- name: move_conversation!
update conversation set contact_ids = :contact_ids, source = :source where id = :id;

-- name: add_note^
insert into note (contact_id, admin_id, body, created_at) values (:contact_id, :admin_id, :body, :at)
returning id, contact_id, admin_id, body, created_at;

-- name: notes_of
select * from note where contact_id = :contact_id order by id desc limit :most offset :start;

-- name: count_notes^
select count(*) as count from note where contact_id = :contact_id;

-- name: catch_up_contacts!
select catch_up_contacts(:lag::float8);

-- name: contact_activities
select id, kind, contact_id, target_id, extract(epoch from created_at)::bigint as created_at from contact_activity
where id > :after order by id limit :most;

-- name: count_activities^
select count(*) as count from contact_activity;

-- name: belongings_counts^
-- How many conversations and notes a contact has.
select (select count(*) from conversation where contact_ids ? :id) as conversations,
    (select count(*) from note where contact_id = :id) as notes;
