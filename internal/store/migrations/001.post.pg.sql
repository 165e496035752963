-- The audit trail only grows: the database itself refuses the rest.
create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail only grows';
end $$;
create trigger audit_event_no_update before update on audit_event for each row execute function audit_refuse();
create trigger audit_event_no_delete before delete on audit_event for each row execute function audit_refuse();
create trigger audit_event_no_truncate before truncate on audit_event for each statement execute function audit_refuse();
create trigger audit_payload_no_update before update on audit_payload for each row execute function audit_refuse();
