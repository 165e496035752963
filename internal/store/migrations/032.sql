-- One membership takes the place of another of the same person (package merge): the departure of
-- the other says which. Empty: nobody took its place.
alter table departure add column into_member text not null default '';
create index departure_into on departure (org_id, into_member) where into_member <> '';
