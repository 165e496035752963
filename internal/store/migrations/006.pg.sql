-- The local index of the Annuaire Santé's bulk files (DIR-1). With SQLite it is a file of
-- its own. `habilis directory load` makes new tables beside these and swaps them in one
-- transaction; they are made anew from the files, so that no backup holds them.
create table directory_index_line (id bigint not null primary key, person bigint not null, hash bigint not null, body text not null);
create index directory_index_line_person on directory_index_line (person, hash);
create table directory_index_term (term text collate "C" not null, segment bigint not null, lines bytea not null);
create index directory_index_term_term on directory_index_term (term, segment);
create table directory_index_label (kind text collate "C" not null, code text collate "C" not null, label text not null);
create index directory_index_label_code on directory_index_label (code, kind);
create table directory_index_load (about text not null);
