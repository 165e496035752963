package preference

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// LanguageOf is in which language an account reads what is of an organisation: their own there,
// else what the organisation sets, else the account's (ADR 0013). Of whom the organisation has
// no member, the account's.
func LanguageOf(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Account, account text.Lang) (text.Lang, error) {
	p, ok, err := placeOf(ctx, tx, org, of)
	if err != nil || !ok {
		return account, err
	}
	return p.own.Over(p.inherited.Personal).Language.Or(account), nil
}

// Language is LanguageOf for whoever asks, on the pages of an organisation.
func (p Preferences) Language(ctx context.Context, by access.Actor, org ident.Org, account text.Lang) (lang text.Lang, err error) {
	if by.Account.IsZero() {
		return account, nil
	}
	err = p.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		lang, err = LanguageOf(ctx, tx, org, by.Account, account)
		return err
	})
	return lang, err
}

// Speak notes that somebody chose a language on a page of an organisation: where another is
// decided for them there, it becomes their own there too, so that the page obeys. Errors: those
// of Edit.
func (p Preferences) Speak(ctx context.Context, by access.Actor, org ident.Org, lang text.Lang) error {
	var v placed
	var mine member.Member
	act := action.Act{Verb: verbRead, Orgs: []ident.Org{org}, Needs: []access.Need{access.MemberOf(org)}}
	version, err := action.View(ctx, p.Run, by, act, func(tx *store.Tx) (rev int64, err error) {
		if v, _, err = placeOf(ctx, tx, org, by.Account); err != nil {
			return 0, err
		}
		if mine, _, err = member.OfAccount(ctx, tx, org, by.Account); err != nil {
			return 0, err
		}
		_, rev, err = current(ctx, tx, org, mine.ID)
		return rev, err
	})
	if err != nil || mine.ID.IsZero() || v.own.Over(v.inherited.Personal).Language.Or(lang) == lang {
		return err
	}
	_, err = p.Edit(ctx, by, org, mine.ID, version, Edit{Language: To(setting.Language(lang))})
	return err
}

// Shortened is a security policy with the sessions of an account no longer than they are to be in
// that organisation (CHG-3).
func Shortened(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Account, s setting.Security) (setting.Security, error) {
	p, ok, err := placeOf(ctx, tx, org, of)
	if err != nil || !ok {
		return s, err
	}
	return p.own.Over(p.inherited.Personal).Session.Within(s), nil
}

// ShortenedAll does it for the policies of every organisation of an account.
func ShortenedAll(ctx context.Context, tx *store.Tx, of ident.Account, all []setting.OfOrg) ([]setting.OfOrg, error) {
	places, err := placesOf(ctx, tx, of)
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, p := range places {
			if p.org == all[i].Org {
				all[i].Security = p.own.Over(p.inherited.Personal).Session.Within(all[i].Security)
			}
		}
	}
	return all, nil
}

// EraseAtSite is for whoever leaves a site: what they chose for it goes. An alert chosen for that
// site alone stays chosen, through no channel. It joins the caller's transaction, whose record tells of it.
func EraseAtSite(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, site ident.Site) error {
	was, rev, err := current(ctx, tx, org, of)
	if err != nil {
		return err
	}
	next, changed := was.without(site)
	if !changed {
		return nil
	}
	return replace(ctx, tx, org, of, rev+1, next, "")
}

// Erase forgets all that a member had of their own, and was told: their membership is erased.
func Erase(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) error {
	if err := erase(ctx, tx, org, of); err != nil {
		return err
	}
	return eraseSubject(ctx, tx, org, of)
}
