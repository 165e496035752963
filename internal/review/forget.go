package review

import (
	"context"
	"slices"
	"strings"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Forget erases what reviews say of somebody, for package privacy, before package member forgets their
// name: who they are and what was said of them, in every file and in every campaign, the names of what
// they hold or held, and whatever names them, under any name that they had, however it is written. The
// IDs, the rights and the decisions stay, and the signatures with them. It may be done again.
func Forget(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) error {
	parts := []string{m.String(), m.String() + commentOf}
	for _, more := range []func(context.Context, *store.Tx, ident.Org, ident.Member) ([]string, error){accountsOf, thingsOf, photographed} {
		list, err := more(ctx, tx, org, m)
		if err != nil {
			return err
		}
		parts = append(parts, list...)
	}
	if err := forgetParts(ctx, tx, org, parts); err != nil {
		return err
	}
	if err := forgetComments(ctx, tx, org, m); err != nil {
		return err
	}
	return forgetNames(ctx, tx, org, m)
}

// photographed are the things that somebody held in any campaign.
func photographed(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) (things []string, err error) {
	kept, err := photographsOf(ctx, tx, org, m)
	if err != nil {
		return nil, err
	}
	for _, s := range kept {
		held, err := parseRights(s)
		if err != nil {
			return nil, err
		}
		for _, r := range held.holdings() {
			things = append(things, r.Object)
		}
	}
	return things, nil
}

// forgetNames erases what names somebody, whomever it is said of.
func forgetNames(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) error {
	had, err := namesOf(ctx, tx, org, m)
	if err != nil {
		return err
	}
	others, err := othersNames(ctx, tx, org, m)
	if err != nil {
		return err
	}
	forms := formsOf(had, others)
	if len(forms) == 0 {
		return nil
	}
	parts, comments, err := saidIn(ctx, tx, org, func(s string) bool { return names(s, forms) })
	if err != nil {
		return err
	}
	for _, v := range parts {
		if err := forgetPart(ctx, tx, org, v); err != nil {
			return err
		}
	}
	for _, v := range comments {
		if err := forgetComment(ctx, tx, org, v); err != nil {
			return err
		}
	}
	return nil
}

// civilities are what stands before a family name, folded.
var civilities = []string{"m", "mr", "monsieur", "mme", "madame", "mlle", "mademoiselle", "dr", "docteur", "pr", "professeur"}

// formsOf are the folded forms under which somebody is named: their addresses, their full names, which
// nobody else of the organisation has, and their family names after a civility, likewise.
func formsOf(had, others []called) (forms []string) {
	full, families := map[string]bool{}, map[string]bool{}
	for _, o := range others {
		full[text.Fold(o.given+" "+o.family)] = true
		families[text.Fold(o.family)] = true
	}
	for _, v := range had {
		given, family := text.Fold(v.given), text.Fold(v.family)
		forms = append(forms, text.Fold(v.email))
		if given != "" && family != "" && !full[given+" "+family] {
			forms = append(forms, given+" "+family, family+" "+given)
		}
		if family == "" || families[family] {
			continue
		}
		for _, c := range civilities {
			forms = append(forms, c+" "+family)
		}
	}
	forms = slices.DeleteFunc(forms, func(f string) bool { return f == "" })
	slices.Sort(forms)
	return slices.Compact(forms)
}

// names reports whether a text holds one of the forms, as whole words.
func names(s string, forms []string) bool {
	folded := " " + text.Fold(s) + " "
	return slices.ContainsFunc(forms, func(f string) bool { return strings.Contains(folded, " "+f+" ") })
}
