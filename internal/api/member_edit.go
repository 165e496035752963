package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/member"
)

type editMemberInput struct {
	InMember
	Versioned

	Body memberChange
}

// memberChange has no field for what is imported: the server looks it up itself.
type memberChange struct {
	Title          *titleText       `json:"title,omitempty"`
	GivenName      *string          `json:"given_name,omitempty" doc:"An imported name changes with the directory only."`
	FamilyName     *string          `json:"family_name,omitempty"`
	Function       *functionCode    `json:"function,omitempty"`
	Email          *string          `json:"email,omitempty" doc:"Only without account and invitation: else the person's own."`
	ProfileType    *profileType     `json:"profile_type,omitempty" doc:"The others become regulated once, with their first RPPS."`
	RPPS           *string          `json:"rpps,omitempty" doc:"Looked up in the Annuaire Santé. Once saved it never changes."`
	Activity       *string          `json:"activity,omitempty" doc:"With rpps, of several activities: the chosen one's ID."`
	Profession     *codedChange     `json:"profession,omitempty"`
	Specialty      *codedChange     `json:"specialty,omitempty"`
	Phone          *string          `json:"phone,omitempty"`
	MSSante        *string          `json:"mssante,omitempty"`
	SIRET          *string          `json:"siret,omitempty"`
	AMNumber       *string          `json:"am_number,omitempty"`
	MessagingReach *reach           `json:"messaging_reach,omitempty"`
	Locum          absent[newLocum] `json:"locum,omitzero" doc:"null ends the replacement."`
}

// codedChange is a value of a national list, by its code; or free text.
type codedChange struct {
	Code  *string `json:"code,omitempty" doc:"The label comes from the list."`
	Label *string `json:"label,omitempty" doc:"Free text, when there is no code."`
}

// newLocum is whom a practitioner shall replace, and when.
type newLocum struct {
	Member memberID `json:"member,omitempty" doc:"The replaced member of the organisation; or a name."`
	Name   string   `json:"name,omitempty" example:"Claire Morvan"`
	From   string   `json:"from" doc:"First day, by the calendar of metropolitan France." example:"2026-12-01"`
	Until  string   `json:"until" doc:"Last day, included." example:"2026-12-31"`
}

func (l *newLocum) locum() *member.Locum {
	return &member.Locum{For: ident.Member(l.Member), Name: l.Name, From: l.From, Until: l.Until}
}

// absent is a field that may be left out, given as null, or given: three answers.
type absent[T any] struct {
	given bool
	value *T
}

// UnmarshalJSON is called for null too, and not for a field that was left out.
func (a *absent[T]) UnmarshalJSON(b []byte) error {
	a.given = true
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	a.value = new(T)
	return json.Unmarshal(b, a.value)
}

// Schema is that of the value, or null.
func (absent[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), false, "")
	s.Nullable = true
	return &s
}

func (s *Server) aboutMemberEdition(d *door) {
	add(d, route{
		id: "editMember", method: http.MethodPatch, path: "/organizations/{org}/members/{mbr}", tag: tagMembers, summary: "Edit a member",
		about: "This organisation's member only: never the person's account, nor their other organisations. What is left out stays as it " +
			"is. Needs members.edit in the organisation, or at every site of the member.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.editMember)
}

func (s *Server) editMember(ctx context.Context, in *editMemberInput) (*reply[MemberSheet], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	of, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	id := known(ident.ParseMember, in.Member)
	c := in.Body.change()
	if c.Import, err = s.firstIdentity(ctx, in.By, of, id, in.Body); err != nil {
		return nil, err
	}
	v, err := s.Members.Edit(ctx, in.By, of, id, c, version)
	return in.call.sheet(ctx, v, err)
}

func (b memberChange) change() member.Change {
	c := member.Change{
		Title: word(b.Title), GivenName: b.GivenName, FamilyName: b.FamilyName, Function: word(b.Function), Email: b.Email,
		ProfileType: (*member.ProfileType)(b.ProfileType), RPPS: b.RPPS, Phone: b.Phone, MSSante: b.MSSante, SIRET: b.SIRET,
		AMNumber: b.AMNumber, Reach: (*member.Reach)(b.MessagingReach),
	}
	if b.Profession != nil {
		c.ProfessionCode, c.Profession = b.Profession.Code, b.Profession.Label
	}
	if b.Specialty != nil {
		c.SpecialtyCode, c.Specialty = b.Specialty.Code, b.Specialty.Label
	}
	if b.Locum.given {
		c.Locum = new(*member.Locum)
		if b.Locum.value != nil {
			*c.Locum = b.Locum.value.locum()
		}
	}
	return c
}

func word[T ~string](v *T) *string {
	if v == nil {
		return nil
	}
	s := string(*v)
	return &s
}

// firstIdentity looks up the first RPPS of a member whom the caller may edit. One that
// is not to be saved is left for Edit to refuse.
func (s *Server) firstIdentity(ctx context.Context, by access.Actor, of ident.Org, id ident.Member, b memberChange,
) (*directory.Import, error) {
	if b.RPPS == nil {
		return nil, nil //nolint:nilnil // nothing is imported
	}
	rpps, wrong := identifier.ParseRPPS(*b.RPPS)
	sheet, err := s.Members.Get(ctx, by, of, id)
	if err != nil || wrong != nil || sheet.RPPS != "" || !sheet.May.Edit {
		return nil, err
	}
	return s.published(ctx, by, rpps, b.Activity)
}

// published looks an RPPS up in the directory: nil when nobody could say, or does not
// know it. Of several activities the caller chooses one (MEM-2).
func (s *Server) published(ctx context.Context, by access.Actor, rpps identifier.RPPS, activity *string) (*directory.Import, error) {
	found, err := s.Directory.Find(ctx, by, directory.Search{RPPS: string(rpps)})
	if fault.Is(err, fault.Unavailable) || err == nil && len(found.Practitioners) == 0 {
		return nil, nil //nolint:nilnil // not checked: manual entry goes on (DIR-1)
	}
	if err != nil {
		return nil, err
	}
	p := found.Practitioners[0]
	i := &directory.Import{Origin: found.Origin, AsOf: found.AsOf, Practitioner: p}
	switch {
	case activity != nil:
		i.Activity = *activity
		if _, found := p.Activity(i.Activity); !found {
			return nil, fault.OnField("activity", "member.activity_unknown")
		}
	case len(p.Activities) > 1:
		return nil, fault.OnField("activity", "member.activity_required")
	case len(p.Activities) == 1:
		i.Activity = p.Activities[0].ID
	}
	return i, nil
}
