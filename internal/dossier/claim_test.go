package dossier

import (
	"context"
	"errors"
	"slices"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/store"
	"habilis/internal/text"
)

// bearing makes a member of an organisation, on whose sheet the number is; of an account or not.
func (g *gate) bearing(in ident.Org, address, rpps string) (m member.Member) {
	g.Helper()
	g.write(func(tx *store.Tx) error {
		n := member.New{Org: in, Status: member.Active, GivenName: "R", FamilyName: "V", Function: "nurse"}
		if address != "" {
			e, _ := account.ParseEmail(address)
			a, err := account.Insert(g.Context(), tx, account.New{Email: e, Names: account.Names{GivenName: "R", FamilyName: "V"}, Language: text.FR})
			if err != nil {
				return err
			}
			n.Account, n.Email = a.ID, address
		}
		sites, err := org.ActiveSites(g.Context(), tx, in)
		if err != nil {
			return err
		}
		n.Sites = []ident.Site{sites[0].ID}
		if m, err = member.Insert(g.Context(), tx, n); err != nil {
			return err
		}
		_, err = tx.Exec(g.Context(), `
			update member_state set rpps = $1, identity_source = 'directory', identity_body = '{}', profile_type = 'regulated' where member_id = $2`, rpps, m.ID)
		return err
	})
	return m
}

// claimsInTurn declares a number and none, more often than claims of others' numbers are allowed.
func (g *gate) claimsInTurn(address, rpps string) RegistrationFile {
	g.Helper()
	key, by := g.upTo(address, "198.51.100.30")
	var f RegistrationFile
	for range RegistrationClaims + 1 {
		none, p := rosa(), rosa()
		none.RPPS, none.NoRPPS, p.RPPS = "", "secrétaire", rpps
		_, err := g.r.Declare(g.Context(), by, g.cpts.Slug, key, none)
		g.must(err)
		f, err = g.r.Declare(g.Context(), by, g.cpts.Slug, key, p)
		g.must(err)
	}
	return f
}

// RAC-03, ENU-02: a number on the sheet of a member who has no account to sign in with may be that
// of whoever registers: their file waits, with the bearer shown to whoever certifies; nothing is
// told here, and nothing counted.
func TestNumberOfWhoHasNoAccount(t *testing.T) {
	eachGate(t, func(g *gate) {
		g.r.Texts.On = false
		bearer := g.bearing(g.cpts.ID, "", rosaNumber)
		f := g.claimsInTurn("rosa@exemple.fr", rosaNumber)
		file, err := Dossiers{Run: g.run, Source: silent{}}.Get(g.Context(), access.Operator("test"), f.Org, f.Member)
		g.must(err)
		if file.Bearer == nil || file.Bearer.Member != bearer.ID || !slices.Contains(codesOf(file.Objections), RPPSTaken) {
			g.Errorf("%+v %v", file.Bearer, file.Objections)
		}
	})
}

// VER-3, rules.md 11: what one other organisation typed, imported or certified on its own word
// refuses the number to nobody here; what support validated there does.
func TestNumberOfAnotherOrganisation(t *testing.T) {
	eachGate(t, func(g *gate) {
		there := g.bearing(g.closed.ID, "ailleurs@exemple.fr", rosaNumber)
		verified := func() {
			g.write(func(tx *store.Tx) error {
				_, err := tx.Exec(g.Context(), `update member_state set verification = 'verified' where member_id = $1`, there.ID)
				return err
			})
		}
		verified()
		g.claimsInTurn("une@exemple.fr", rosaNumber)
		v := Registration{Org: there.Org, ID: ident.NewRegistration(), Email: account.Email{Key: "a", Address: "a"}, Language: text.FR, Account: there.Account}
		g.write(func(tx *store.Tx) error {
			v.ExpiresAt = tx.Now.Add(RegistrationLife)
			if err := insertRegistration(g.Context(), tx, v); err != nil {
				return err
			}
			v.Member, v.RPPS = there.ID, rosaNumber
			return writeRegistration(g.Context(), tx, v)
		})
		g.claimsInTurn("deux@exemple.fr", rosaNumber)
		g.write(func(tx *store.Tx) error {
			_, err := tx.Exec(g.Context(), `
				insert into dossier_ruling (org_id, id, member_id, version, decision, reason, decided_at, decided_by, decided_name)
				values ($1, 'r', $2, 2, 'validated', '', $3, 'x', 'Sofia')`, there.Org, there.ID, tx.Now)
			return err
		})
		key, by := g.upTo("trois@exemple.fr", "198.51.100.31")
		_, err := g.r.Declare(g.Context(), by, g.cpts.Slug, key, rosa())
		if x := fault.Of(err); errors.Is(err, limit.ErrExceeded) || len(x.Fields) != 1 || x.Fields[0].Code != ErrRegistrationRPPS.Code {
			g.Errorf("support validated whose it is: %v", err)
		}
	})
}

// CHG-1, VER-1: once a file that was green is orange its person corrects what they declared, in
// their own spelling or under the name that the directory has now; the member keeps the identity
// that was imported until it is verified anew, which imports it anew.
func TestCorrectWhatWasVerified(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		f, key := g.come("rosa@exemple.fr", rosa())
		g.proves(key)
		g.completes(f, key)
		name := func() string {
			var m member.Member
			g.must(g.db.Read(g.Context(), func(tx *store.Tx) (err error) {
				m, err = member.Find(g.Context(), tx, f.Org, f.Member)
				return err
			}))
			return m.FamilyName
		}
		p := g.dir.people[rosaNumber]
		p.FamilyName = "MOREAU"
		g.dir.people[rosaNumber] = p
		if r := g.refresh(f); r.State != member.Incomplete || !slices.Equal(codesOf(r.Reasons), []ReasonCode{NameDiffers}) {
			g.Fatalf("%+v", r)
		}
		_, err := g.r.Declare(g.Context(), nobody, g.cpts.Slug, key, rosa())
		g.must(err)
		married := rosa()
		married.Names.FamilyName, married.Function = "Moreau", "other"
		back, err := g.r.Declare(g.Context(), nobody, g.cpts.Slug, key, married)
		g.must(err)
		if back.Names.FamilyName != "Moreau" || name() != "VIDAL" {
			g.Errorf("declared %s, and the member is %s", back.Names.FamilyName, name())
		}
		g.work()
		if state, usable, _ := g.state(f); state != member.Verified || !usable || name() != "MOREAU" {
			g.Errorf("%s, %t, %s", state, usable, name())
		}
	})
}

// meanwhile is a directory during whose answer something else happens, once.
type meanwhile struct {
	*boxed

	do func()
}

func (m *meanwhile) Mailboxes(ctx context.Context, rpps string) (directory.Mailboxes, error) {
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return m.boxed.Mailboxes(ctx, rpps)
}

// VER-2, DIR-1: what the directory said of the number that was declared before says nothing of the
// one that is declared, and whose mailbox is proved, when the file is judged.
func TestMailboxProvedMeanwhile(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		const number, box = "10001234565", "vidal.rosa@pro.mssante.fr"
		p := g.dir.people[rosaNumber]
		p.RPPS = number
		g.dir.people[number], g.dir.boxes[number] = p, []string{box}
		f, key := g.come("rosa@exemple.fr", rosa())
		g.proves(key)
		slow := &meanwhile{g.dir, func() {
			p := rosa()
			p.RPPS = number
			_, err := g.r.Declare(g.Context(), nobody, g.cpts.Slug, key, p)
			g.must(err)
			_, err = g.r.ProveMailbox(g.Context(), nobody, g.cpts.Slug, key, g.send(key, box))
			g.must(err)
		}}
		list, err := Dossiers{Run: g.run, Source: slow}.Refresh(g.Context(), access.Operator("test"), f.Org, []ident.Member{f.Member})
		g.must(err)
		if !list[0].Unasked || list[0].State != member.Incomplete {
			g.Errorf("judged by an answer about another number: %+v", list[0])
		}
		now, err := g.r.Open(g.Context(), nobody, g.cpts.Slug, key)
		g.must(err)
		if !now.Mailbox.holds(number) {
			g.Errorf("the fresh proof fell: %+v", now.Mailbox)
		}
		g.completes(now, key)
		if state, _, rpps := g.state(f); state != member.Verified || rpps != number {
			g.Errorf("%s, %q", state, rpps)
		}
	})
}
