-- What somebody else changed of a member's settings: an account or a token, never a name. Empty: the
-- member, or what happened to them. The member is told of it by letter.

alter table member_setting add column changed_by text not null default '';
