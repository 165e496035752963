package invitation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

func (w *world) refused(what string, err error, want *fault.Error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("%s: %v, want %s", what, err, want.Code)
	}
}

func (w *world) list(by access.Actor, q Query) List {
	w.Helper()
	l, err := w.i.List(ctx, by, w.org, q)
	if err != nil {
		w.Fatal(err)
	}
	return l
}

func addresses(l List) string {
	var all []string
	for n := range l.Items {
		all = append(all, l.Items[n].Email.Address)
	}
	return strings.Join(all, " ")
}

// MEM-11: pending invitations are listed, expired ones until they are deleted, with
// all that the page shows.
func TestList(t *testing.T) {
	each(t, func(w *world) {
		sent := w.insert(w.batch(w.sites, "old@exemple.fr"))
		w.clock.Add(Life + time.Hour)
		w.bruno.StepUp = w.clock.Now()
		w.insert(w.batch(w.sites[:1], "New@exemple.fr"))
		l := w.list(w.bruno, Query{})
		if addresses(l) != "New@exemple.fr old@exemple.fr" || l.Total != 2 || l.Next != "" {
			w.Fatalf("%+v", l)
		}
		i := l.Items[1]
		if !i.Expired(w.clock.Now()) || l.Items[0].Expired(w.clock.Now()) || !i.MayResend || i.InvitedBy != "Bruno Essai" ||
			!slices.Equal(i.SiteNames, []string{"Aubin", "Pré"}) || len(i.RoleLabels) != 2 || i.RoleLabels[0].BuiltIn != role.Secretary {
			w.Errorf("%+v", i)
		}
		if err := w.i.Delete(ctx, w.bruno, w.org, sent[0].ID); err != nil {
			w.Fatal(err)
		}
		if l := w.list(w.bruno, Query{}); addresses(l) != "New@exemple.fr" {
			w.Errorf("after deletion: %+v", l)
		}
	})
}

// The pages and the cursor give every invitation once, in the same order; a cursor
// opens neither another search nor another organisation, and cannot be made up.
func TestPages(t *testing.T) {
	each(t, func(w *world) {
		var all []string
		for n := range 25 {
			all = append(all, fmt.Sprintf("p%02d@exemple.fr", n))
		}
		w.insert(w.batch(w.sites, all[:20]...)) // one moment: the ID orders them
		w.clock.Add(time.Minute)
		w.insert(w.batch(w.sites, all[20:]...))
		var byPage, byCursor []string
		for page := 1; page <= 4; page++ {
			l := w.list(w.bruno, Query{Page: page, Size: 10})
			byPage = append(byPage, strings.Fields(addresses(l))...)
		}
		q := Query{Size: 7}
		for {
			l := w.list(w.bruno, q)
			byCursor = append(byCursor, strings.Fields(addresses(l))...)
			if q.After = l.Next; l.Next == "" {
				break
			}
		}
		if !slices.Equal(byPage, byCursor) || len(byPage) != 25 || byPage[0] != "p24@exemple.fr" {
			w.Errorf("by page %v\nby cursor %v", byPage, byCursor)
		}
		next := w.list(w.bruno, Query{Size: 7}).Next
		for what, q := range map[string]Query{
			"another search": {Size: 7, After: next, Search: "p"}, "made up": {After: "AAAA"}, "cut": {After: next[:len(next)-1]}, "text": {After: "' or 1=1"},
		} {
			_, err := w.i.List(ctx, w.bruno, w.org, q)
			w.refused(what, err, secret.ErrCursor)
		}
		_, err := w.i.List(ctx, w.olga, w.other, Query{After: next})
		w.refused("another organisation", err, secret.ErrCursor)
	})
}

// The search finds parts of addresses, whatever their case; one or two letters at
// the beginning only; % and _ are signs like others (INJ-04).
func TestSearch(t *testing.T) {
	each(t, func(w *world) {
		w.insert(w.batch(w.sites, "julie.delmas@exemple.fr", "marc_a@exemple.fr", "marcia@exemple.fr", "RENÉ@exemple.fr", "zoe@autre.example"))
		for search, want := range map[string]string{
			"DELMAS": "julie.delmas@exemple.fr", "ju": "julie.delmas@exemple.fr", "ul": "", "c_a": "marc_a@exemple.fr", "%%%": "", "rené": "RENÉ@exemple.fr",
			" zoe@autre.example ": "zoe@autre.example", "' or '1'='1": "",
		} {
			l := w.list(w.bruno, Query{Search: search})
			if addresses(l) != want || l.Total != int64(len(l.Items)) {
				w.Errorf("%q finds %q of %d, want %q", search, addresses(l), l.Total, want)
			}
		}
		_, err := w.i.List(ctx, w.bruno, w.org, Query{Search: strings.Repeat("a", MaxSearch+1)})
		if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Location != "q" {
			w.Errorf("%v", err)
		}
	})
}

// ORG-3, AUZ-06, INV-11: a site administrator sees what is of their site alone; for
// anybody else an invitation does not exist, and nothing changes.
func TestVisibility(t *testing.T) {
	each(t, func(w *world) {
		first := w.insert(w.batch(w.sites[:1], "first@exemple.fr"))[0].ID
		both := w.insert(w.batch(w.sites, "both@exemple.fr"))[0].ID
		second := w.insert(w.batch(w.sites[1:], "second@exemple.fr"))[0].ID
		strong := w.batch(w.sites[:1], "strong@exemple.fr")
		strong.Roles = append(strong.Roles, role.Given{Role: w.administrator, Scope: access.OrgScope(w.org)})
		above := w.insert(strong)[0].ID

		l := w.list(w.tina, Query{})
		if addresses(l) != "strong@exemple.fr first@exemple.fr" || l.Total != 2 || l.Items[0].MayResend || !l.Items[1].MayResend {
			w.Errorf("tina sees %+v", l)
		}
		for _, id := range []ident.Invitation{both, second, ident.NewInvitation()} {
			w.closed("a site administrator", w.tina, w.org, id, ErrNotFound)
			w.closed("another organisation's administrator, there", w.olga, w.org, id, access.ErrNotFound)
			w.closed("another organisation's administrator, at home", w.olga, w.other, id, ErrNotFound)
			w.closed("a member without the right", w.julie, w.org, id, access.ErrForbidden)
			w.closed("nobody", access.Actor{Kind: access.Anonymous}, w.org, id, access.ErrUnauthenticated)
		}
		if i, err := w.i.Get(ctx, w.tina, w.org, first); err != nil || !i.MayResend {
			w.Errorf("%+v %v", i, err)
		}
		if i, err := w.i.Get(ctx, w.tina, w.org, above); err != nil || i.MayResend { // INV-08
			w.Errorf("%+v %v", i, err)
		}
		_, err := w.i.Resend(ctx, w.tina, w.org, above)
		w.refused("sending again what one cannot give", err, ErrMorePowerful)
		w.refused("withdrawing what one cannot give", w.i.Delete(ctx, w.tina, w.org, above), ErrMorePowerful)
		if l := w.list(w.bruno, Query{}); l.Total != 4 {
			w.Errorf("%d are left", l.Total)
		}
		for what, c := range map[string]struct {
			by   access.Actor
			in   ident.Org
			want *fault.Error
		}{
			"julie": {w.julie, w.org, access.ErrForbidden}, "olga": {w.olga, w.org, access.ErrNotFound},
			"nobody": {access.Actor{Kind: access.Anonymous}, w.org, access.ErrUnauthenticated},
		} {
			_, err := w.i.List(ctx, c.by, c.in, Query{})
			w.refused(what, err, c.want)
		}
	})
}

// closed fails unless every act on an invitation has the same refusal.
func (w *world) closed(who string, by access.Actor, in ident.Org, id ident.Invitation, want *fault.Error) {
	w.Helper()
	_, err := w.i.Get(ctx, by, in, id)
	w.refused(who+" reads", err, want)
	_, err = w.i.Resend(ctx, by, in, id)
	w.refused(who+" resends", err, want)
	w.refused(who+" deletes", w.i.Delete(ctx, by, in, id), want)
}

// MEM-11, INV-07: sending again gives 30 days from that day, also when expired, and
// kills the older link; who sends it last answers for it.
func TestResend(t *testing.T) {
	each(t, func(w *world) {
		sent := w.insert(w.batch(w.sites[:1], "x@exemple.fr"))[0]
		w.clock.Add(Life + 24*time.Hour)
		if _, ok := w.opens(sent.Secret.Reveal()); ok {
			w.Error("an expired link opens")
		}
		i, err := w.i.Resend(ctx, w.tina, w.org, sent.ID)
		if err != nil {
			w.Fatal(err)
		}
		if !i.ExpiresAt.Equal(w.clock.Now().Add(Life)) || i.InvitedBy != "tina" || i.Version != 2 || !i.SentAt.Equal(w.clock.Now()) {
			w.Errorf("%+v", i)
		}
		if i.Inviter.Actor.Account != w.tina.Account {
			w.Errorf("it stands on %s", i.Inviter)
		}
		if _, ok := w.opens(sent.Secret.Reveal()); ok {
			w.Error("the older link opens")
		}
		if n := w.count(`select count(*) from job where kind = 'letter.invitation' and args like $1`, `%"version":2%`); n != 1 {
			w.Errorf("%d letters", n)
		}
		if n := w.count(`select count(*) from audit_event where verb = 'invitation.resend' and outcome = $1 and object = $2`, audit.Done, sent.ID); n != 1 {
			w.Errorf("%d lines", n)
		}
	})
}

func (w *world) count(query string, args ...any) (n int64) {
	w.Helper()
	if err := w.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

// What was deleted or accepted is no invitation any more.
func TestDeletedIsNotFound(t *testing.T) {
	each(t, func(w *world) {
		sent := w.insert(w.batch(w.sites, "x@exemple.fr"))[0]
		if err := w.i.Delete(ctx, w.bruno, w.org, sent.ID); err != nil {
			w.Fatal(err)
		}
		w.closed("after deletion", w.bruno, w.org, sent.ID, ErrNotFound)
		if _, ok := w.opens(sent.Secret.Reveal()); ok {
			w.Error("its link opens")
		}
		again := w.insert(w.batch(w.sites, "x@exemple.fr"))[0] // the address is free again
		if _, ok := w.opens(again.Secret.Reveal()); !ok {
			w.Error("the new one does not open")
		}
	})
}

// MEM-11: one pending invitation an organisation and address, by the database itself.
func TestOnePending(t *testing.T) {
	each(t, func(w *world) {
		w.insert(w.batch(w.sites, "x@exemple.fr"))
		err := w.db.Write(ctx, []store.Lock{store.Lock(w.org)}, func(tx *store.Tx) error {
			_, err := Insert(ctx, tx, w.batch(w.sites, "X@exemple.fr"))
			return err
		})
		if !store.Unique(err, "invitation_org_id_email_key_uq") {
			w.Errorf("%v", err)
		}
	})
}

// INV-03: the link is opaque and long, and only its hash is kept.
func TestOnlyTheHashIsKept(t *testing.T) {
	each(t, func(w *world) {
		token := w.insert(w.batch(w.sites, "x@exemple.fr"))[0].Secret.Reveal()
		if len(token) != len("hi_")+43 {
			w.Errorf("%d letters", len(token))
		}
		h, _ := secret.HashToken(secret.Invitation, token)
		if n := w.count(`select count(*) from invitation where token_hash = $1`, h); n != 1 {
			w.Error("not found by its hash")
		}
		if n := w.count(`select count(*) from invitation where token_hash = $1`, []byte(token)); n != 0 {
			w.Error("the token itself is kept")
		}
	})
}

// INV-04, INV-06, INV-07: the statement that spends checks all by itself, whatever
// was read before.
func TestAcceptChecksItself(t *testing.T) {
	each(t, func(w *world) {
		for name, c := range map[string]struct {
			between func(i Invitation)
			ok      bool
		}{
			"nothing":       {func(Invitation) {}, true},
			"a second left": {func(Invitation) { w.clock.Add(Life - time.Second) }, true},
			"expired":       {func(Invitation) { w.clock.Add(Life) }, false},
			"past":          {func(Invitation) { w.clock.Add(Life + time.Second) }, false},
			"deleted":       {func(i Invitation) { w.must(w.i.Delete(ctx, w.bruno, w.org, i.ID)) }, false},
			"sent again": {func(i Invitation) {
				_, err := w.i.Resend(ctx, w.bruno, w.org, i.ID)
				w.must(err)
			}, false},
		} {
			token := w.insert(w.batch(w.sites, strings.ReplaceAll(name, " ", "-")+"@exemple.fr"))[0].Secret.Reveal()
			h, _ := ParseLink(token)
			i, ok := w.opens(token)
			if !ok {
				w.Fatalf("%s: does not open", name)
			}
			c.between(i)
			if err := w.accept(i, h); (err == nil) != c.ok {
				w.Errorf("%s: %v", name, err)
			} else if err != nil {
				w.refused(name, err, ErrGone)
			}
			w.refused(name+", twice", w.accept(i, h), ErrGone)
		}
	})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// accept spends an invitation for julie's account and member.
func (w *world) accept(i Invitation, h secret.Hash) error {
	return w.db.Write(ctx, []store.Lock{store.Lock(w.org)}, func(tx *store.Tx) error {
		m, _, err := member.ByAccount(ctx, tx, w.org, w.julie.Account)
		if err != nil {
			return err
		}
		return Accept(ctx, tx, i, h, m.ID, w.julie.Account)
	})
}

// INV-06: the statement alone lets one through, even without the organisation's lock.
func TestAcceptOnceWithoutLock(t *testing.T) {
	each(t, func(w *world) {
		token := w.insert(w.batch(w.sites, "x@exemple.fr"))[0].Secret.Reveal()
		h, _ := ParseLink(token)
		i, _ := w.opens(token)
		m := w.memberOf(w.julie)
		var wg sync.WaitGroup
		errs := make([]error, 50)
		for n := range errs {
			wg.Go(func() {
				errs[n] = w.db.Write(ctx, []store.Lock{store.Lock(fmt.Sprint("alone ", n))}, func(tx *store.Tx) error {
					return Accept(ctx, tx, i, h, m, w.julie.Account)
				})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				w.refused("one of fifty", err, ErrGone)
			}
		}
		if won != 1 {
			w.Errorf("%d got through", won)
		}
	})
}

func (w *world) memberOf(by access.Actor) ident.Member {
	w.Helper()
	var m member.Member
	w.must(w.db.Read(ctx, func(tx *store.Tx) (err error) {
		m, _, err = member.ByAccount(ctx, tx, w.org, by.Account)
		return err
	}))
	return m.ID
}

// Every invitation of a batch gets all its roles and sites, however many.
func TestBatch(t *testing.T) {
	each(t, func(w *world) {
		var all []string
		for n := range Chunk {
			all = append(all, fmt.Sprintf("p%d@exemple.fr", n))
		}
		b := w.batch(w.sites, all...)
		b.Language, b.Function = text.EN, ""
		sent := w.insert(b)
		for _, n := range []int{0, Chunk / 2, Chunk - 1} {
			i, ok := w.opens(sent[n].Secret.Reveal())
			if !ok || i.Email.Address != all[n] || len(i.Roles) != 2 || len(i.Sites) != 2 || i.Language != text.EN || i.ID != sent[n].ID || i.Version != 1 {
				w.Errorf("%d: %+v", n, i)
			}
		}
		if n := w.count(`select count(*) from invitation_role where org_id = $1`, w.org); n != 2*Chunk {
			w.Errorf("%d roles", n)
		}
	})
}
