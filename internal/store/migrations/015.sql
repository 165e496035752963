-- Spreadsheets of members (MEM-14): package exchange.

-- A file that was sent: what was read of it, how far its check is, what came of it.
--   checking  its lines are judged by a job; progress is the part done, in hundredths
--   ready     judged: shown, and may be committed
--   done      committed: every line, in one transaction
--   failed    the check could not be done; code says why
-- columns are those of the file that were understood, one a line, in its order; ignored are the
-- others. made_by sent it; checked_by is on whose authority it is checked, as an invitation
-- writes it. round tells the last check from those before.
create table member_import (
  org_id text not null references org (id),
  id text not null,
  state text not null constraint member_import_state_ck check (state in ('checking', 'ready', 'done', 'failed')),
  format text not null constraint member_import_format_ck check (format in ('csv', 'xlsx')),
  file_name text not null,
  columns text not null,
  ignored text not null,
  latin boolean not null,
  invites boolean not null,
  language text not null,
  total bigint not null,
  progress bigint not null,
  round bigint not null,
  code text not null,
  made_by text not null,
  checked_by text not null,
  made_by_name text not null,
  done_by_name text not null default '',
  created_at datetime not null,
  checked_at datetime,
  done_at datetime,
  primary key (org_id, id)
);
create index member_import_created_at on member_import (created_at);

-- A line of it. cells are what was read, as a document. choice is what a person decided of it:
-- 'new', 'skip' or the ID of the member who it is. verdict is what would happen, as a document.
create table member_import_line (
  org_id text not null,
  import_id text not null,
  no bigint not null,
  cells text not null,
  choice text not null,
  fate text not null constraint member_import_line_fate_ck check (fate in ('', 'create', 'update', 'nothing', 'error')),
  undecided boolean not null,
  letter text not null constraint member_import_line_letter_ck check (letter in ('', 'goes', 'withheld')),
  verdict text not null,
  primary key (org_id, import_id, no),
  foreign key (org_id, import_id) references member_import (org_id, id)
);

-- What happened to a line, written with what it did.
create table member_import_result (
  org_id text not null,
  import_id text not null,
  no bigint not null,
  result text not null constraint member_import_result_ck check (result in ('invited', 'joined', 'created', 'updated', 'nothing')),
  member_id text,
  primary key (org_id, import_id, no),
  foreign key (org_id, import_id, no) references member_import_line (org_id, import_id, no),
  foreign key (org_id, member_id) references member (org_id, id)
);
