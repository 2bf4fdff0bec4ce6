-- name: control_changes
select name, value from control;

-- name: set_control!
insert into control (name, value) values (:name, :value) on conflict (name) do update set value = excluded.value;

-- name: forget_control!
delete from control where name = :name;

-- name: notify_change!
select pg_notify('sandbox_change', :payload);
