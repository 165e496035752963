package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// judged are the people of a file with what would happen to each, in one transaction.
type judged struct {
	people   []*person
	verdicts []Verdict

	several *enrolment.Several
	created []int // the places of those whom several would create
	edits   []member.EditedOne
	edited  []int
}

// judge says what would happen to people under the rights of by, who are those of members; an
// empty one is somebody new. It is what the check shows and what the commit does.
func (i Imports) judge(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, people []*person, of []target) (*judged, error) {
	j := &judged{people: people, verdicts: make([]Verdict, len(people))}
	for n, p := range people {
		j.verdicts[n] = Verdict{Sites: p.Sites, Roles: p.Roles}
	}
	if err := j.known(ctx, tx, by, in, of); err != nil {
		return nil, err
	}
	if err := j.strangers(ctx, tx, i.Enrolments, by, in, of); err != nil {
		return nil, err
	}
	for n, p := range people {
		if len(p.wrong) > 0 && !of[n].skip {
			j.verdicts[n].refuse(p.wrong)
		}
	}
	return j, nil
}

// target is what is known of whose line it is: a member, nobody yet, or left out.
type target struct {
	member ident.Member
	skip   bool
	aside  Aside
}

// strangers judges those who would be created.
func (j *judged) strangers(ctx context.Context, tx *store.Tx, e enrolment.Enrolments, by access.Actor, in ident.Org, of []target) error {
	var list []enrolment.Create
	for n, p := range j.people {
		if !of[n].member.IsZero() || of[n].skip || p.lone {
			continue
		}
		c := p.Create
		c.Import = of[n].aside.RPPS
		list, j.created = append(list, c), append(j.created, n)
	}
	var err error
	if j.several, err = e.JudgeMany(ctx, tx, by, in, list); err != nil {
		return err
	}
	for k, n := range j.created {
		j.stranger(n, j.several.Judged[k])
	}
	return nil
}

// stranger is the verdict on one who would be created.
func (j *judged) stranger(n int, found enrolment.Judged) {
	p, v := j.people[n], &j.verdicts[n]
	v.Fate, v.Letter = Create, found.Letter
	if found.Err != nil {
		p.refused(fields(found.Err, p))
	}
	for _, doubt := range found.Doubts {
		v.Notes = append(v.Notes, Point{Code: doubt})
	}
	switch {
	case found.Withheld:
		v.Notes = append(v.Notes, Point{Column: Email, Code: noteWithheld})
	case p.Email == "":
		v.Notes = append(v.Notes, Point{Column: Email, Code: noteNoAddress})
	}
}

// known judges those who are members already.
func (j *judged) known(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, of []target) error {
	var ids []ident.Member
	for n, p := range j.people {
		switch {
		case of[n].skip:
			j.verdicts[n].Fate, j.verdicts[n].Notes = Nothing, []Point{{Code: noteSkipped}}
		case !of[n].member.IsZero() && !p.lone:
			ids, j.edited = append(ids, of[n].member), append(j.edited, n)
		}
	}
	var err error
	j.edits, err = member.EditMany(ctx, tx, by, in, ids, func(k int, m member.Placed) member.Change {
		n := j.edited[k]
		j.verdicts[n].Notes = notesOf(j.people[n], &m)
		return j.people[n].change(&m.Member, of[n].aside)
	})
	for k := range j.edits {
		j.change(j.edited[k], &j.edits[k])
	}
	return err
}

// notesOf says what a file does not change of a member.
func notesOf(p *person, m *member.Placed) []Point {
	var list []Point
	if p.Cells[Sites] != "" && !sameSites(p.Sites, m.Sites) {
		list = append(list, Point{Column: Sites, Code: notePlaces})
	}
	if m.Status == member.Deactivated {
		list = append(list, Point{Code: noteDeactivated})
	}
	return list
}

func sameSites(a, b []ident.Site) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// change is the verdict on one who is a member.
func (j *judged) change(n int, e *member.EditedOne) {
	p, v := j.people[n], &j.verdicts[n]
	v.Fate, v.Member, v.Name = Nothing, e.Before.ID, e.Before.Name()
	if errors.Is(e.Err, member.ErrNotFound) {
		p.mark("", codeNoMember, nil)
		return
	}
	if e.Err != nil {
		p.refused(fields(e.Err, p))
		return
	}
	for _, f := range e.Fields {
		v.Changes = append(v.Changes, Changed{f.Name, fmt.Sprint(f.Before), fmt.Sprint(f.After)})
	}
	if len(v.Changes) > 0 {
		v.Fate = Update
	}
	for _, doubt := range e.Warnings {
		v.Notes = append(v.Notes, Point{Code: doubt})
	}
}

// change is what a line says of a member that differs; an empty cell says nothing.
func (p *person) change(m *member.Member, found Aside) member.Change {
	c := member.Change{
		Title: typed(p.Title, m.Title), GivenName: typed(p.GivenName, m.GivenName), FamilyName: typed(p.FamilyName, m.FamilyName),
		Function: typed(p.Function, m.Function), ProfileType: typed(p.ProfileType, m.ProfileType), Reach: typed(p.Reach, m.Reach),
		Phone: typed(p.Phone, m.Phone), MSSante: typed(p.MSSante, m.MSSante), SIRET: typed(p.SIRET, m.SIRET),
		AMNumber: typed(p.AMNumber, m.AMNumber),
	}
	if key, code := account.ParseEmail(m.Email); p.Email != "" && (code != "" || key.Key != p.key) {
		c.Email = &p.Email
	}
	if p.RPPS != "" && p.rpps != m.RPPS {
		c.RPPS, c.Import = &p.RPPS, found.RPPS
	}
	if !saidAlready(p.ProfessionCode, p.Profession, m.ProfessionCode, m.Profession) {
		c.ProfessionCode, c.Profession = coding(p.ProfessionCode, p.Profession)
	}
	if !saidAlready(p.SpecialtyCode, p.Specialty, m.SpecialtyCode, m.Specialty) {
		c.SpecialtyCode, c.Specialty = coding(p.SpecialtyCode, p.Specialty)
	}
	return c
}

// typed is nil for an empty cell, and for what the member has already.
func typed[T ~string](is, was T) *T {
	if is == "" || is == was {
		return nil
	}
	return &is
}

// saidAlready reports whether a value of a national list, or free text, is what the member
// has. The label of a code may be written in another way than the directory writes it.
func saidAlready(code, free, hasCode, has string) bool {
	switch {
	case code == "" && free == "":
		return true
	case code != "":
		return code == hasCode
	}
	return text.Fold(free) == text.Fold(has) || strings.EqualFold(free, hasCode)
}

// coding is a code, or free text, as an edition takes it.
func coding(code, free string) (c, f *string) {
	if code != "" {
		return &code, nil
	}
	return nil, &free
}
