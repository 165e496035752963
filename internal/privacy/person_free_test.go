package privacy

// bySpecial are the columns that functions of their nouns erase, and which does.
var bySpecial = columns(map[string][]string{
	"package audit: the payload goes whole (EraseSome)": {
		"audit_payload.payload", "audit_payload.salt", "audit_name.folded", "audit_name.actor",
	},
	"member.Erase: every version of the membership": {
		"member_state.title", "member_state.specialty_code", "member_state.specialty", "member_state.sort_key",
		"member_state.siret", "member_state.search", "member_state.rpps", "member_state.profession_code", "member_state.profession",
		"member_state.phone", "member_state.mssante", "member_state.keywords", "member_state.identity_body",
		"member_state.given_name", "member_state.family_name", "member_state.email", "member_state.am_number",
	},
	"account.Erase: every version of the account": {
		"account_state.title", "account_state.given_name", "account_state.family_name", "account_state.email_key",
		"account_state.email",
	},
	"dossier.ErasePapers: the papers, with their bytes": {
		"file_chunk.sealed", "file.sum", "document.sum",
	},
	"limit.Forget: counters of letters to an address": {
		"counter.subject",
	},
	"directory.Forget: what the national directory answered": {
		"directory_cache.url", "directory_cache.body",
	},
	"review.Forget: their part of each file; the signed core names nobody": {
		"review_part.body", "review_part.salt", "review_part.part", "review_person.photograph", "review_person.comment",
		"review_person.judged", "review_person.drops", "review_file.core",
	},
	"dropped whole when somebody is erased: it is made again without them": {
		"org_export_chunk.sealed", "data_export_chunk.sealed",
	},
	"finished jobs lose theirs; of one that waits, the letter goes to them and it goes with it": {
		"job.sealed",
	},
})

// free are the columns that hold nothing of anybody, each with its reason.
var free = columns(map[string][]string{
	"what an organisation or a site is called and where it is, as it publishes it": {
		"org.slug", "org_state.enamel", "org_state.name", "org_state.search", "org_state.sort_key", "site_state.city",
		"site_state.finess", "site_state.name", "site_state.phone", "site_state.postal_code", "site_state.search",
		"site_state.sort_key", "site_state.street",
	},
	"the public national directory: made from its files, in no backup, not kept by us about members": {
		"directory_index_label.code", "directory_index_label.kind", "directory_index_label.label", "directory_index_line.body",
		"directory_index_load.about", "directory_index_term.lines", "directory_index_term.term",
	},
	"the name that a connected application gives to a thing of its own, never a member": {
		"change_line.records", "record_group_record.record", "webhook.url", "work_item.source", "work_item_sealed.source",
	},
	"a digest, a key or a seal: nobody can be read from it": {
		"audit_event.hash", "audit_event.payload_hash", "audit_event.prev_hash", "audit_head.hash", "directory_cache.etag",
		"account_merge.undo_hash", "invitation.token_hash", "org_export.sum", "review_file.signature", "sign_in_guard.subject", "webhook.secret",
		"webhook.secret_before",
	},
	"machinery: it holds no words of people": {
		"audit_backlog.chain", "audit_event.chain", "audit_head.chain", "audit_payload.chain", "counter.name",
		"data_export.language", "data_export.state", "erasure.place", "erasure.stage", "installation_fact.name",
		"installation_fact.value", "job.kind", "job.lease", "job.unique_key", "org_exit.stage", "org_export.lease",
		"org_version.recent", "retention_mark.chain", "retention_mark.class", "retention_removed.chain", "retention_removed.kind",
		"webhook_delivery.lease",
	},
	"an ID of ours, or several: it names nobody, and stays for the trail": {
		"access_grant.given_by", "approval.sites", "audit_event.actor", "audit_event.object", "audit_event.on_behalf_of",
		"audit_event.site", "audit_event.subject", "change_line.detail", "change_line.object", "data_export.asked_by",
		"delegation.given_by", "departure.into_member", "departure_choice.chosen_by", "departure_choice.to_member",
		"departure_step.object", "departure_step.to_member", "erasure.asked_by", "erasure.subject", "event.object", "event.site",
		"event.subject", "event_waiting.subject", "member_import.checked_by", "member_import_line.choice",
		"member_permission.given_by", "member_role.given_by", "member_site.given_by", "org_exit.asked_by", "org_exit.told",
		"org_export.asked_by", "record_group_member.given_by", "review.ended_by", "review.opened_by", "review_person.decided_by",
		"webhook.owner",
	},
	"one of our own words, or a code: it describes no person by itself": {
		"access_grant.level", "account_state.language", "account_state.platform_role", "account_state.status", "approval.language",
		"approval.status", "audit_event.actor_kind", "audit_event.code", "audit_event.outcome", "audit_event.verb",
		"audit_event.via", "change_line.after_value", "change_line.before_value", "change_line.domain", "change_set.kind",
		"change_set.part_of", "decision_log.action", "decision_log.code", "decision_log.resource_type", "decision_log.subject_type",
		"delegation.act", "delegation.state", "departure.day", "departure.kind", "departure.refused", "departure.stage",
		"account_merge.state", "departure.state", "departure_choice.state", "departure_choice.why", "departure_stay.code", "departure_stay.what",
		"departure_step.code", "departure_step.stage", "departure_step.what", "document.kind", "document.media_type",
		"document.state", "dossier_ruling.decision", "event.kind", "event_waiting.kind", "file.media_type", "invitation.function",
		"invitation.language", "invitation.status", "invitation.welcome", "invitation_level.level", "invitation_role.scope",
		"job.state", "member_import.code", "member_import.format", "member_import.language", "member_import.state",
		"member_import_line.fate", "member_import_line.letter", "member_import_result.result", "member_permission.permission",
		"member_permission.scope", "member_role.scope", "member_state.function", "member_state.identity_source",
		"member_state.messaging_reach", "member_state.profile_type", "member_state.status", "member_state.verification",
		"message_delivery.state", "org_export.state", "org_state.kind", "org_state.status", "record_group_state.status",
		"resource.type", "resource_state.kind", "resource_state.status", "review.function", "review.state", "review_person.code",
		"review_person.decision", "review_person.leaves", "review_person.outcome", "right_use.action", "right_use.type", "role.builtin",
		"role_permission.permission", "role_state.status", "setup_link.purpose", "site_state.status", "webhook.kinds",
		"webhook.status", "webhook.why", "webhook_delivery.outcome", "webhook_delivery.state", "work_item.kind", "work_item.state",
		"work_item_count.kind", "work_item_sealed.kind",
	},
})

// columns gives each column its reason.
func columns(reasons map[string][]string) map[string]string {
	out := map[string]string{}
	for why, list := range reasons {
		for _, c := range list {
			out[c] = why
		}
	}
	return out
}
