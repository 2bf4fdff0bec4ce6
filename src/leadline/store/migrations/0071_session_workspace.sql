-- The workspace that somebody looked at last in this session; the console opens there where the address names none.
alter table operator_session add column last_workspace text;
