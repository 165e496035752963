package api

import (
	"context"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/org"
)

// InOrg is the input of a route of an organisation.
type InOrg struct {
	Caller

	Org string `path:"org" doc:"The organisation: its ID or its slug." example:"tilleuls"`
}

// InMember is the input of a route of one member.
type InMember struct {
	InOrg

	Member string `path:"mbr" doc:"The member's ID." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

// InSite is the input of a route of one site.
type InSite struct {
	InOrg

	Site string `path:"ste" doc:"The site's ID." example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"`
}

// Versioned is the part of an input that names the version being changed.
type Versioned struct {
	IfMatch string `header:"If-Match" doc:"The ETag of the version that the change was made from." example:"\"3\""`
}

// Paged is the part of an input that chooses a page of a list.
type Paged struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many items at most."`
	Cursor string `query:"cursor" doc:"The next_cursor of the page before; empty for the first page."`
}

// nowhere names no object: no identifier is ever made of it.
const nowhere = "00000000-0000-0000-0000-000000000000"

// known reads an identifier of a path. What cannot be one is looked for all the
// same, under a name that nothing bears: the caller gets the very answer of an
// object that does not exist (ENU-03).
func known[K ident.Kind](parse func(string) (ident.ID[K], error), s string) ident.ID[K] {
	id, err := parse(s)
	if err == nil {
		return id
	}
	prefix, _, _ := strings.Cut(string(ident.New[K]()), "_")
	return ident.ID[K](prefix + "_" + nowhere)
}

// org finds the organisation that a request names by ID or slug. One that the path does not
// name is entered here, as those of paths were at the door (call.enter).
func (s *Server) org(ctx context.Context, in InOrg) (ident.Org, error) {
	id, err := s.named(ctx, in)
	if err == nil && in.call != nil && in.call.r.PathValue("org") == "" {
		err = s.Logins.Entry(ctx, in.By, id)
	}
	return id, err
}

func (s *Server) named(ctx context.Context, in InOrg) (ident.Org, error) {
	if id, err := ident.ParseOrg(in.Org); err == nil {
		return id, nil
	}
	if len(in.Org) > org.MaxSlug || strings.HasPrefix(in.Org, "org_") {
		return known(ident.ParseOrg, ""), nil
	}
	return s.Orgs.Find(ctx, in.By, in.Org)
}

// presented is what an edit begins from: the organisation, the version that its caller read, and
// the document as it is now, onto which what was sent goes.
func presented[T any](
	ctx context.Context, s *Server, in InOrg, v Versioned, read func(context.Context, access.Actor, ident.Org) (T, error),
) (org ident.Org, rev int64, now T, err error) {
	if rev, err = v.version(); err != nil {
		return org, rev, now, err
	}
	if org, err = s.org(ctx, in); err != nil {
		return org, rev, now, err
	}
	now, err = read(ctx, in.By, org)
	return org, rev, now, err
}

// version reads the version that an If-Match header names. Errors: errNoVersion
// without one; errStale for an entity tag that is none of ours.
func (v Versioned) version() (int64, error) {
	if v.IfMatch == "" || v.IfMatch == "*" {
		return 0, errNoVersion // "whatever it is now" is how changes get lost (RAC-07)
	}
	tag, ok := strings.CutPrefix(v.IfMatch, `"`)
	tag, closed := strings.CutSuffix(tag, `"`)
	if !ok || !closed || strings.ContainsAny(tag, `",`) {
		if strings.HasPrefix(v.IfMatch, `W/"`) {
			return 0, errStale // a weak tag is never strongly equal (RFC 9110, 8.8.3.2)
		}
		return 0, malformedAt("header.If-Match", "api.if_match")
	}
	n, err := strconv.ParseInt(tag, 10, 64)
	if err != nil || n < 0 || etag(n) != v.IfMatch {
		return 0, errStale
	}
	return n, nil
}

// optional is version for acts that may be asked of whatever is there: 0.
func (v Versioned) optional() (int64, error) {
	if v.IfMatch == "" || v.IfMatch == "*" {
		return 0, nil
	}
	return v.version()
}

// etag writes a version as a strong entity tag.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// scope reads a scope of an organisation; the schema has already checked its shape.
func scope(of ident.Org, code scopeCode) access.Scope {
	s, _ := access.ParseScope(of, string(code))
	return s
}

// or gives the new value when there is one.
func or[T, D ~string](given *T, old D) D {
	if given == nil {
		return old
	}
	return D(*given)
}

// at is the address of an object of this API.
func (s *Server) at(path ...string) string { return s.BaseURL + Prefix + "/" + strings.Join(path, "/") }
