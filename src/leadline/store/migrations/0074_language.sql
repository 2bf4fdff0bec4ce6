-- The language in which somebody reads the console; empty where it is the browser's.
alter table operator add column language text not null default '';
