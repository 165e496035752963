package dated

import (
	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
)

// The verbs. What package event tells of each is what it tells of the act that does the same.
const (
	verbRights      = "rights.date_passed"
	verbDelegation  = "delegation.date_passed"
	verbGroup       = "group.date_passed"
	verbMemberBegin = "member.begin"
	verbMemberEnd   = "member.end"
)

// record records what passed: of the rights of a member at one place one entry, of the rest
// one each.
func record(tx *action.Tx, org ident.Org, all []passed) {
	type about struct {
		member ident.Member
		site   ident.Site
	}
	rights := map[about]*audit.Event{}
	var order []*audit.Event
	for i := range all {
		p := &all[i]
		e := p.event(org)
		if e.Verb != verbRights {
			order = append(order, &e)
			continue
		}
		k := about{p.member, p.site}
		if rights[k] == nil {
			rights[k] = &e
			order = append(order, &e)
		}
		p.add(rights[k])
	}
	for _, e := range order {
		tx.Record(*e)
	}
}

// event is the entry of what passed, without the facts of rights.
func (p *passed) event(org ident.Org) audit.Event {
	e := audit.Event{
		Org: org, Verb: verbRights, Object: p.member.String(), Subject: p.member.String(), Site: p.site,
		Names: map[string]string{"member": p.memberName},
	}
	if p.siteName != "" {
		e.Names["site"] = p.siteName
	}
	facts := map[string]any{}
	switch p.of {
	case membership:
		e.Verb = verbMemberEnd
		if p.begins {
			e.Verb = verbMemberBegin
		}
		return e
	case delegation:
		e.Verb, e.Object, e.Names["resource"] = verbDelegation, p.row, p.name
		facts = map[string]any{"act": p.detail, "identity": p.object, "delegate": p.member.String()}
	case group:
		e.Verb, e.Object, e.Names["group"] = verbGroup, p.object, p.name
		facts[p.word()] = p.at
	case role, permission, level:
		return e
	}
	if p.begins {
		e.After = facts
	} else {
		e.Before = facts
	}
	return e
}

// word is how the trail calls the date.
func (p *passed) word() string {
	if p.begins {
		return "starts_at"
	}
	return "ends_at"
}

// add puts a right into the entry of all of them: what began after, what ended before.
func (p *passed) add(e *audit.Event) {
	if e.Before == nil {
		e.Before, e.After = map[string]any{}, map[string]any{}
	}
	side := e.Before
	if p.begins {
		side = e.After
	}
	scope := access.Scope{Org: e.Org, Site: p.site}.Code()
	key, fact := "roles", map[string]any{"role": p.object, "built_in": p.detail, "name": p.name, "scope": scope}
	switch p.of {
	case permission:
		key, fact = "permissions", map[string]any{"permission": p.object, "scope": scope}
	case level:
		key, fact = "levels", map[string]any{"member": p.member.String(), "resource": p.object, "name": p.name, "level": p.detail}
		if !p.site.IsZero() {
			fact["site"] = p.site.String()
		}
	case membership, role, delegation, group:
	}
	list, _ := side[key].([]any)
	side[key] = append(list, fact)
}
