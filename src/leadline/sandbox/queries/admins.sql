-- name: all_admins
select * from admin order by id;

-- name: admin_by_id^
select * from admin where id = :id;

-- name: add_admin!
insert into admin (id, name, email, job_title, created_at) values (:id, :name, :email, :job_title, :at)
on conflict (id) do nothing;
