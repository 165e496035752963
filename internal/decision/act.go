package decision

import "habilis/internal/access"

// The table of rest.md: which types there are, and what is done with each.

// Kinds of resources that are no things with holders.
const (
	kindRecord kind = iota + kindIdentity + 1
	kindMember
	kindDocument
	kindOrganization
	kindSite
)

// typeOf gives the kind of a resource by its type; 0 for a type that is not known.
func typeOf(t string) kind {
	switch t {
	case TypeAgenda:
		return kindAgenda
	case TypeMessagingProfile:
		return kindMessaging
	case TypeIdentity:
		return kindIdentity
	case TypePatientRecord:
		return kindRecord
	case TypeMember:
		return kindMember
	case TypePatientDocument:
		return kindDocument
	case TypeOrganization:
		return kindOrganization
	case TypeSite:
		return kindSite
	}
	return 0
}

// actManage is the number of the highest act on agendas and messaging profiles.
const actManage = 3

// actDraft is the number of draft_consultation among the acts on identities.
const actDraft = 2

// actions lists what is done with a type of resource, in the order of the answers. Of an
// organisation and a site, every permission of the catalogue.
func actions(t kind) []string {
	switch t {
	case kindAgenda:
		return []string{"view_availability", wordRead, wordManage}
	case kindMessaging:
		return []string{wordRead, wordReply, wordManage}
	case kindIdentity:
		return []string{"send", "receive", wordDraft}
	case kindRecord:
		return []string{wordRead, "write"}
	case kindMember:
		return []string{"converse"}
	case kindDocument:
		return []string{"share", "consult"}
	case kindOrganization, kindSite:
		var all []string
		for _, p := range access.Catalogue() {
			all = append(all, string(p))
		}
		return all
	}
	return nil
}

// actOf gives the number of an action: of an agenda or a messaging profile that of the
// level it needs, of an organisation or a site that of the permission.
func actOf(t kind, action string) (uint8, bool) {
	switch t {
	case kindAgenda:
		switch action {
		case "view_availability":
			return 1, true
		case wordRead:
			return 2, true
		case wordManage:
			return actManage, true
		}
	case kindMessaging:
		switch action {
		case wordRead:
			return 1, true
		case wordReply:
			return 2, true
		case wordManage:
			return actManage, true
		}
	case kindIdentity:
		switch action {
		case "send":
			return 0, true
		case "receive":
			return 1, true
		case wordDraft:
			return actDraft, true
		}
	default:
		return rareAct(t, action)
	}
	return 0, false
}

func rareAct(t kind, action string) (uint8, bool) {
	switch t { //nolint:exhaustive // actOf knows the others
	case kindRecord:
		switch action {
		case wordRead:
			return 0, true
		case "write":
			return 1, true
		}
	case kindMember:
		return 0, action == "converse"
	case kindDocument:
		switch action {
		case "share":
			return 0, true
		case "consult":
			return 1, true
		}
	case kindOrganization, kindSite:
		n, ok := catalogue[action]
		return n, ok
	}
	return 0, false
}

// levelOf gives the number of a level of an agenda or a messaging profile; 0 for none.
func levelOf(t kind, l string) uint32 {
	var names []string
	if t == kindAgenda {
		names = levelNames[kindAgenda][:]
	} else {
		names = levelNames[kindMessaging][:]
	}
	for i, n := range names {
		if n == l && i > 0 {
			return uint32(i)
		}
	}
	return 0
}

// levelNames are the levels, from none.
var levelNames = [...][4]string{
	kindAgenda:    {"", "availability", wordRead, wordManage},
	kindMessaging: {"", wordRead, wordReply, wordManage},
}
