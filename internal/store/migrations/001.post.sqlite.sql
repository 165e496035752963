-- The audit trail only grows: the database itself refuses the rest.
create trigger audit_event_no_update before update on audit_event begin
  select raise(abort, 'the audit trail only grows');
end;
create trigger audit_event_no_delete before delete on audit_event begin
  select raise(abort, 'the audit trail only grows');
end;
create trigger audit_payload_no_update before update on audit_payload begin
  select raise(abort, 'the audit trail only grows');
end;
