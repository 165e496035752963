package decision

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// MaxViewers bounds the list of who sees a record.
const MaxViewers = 500

// Viewers is who sees a patient record at a moment (RGT-10).
type Viewers struct {
	Record   string
	At       time.Time
	Groups   []Fact // of the record; none: it is in no group
	Unlisted bool   // it is in no group, and such records are open
	Members  []Viewer
	More     bool // there are more than MaxViewers
}

// Viewer is one who sees it.
type Viewer struct {
	ID       ident.Member
	Name     string
	Function string
	Code     Code
	Facts    []Fact // the permission to read records, and the groups shared
	Write    bool   // may write in it, too
}

// Viewers tells who sees a record, for whoever reads the rights of the whole
// organisation: records have no site.
func (i Insight) Viewers(ctx context.Context, by access.Actor, org ident.Org, record string, at time.Time) (Viewers, error) {
	act := action.Act{
		Verb: "decision.read", Orgs: []ident.Org{org}, Object: org.String(),
		Needs: []access.Need{access.At(access.RightsRead, access.OrgScope(org))},
	}
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) (Viewers, error) {
		p := past{ctx: ctx, tx: tx, org: org, at: askedAt(at, tx.Now)}
		return p.viewers(record)
	})
}

func (p past) viewers(record string) (Viewers, error) {
	v := Viewers{Record: record, At: p.at}
	status, found, err := pastOrg(p.ctx, p.tx, p.org, p.at)
	if err != nil || !found || status == "suspended" {
		return v, err
	}
	ids, err := pastRecordGroups(p.ctx, p.tx, p.org, record, p.at)
	if err != nil {
		return v, err
	}
	code, _, err := p.unlisted(nil)
	if err != nil {
		return v, err
	}
	v.Unlisted = len(ids) == 0 && code == RecordUnlisted
	if v.Groups, err = p.groupFacts(ids); err != nil || len(ids) == 0 && !v.Unlisted {
		return v, err
	}
	shared, err := p.sharing(ids)
	if err != nil {
		return v, err
	}
	err = p.seeing(&v, shared)
	return v, err
}

func (p past) groupFacts(ids []string) ([]Fact, error) {
	names, err := namesOf(p.ctx, p.tx, p.org, ids)
	facts := make([]Fact, 0, len(ids))
	for _, id := range ids {
		facts = append(facts, Fact{Kind: FactGroup, ID: id, Name: names[id]})
	}
	return facts, err
}

// sharing are the members of groups, each with the groups they share.
func (p past) sharing(ids []string) (map[ident.Member][]Fact, error) {
	shared := map[ident.Member][]Fact{}
	for _, id := range ids {
		list, err := pastGroupMembers(p.ctx, p.tx, p.org, id, p.at)
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			if g.holds(p.at) {
				shared[g.member] = append(shared[g.member], g.Fact)
			}
		}
	}
	return shared, nil
}

// seeing adds, by name, the members in force who may read records and share a group, or
// need none.
func (p past) seeing(v *Viewers, shared map[ident.Member][]Fact) error {
	read, err := p.holders(string(access.RecordsRead))
	if err != nil {
		return err
	}
	write, err := p.holders(string(access.RecordsWrite))
	if err != nil {
		return err
	}
	people, err := pastPeople(p.ctx, p.tx, p.org, p.at)
	for _, m := range people {
		facts, code := read[m.id], RecordUnlisted
		if len(facts) == 0 || m.away(p.at) != "" {
			continue
		}
		if !v.Unlisted {
			if len(shared[m.id]) == 0 {
				continue
			}
			facts, code = append(slices.Clone(facts), shared[m.id]...), GroupShared
		}
		if v.More = len(v.Members) == MaxViewers; v.More {
			break
		}
		v.Members = append(v.Members, Viewer{ID: m.id, Name: m.name, Function: m.function, Code: code, Facts: facts, Write: len(write[m.id]) > 0})
	}
	return err
}

// holders are the members who hold a permission anywhere, with its sources.
func (p past) holders(permission string) (map[ident.Member][]Fact, error) {
	list, err := pastHolders(p.ctx, p.tx, p.org, permission, p.at)
	held := map[ident.Member][]Fact{}
	for _, g := range list {
		if g.holds(p.at) {
			held[g.member] = append(held[g.member], g.Fact)
		}
	}
	return held, err
}
