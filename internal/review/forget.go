package review

import (
	"context"
	"strings"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Forget erases what reviews say of somebody, for package privacy, before package member forgets their
// name: who they are and what was said of them, in every file and in every campaign, the names of what
// they held, and whatever names them in full. The IDs, the rights and the decisions stay, and the
// signatures with them. It may be done again.
func Forget(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) error {
	parts := []string{m.String(), m.String() + commentOf}
	accounts, err := accountsOf(ctx, tx, org, m)
	if err != nil {
		return err
	}
	parts = append(parts, accounts...)
	kept, err := photographsOf(ctx, tx, org, m)
	if err != nil {
		return err
	}
	for _, s := range kept {
		held, err := parseRights(s)
		if err != nil {
			return err
		}
		for _, r := range held.holdings() {
			parts = append(parts, r.Object)
		}
	}
	if err := forgetParts(ctx, tx, org, parts); err != nil {
		return err
	}
	if err := forgetComments(ctx, tx, org, m); err != nil {
		return err
	}
	return forgetNames(ctx, tx, org, m)
}

// forgetNames erases what names somebody by their address, or in full where nobody else of the
// organisation has that name.
func forgetNames(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) error {
	refs, err := member.Refs(ctx, tx, org, []ident.Member{m})
	if err != nil {
		return err
	}
	v := refs[m]
	words := []string{v.Email}
	alone, err := onlyOne(ctx, tx, org, v)
	if err != nil {
		return err
	}
	if alone && v.GivenName != "" && v.FamilyName != "" {
		words = append(words, v.Name(), v.FamilyName+" "+v.GivenName)
	}
	for _, w := range words {
		if w = strings.TrimSpace(w); w == "" {
			continue
		}
		if err := forgetSaid(ctx, tx, org, w); err != nil {
			return err
		}
	}
	return nil
}
