package web

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
)

// draftScopes is the kind of the draft of levels at sites: one a person and organisation,
// whatever realm they were typed in.
const draftScopes = "access.scopes"

// errScopesPending refuses more pending changes than one act may make.
var errScopesPending = fault.New(fault.Invalid, "matrix.too_many").With("Max", grant.MaxScopeChanges)

// scopeID is one cell of a matrix of people and sites.
type scopeID struct {
	Member ident.Member
	Scope  access.Scope
	Realm  grant.Realm
}

// code is how a form names a cell.
func (c scopeID) code() string {
	return strings.Join([]string{c.Member.String(), c.Scope.Code(), string(c.Realm)}, ".")
}

// parseScopeCell reads what code wrote.
func (v *visit) parseScopeCell(s string) (scopeID, bool) {
	const parts = 3 // member, scope, realm
	part := strings.Split(s, ".")
	if len(part) != parts {
		return scopeID{}, false
	}
	id, err := ident.ParseMember(part[0])
	at, ok := access.ParseScope(v.org.ID, part[1])
	realm := grant.Realm(part[2])
	return scopeID{id, at, realm}, err == nil && ok && slices.Contains(grant.Realms, realm)
}

// scopeWish is a cell as it is wanted, and the level that was recorded when it was typed.
type scopeWish struct {
	scopeID
	Level, Was grant.ScopeLevel
}

// scopePending is what somebody typed in the realms and has not saved, with what they ticked.
type scopePending struct {
	ID      ident.Draft
	Wishes  []scopeWish
	People  []ident.Member // ticked
	Columns []access.Scope // ticked
}

// find is the place of a cell, -1 when nothing is wanted of it.
func (p *scopePending) find(id scopeID) int {
	return slices.IndexFunc(p.Wishes, func(w scopeWish) bool { return w.scopeID == id })
}

func (p *scopePending) drop(id scopeID) {
	p.Wishes = slices.DeleteFunc(p.Wishes, func(w scopeWish) bool { return w.scopeID == id })
}

// want makes a level pending, or gives the wish up when it is the one recorded.
func (p *scopePending) want(id scopeID, to, was grant.ScopeLevel) {
	n := p.find(id)
	switch {
	case to == was:
		p.drop(id)
	case n >= 0:
		p.Wishes[n] = scopeWish{id, to, was}
	default:
		p.Wishes = append(p.Wishes, scopeWish{id, to, was})
	}
}

// keptScopes is a pending as its draft holds it: IDs once each, since a draft is bounded.
// A wish is "member.scope.realm.level.was".
type keptScopes struct {
	Members []ident.Member `json:"m"`
	Scopes  []string       `json:"s"`
	Wishes  []string       `json:"w"`
	People  []ident.Member `json:"p,omitempty"`
	Columns []string       `json:"c,omitempty"`
}

// keptScopeParts is how many parts a kept wish has.
const keptScopeParts = 5

func (p *scopePending) write() keptScopes {
	k := keptScopes{People: p.People}
	for _, c := range p.Columns {
		k.Columns = append(k.Columns, c.Code())
	}
	for _, w := range p.Wishes {
		m, s := slices.Index(k.Members, w.Member), slices.Index(k.Scopes, w.Scope.Code())
		if m < 0 {
			m, k.Members = len(k.Members), append(k.Members, w.Member)
		}
		if s < 0 {
			s, k.Scopes = len(k.Scopes), append(k.Scopes, w.Scope.Code())
		}
		k.Wishes = append(k.Wishes, strings.Join([]string{
			strconv.Itoa(m), strconv.Itoa(s), string(w.Realm), string(w.Level), string(w.Was),
		}, "."))
	}
	return k
}

// read gives back what write wrote; ok is false for what it did not.
func (k keptScopes) read(in ident.Org, id ident.Draft) (p scopePending, ok bool) {
	p = scopePending{ID: id, People: k.People}
	for _, code := range k.Columns {
		at, ok := access.ParseScope(in, code)
		if !ok {
			return p, false
		}
		p.Columns = append(p.Columns, at)
	}
	for _, s := range k.Wishes {
		part := strings.Split(s, ".")
		if len(part) != keptScopeParts {
			return p, false
		}
		m, err := strconv.Atoi(part[0])
		n, err2 := strconv.Atoi(part[1])
		if err != nil || err2 != nil || m < 0 || n < 0 || m >= len(k.Members) || n >= len(k.Scopes) {
			return p, false
		}
		at, ok := access.ParseScope(in, k.Scopes[n])
		if !ok {
			return p, false
		}
		p.Wishes = append(p.Wishes, scopeWish{
			scopeID{k.Members[m], at, grant.Realm(part[2])}, grant.ScopeLevel(part[3]), grant.ScopeLevel(part[4]),
		})
	}
	return p, true
}

// scopePending reads what this person typed in this organisation and did not save.
func (v *visit) scopePending() (scopePending, error) {
	list, err := v.s.Drafts.List(v.Context(), v.by, v.org.ID, draftScopes)
	if err != nil || len(list) == 0 || v.s.now().Sub(list[0].UpdatedAt) >= levelsKept {
		return scopePending{}, err
	}
	var k keptScopes
	readable := json.Unmarshal([]byte(list[0].Body), &k) == nil
	if p, ok := k.read(v.org.ID, list[0].ID); ok && readable {
		return p, nil
	}
	return scopePending{}, nil // of another version: it can no longer be read
}

// keepScopes keeps it, or forgets the draft when nothing is left.
func (v *visit) keepScopes(p *scopePending) error {
	if len(p.Wishes) > grant.MaxScopeChanges {
		return errScopesPending
	}
	if len(p.Wishes)+len(p.People)+len(p.Columns) == 0 {
		return v.forgetPending(p.ID)
	}
	id, err := v.keepDraft(draftScopes, p.ID, p.write())
	if err == nil {
		p.ID = id
	}
	return err
}
