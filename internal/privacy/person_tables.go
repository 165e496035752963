package privacy

import (
	"slices"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/approval"
	"habilis/internal/changeset"
	"habilis/internal/credential"
	"habilis/internal/decision"
	"habilis/internal/departure"
	"habilis/internal/dossier"
	"habilis/internal/draft"
	"habilis/internal/exchange"
	"habilis/internal/grant"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/message"
	"habilis/internal/preference"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// tables are all that nouns say of their tables, in the order in which rows may go.
var tables = slices.Concat(
	account.Personal, credential.Personal, session.Personal, token.Personal, draft.Personal,
	member.Personal, grant.Personal, recordgroup.Personal, resource.Personal, role.Personal, preference.Personal, setting.PersonalData,
	workitem.Personal, changeset.Personal, invitation.Personal, dossier.Personal, approval.Personal, message.Personal, decision.Personal,
	departure.Personal, merge.Personal, exchange.Personal, webhook.Personal, own, action.Personal, job.Personal,
)

// own are those of this package.
var own = []store.Personal{
	{Table: "org_exit", Key: []string{"org_id"}, Names: map[string][]string{"asked_by": {"asked_name"}}, Words: []string{"asked_name"}},
	{
		Table: "org_export", Key: []string{"org_id", "id"}, Names: map[string][]string{"asked_by": {"asked_name"}},
		Words: []string{"asked_name"},
	},
}

// within gives the tables of an organisation, or those of accounts.
func within(org bool) (list []store.Personal) {
	for _, p := range tables {
		if p.Everywhere != org {
			list = append(list, p)
		}
	}
	return list
}

// machinery are tables of no organisation in which anything may be written: they are looked through
// with each erasure.
func machinery() []store.Personal {
	return slices.DeleteFunc(within(false), func(p store.Personal) bool { return len(p.Words) == 0 })
}

// worded are the tables that an erasure looks through, in order.
func worded(org bool) []store.Personal {
	if !org {
		return machinery()
	}
	list := slices.DeleteFunc(within(true), func(p store.Personal) bool { return len(p.Words) == 0 })
	return append(list, machinery()...)
}
