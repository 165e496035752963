-- Three domains make the shared text of 001.sql valid for PostgreSQL too.
create domain datetime as timestamptz;
create domain blob as bytea;
create domain sorttext as text collate "C";
