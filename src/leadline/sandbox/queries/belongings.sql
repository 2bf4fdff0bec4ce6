-- name: save_company^
insert into company (id, company_id, name, created_at, updated_at) values (:id, :company_id, :name, :at, :at)
on conflict (company_id) do update set name = coalesce(nullif(excluded.name, ''), company.name), updated_at = :at
returning *;

-- name: company_by_id^
select * from company where id = :id;

-- name: all_companies
select * from company order by created_at, id;

-- name: companies_by_ids
select * from company where id = any(:ids) order by created_at, id;

-- name: set_contact_companies!
update contact set company_ids = :ids, updated_at = :at where id = :id;

-- name: subscription_types
select * from subscription_type order by id;

-- name: subscription_type_by_id^
select * from subscription_type where id = :id;

-- name: set_contact_subscriptions!
update contact set subscriptions = :subscriptions, updated_at = :at where id = :id;

-- name: set_contact_origin^
update contact set origin = :origin where id = :id returning id;
