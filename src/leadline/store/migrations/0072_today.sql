-- How a sender was recognised, in four words; for counting and for finding. Nothing yet where there is no decision.
create function outcome(d decision) returns text language sql immutable parallel safe as $$
    select case
        when d.arrival_id is null then 'undecided'
        when (d.document ->> 'doubtful')::boolean then 'doubt'
        when d.document ->> 'contact_id' is null then 'lead'
        when d.code = 'known_link' then 'known'
        else 'found'
    end
$$;

-- What waits for another try. On the usual way of a message no row enters or leaves it.
create index arrival_postponed on arrival (workspace_id, arrival_id) where state = 'waiting' and reason <> '';
