-- Of two workspaces that become known at the same moment, one takes over the seats given before, not both: deleting them
-- first makes the other one wait, and find none.
create or replace function take_seats_over() returns trigger language plpgsql as $$
begin
    with taken as (
        delete from seat where workspace_id = 'installation' returning operator_id, role
    )
    insert into seat (workspace_id, operator_id, role)
    select new.workspace_id, operator_id, role from taken
    on conflict (workspace_id, operator_id) do nothing;
    update operator_link set workspace_id = new.workspace_id where workspace_id = 'installation';
    return null;
end $$;
