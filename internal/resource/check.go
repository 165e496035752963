package resource

import (
	"context"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// nonPractitioner is the profile type C of MEM-1: who receives no patients.
const nonPractitioner = "non_practitioner"

// check cleans what was typed about a resource of a type and notes in f what must be
// corrected without looking anything up.
func check(f *fault.Fields, t Type, d Details) Details {
	d.Name = line(f, "name", d.Name, MaxName)
	if d.Name != "" && text.Fold(d.Name) == "" && !f.Has("name") {
		f.Add("name", string(text.Empty)) // signs alone are no name that anybody could look for
	}
	if d.Detail = strings.TrimSpace(d.Detail); d.Detail != "" {
		d.Detail = line(f, "detail", d.Detail, MaxDetail)
	}
	d.Address = address(f, t, d.Address)
	if t == Agenda && d.Site.IsZero() {
		f.Add("site", "resource.site_required")
	}
	if !slices.Contains(Kinds(t), d.Kind) {
		f.Add("kind", "resource.kind_unknown")
		return d
	}
	switch {
	case d.Kind == OfPractitioner && d.Holder.IsZero():
		f.Add("holder", "resource.holder_required")
	case d.Kind != OfPractitioner && !d.Holder.IsZero():
		f.Add("holder", "resource.holder_unwanted")
	}
	return d
}

func line(f *fault.Fields, at, s string, limit int) string {
	clean, problem := text.Line(s, limit)
	f.Check(at, string(problem), "Max", limit)
	return clean
}

func address(f *fault.Fields, t Type, typed string) string {
	if strings.TrimSpace(typed) == "" {
		return ""
	}
	if t != MessagingProfile {
		f.Add("address", "resource.address_unwanted")
		return ""
	}
	email, code := account.ParseEmail(typed)
	f.Check("address", code, "Max", account.MaxEmail)
	return email.Address
}

// holder says whether somebody may hold what belongs to a practitioner: a member of the
// organisation, seen by whoever says so, who receives patients, has not left and does not wait to
// be authorised.
func holder(ctx context.Context, tx *store.Tx, f *fault.Fields, h access.Held, id ident.Member) (name string, err error) {
	p, ok, err := findPerson(ctx, tx, h.Org, id)
	switch {
	case err != nil:
		return "", err
	case !ok || !sees(h, id, p):
		f.Add("holder", "resource.holder_not_found")
	case p.profile == nonPractitioner:
		f.Add("holder", "resource.holder_not_practitioner")
	case p.waits: // what is decided of is what was read (INV-16)
		f.Add("holder", "member.not_active")
	}
	return p.name, nil
}

// sees reports whether whoever holds h may know of a member, as package member has it.
func sees(h access.Held, id ident.Member, p person) bool {
	return id == h.Member || h.Has(access.MembersRead, access.OrgScope(h.Org)) || slices.ContainsFunc(p.sites, func(s ident.Site) bool {
		return h.Has(access.MembersRead, access.SiteScope(h.Org, s))
	})
}
