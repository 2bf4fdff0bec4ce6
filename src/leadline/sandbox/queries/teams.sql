-- name: add_team!
insert into team (id, name, admin_ids) values (:id, :name, :admin_ids) on conflict (id) do nothing;

-- name: all_teams
select * from team order by id;

-- name: team_by_id^
select * from team where id = :id;
