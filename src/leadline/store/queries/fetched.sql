-- name: fetched
select number, name, content_type, content, line from fetched
where workspace_id = :workspace_id and arrival_id = :arrival_id;

-- name: keep_fetched!
insert into fetched (workspace_id, arrival_id, number, name, content_type, content, line)
values (:workspace_id, :arrival_id, :number, :name, :content_type, :content, :line)
on conflict (workspace_id, arrival_id, number) do nothing;

-- name: forget_fetched!
delete from fetched where workspace_id = :workspace_id and arrival_id = :arrival_id;
