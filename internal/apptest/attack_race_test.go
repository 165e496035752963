package apptest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// envRounds says how often two administrators try to remove each other; `make
// fault` sets it.
const (
	envRounds     = "HABILIS_FAULT_ROUNDS"
	roundsInTests = 300
	rings         = 4  // pairs that fight at once
	tokensOfOne   = 10 // in turn: each may ask 600 times a minute (rules.md 4)
)

// quiet lets letters wait in the queue: thousands of them say nothing here.
func quiet(c *app.Config) { c.Dev, c.LogLevel, c.InvitationsPerDay = false, "warn", 100_000 }

// ring is an organisation of two sites that exactly two people administer.
type ring struct {
	*cluster

	org   apptest.Org
	sites []ident.Site
	pair  [2]apptest.Person
	who   [2][]*apptest.Client // each through a node of their own
	round int
}

// newRing makes people and organisation without letters.
func (c *cluster) newRing(n int) *ring {
	c.t.Helper()
	r := &ring{cluster: c}
	for i := range r.pair {
		r.pair[i] = c.newPerson(fmt.Sprintf("admin%d.of%d@ring.example", i, n))
	}
	r.org, r.sites = c.newRingOrg(fmt.Sprintf("Ring %d", n), r.pair[0].Email)
	for i := range r.pair {
		r.rise(i)
		r.arm(i)
	}
	return r
}

// arm gives one of the pair new tokens: those from before a reactivation open nothing here (CHG-4).
func (r *ring) arm(n int) {
	r.who[n] = nil
	r.write(func(tx *store.Tx) error {
		_, err := tx.Exec(context.Background(), `update token set revoked_at = $2 where account_id = $1 and revoked_at is null`, r.pair[n].Account, tx.Now)
		return err
	})
	for range tokensOfOne {
		r.who[n] = append(r.who[n], r.through(r.nodes[n%len(r.nodes)], r.personToken(r.pair[n])))
	}
}

func (c *cluster) newRingOrg(name, email string) (o apptest.Org, sites []ident.Site) {
	c.t.Helper()
	ctx := context.Background()
	f, err := c.App.Enrolments.Found(ctx, apptest.Operator, enrolment.Found{
		Org: org.Details{Name: name, Kind: org.Practice}, Site: org.SiteDetails{Name: "Siège"}, Email: email, Language: text.FR,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	list, err := c.App.Orgs.Sites(ctx, apptest.Operator, f.Org.ID, "")
	if err != nil {
		c.t.Fatal(err)
	}
	o = apptest.Org{ID: f.Org.ID, Slug: f.Org.Slug, Site: list[0].ID, Admin: apptest.Person{Email: email, Member: f.Line.Member}}
	second, err := c.App.Members.CreateSite(ctx, apptest.Operator, member.NewSite{
		Org: o.ID, Details: org.SiteDetails{Name: "Annexe"}, Members: []ident.Member{o.Admin.Member},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return o, []ident.Site{o.Site, second.ID}
}

// newPerson makes an account that can sign in.
func (c *cluster) newPerson(email string) (p apptest.Person) {
	c.t.Helper()
	e, code := account.ParseEmail(email)
	if code != "" {
		c.t.Fatal(email, code)
	}
	hash, err := c.App.Hasher.Hash(context.Background(), secret.NewText(apptest.Password))
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(func(tx *store.Tx) error {
		a, err := account.Insert(context.Background(), tx, account.New{Email: e, Names: account.Names{GivenName: "Anne", FamilyName: "Ring"}, Language: text.FR})
		p = apptest.Person{Email: email, Account: a.ID}
		if err != nil {
			return err
		}
		return credential.SetPassword(context.Background(), tx, a.ID, hash)
	})
	return p
}

// rise makes one of the pair an administrator of everything again, whatever the
// round before did to them.
func (r *ring) rise(n int) {
	r.t.Helper()
	ctx, p := context.Background(), &r.pair[n]
	err := r.again(ctx, p)
	for _, s := range r.sites {
		if err == nil {
			_, err = r.App.Members.AddSite(ctx, apptest.Operator, r.org.ID, p.Member, s, 0)
		}
	}
	if err == nil {
		_, err = r.App.Members.Appoint(ctx, apptest.Operator, p.Member, access.OrgScope(r.org.ID), 0)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// again makes a member of who left, and lets in who was deactivated.
func (r *ring) again(ctx context.Context, p *apptest.Person) error {
	var m member.Member
	var is bool
	r.read(func(tx *store.Tx) (err error) {
		m, is, err = member.ByAccount(ctx, tx, r.org.ID, p.Account)
		return err
	})
	switch {
	case !is:
		return r.App.DB.Write(ctx, []store.Lock{store.Lock(r.org.ID)}, func(tx *store.Tx) error {
			m, err := member.Insert(ctx, tx, member.New{
				Org: r.org.ID, Account: p.Account, Status: member.Active, GivenName: "Anne", FamilyName: "Ring", Email: p.Email, Sites: r.sites[:1],
			})
			p.Member = m.ID
			return err
		})
	case m.Status == member.Deactivated:
		_, err := r.App.Members.Reactivate(ctx, apptest.Operator, r.org.ID, m.ID, 0)
		p.Member = m.ID
		r.arm(slices.IndexFunc(r.pair[:], func(one apptest.Person) bool { return one.Account == p.Account }))
		return err
	}
	p.Member = m.ID
	return nil
}

// blow is one act by which an administrator may go: by the other's hand or their own.
type blow struct {
	name string
	do   func(r *ring, me *apptest.Client, other, self apptest.Person) apptest.Answer
}

const atOrg = "/administration?scope=organization"

var blows = []blow{
	{"withdraw", func(r *ring, me *apptest.Client, other, _ apptest.Person) apptest.Answer {
		return me.Call(http.MethodDelete, memberPath(r.org, other.Member, atOrg), nil)
	}},
	{"deactivate", func(r *ring, me *apptest.Client, other, _ apptest.Person) apptest.Answer {
		return me.Call(http.MethodPost, memberPath(r.org, other.Member, "/deactivate"), nil)
	}},
	{"deactivate together", func(r *ring, me *apptest.Client, other, _ apptest.Person) apptest.Answer {
		return me.Call(http.MethodPost, rest(r.org, "/members/deactivate"), map[string]any{"members": []string{other.Member.String()}})
	}},
	{"remove from a site", func(r *ring, me *apptest.Client, other, _ apptest.Person) apptest.Answer {
		return me.Call(http.MethodDelete, memberPath(r.org, other.Member, "/sites/"+r.sites[1].String()), nil)
	}},
	{"withdraw oneself", func(r *ring, me *apptest.Client, _, self apptest.Person) apptest.Answer {
		return me.Call(http.MethodDelete, memberPath(r.org, self.Member, atOrg), nil)
	}},
	{"leave a site", func(r *ring, me *apptest.Client, _, self apptest.Person) apptest.Answer {
		return me.Call(http.MethodDelete, memberPath(r.org, self.Member, "/sites/"+r.sites[1].String()), nil)
	}},
	{"leave", func(r *ring, me *apptest.Client, _, _ apptest.Person) apptest.Answer {
		return me.Call(http.MethodDelete, "/api/v1/me/organizations/"+r.org.ID.String(), nil)
	}},
}

// triesWhenBusy is how often one strikes at a database that is too busy to answer.
const triesWhenBusy = 5

// fight lets both strike at once, and looks at who remains.
func (r *ring) fight(left, right blow) {
	r.t.Helper()
	for n := range r.pair {
		r.rise(n)
	}
	r.round++
	var answers [2]apptest.Answer
	var ready, done sync.WaitGroup
	ready.Add(len(answers))
	for n, b := range [2]blow{left, right} {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			for range triesWhenBusy { // "nothing was done, try again": as a client does
				answers[n] = b.do(r, r.who[n][r.round%tokensOfOne], r.pair[1-n], r.pair[n])
				if answers[n].Status != http.StatusServiceUnavailable || !strings.Contains(answers[n].Body, store.ErrBusy.Code) {
					break
				}
			}
		})
	}
	done.Wait()
	won := 0
	for n, a := range answers {
		switch a.Status {
		case http.StatusOK, http.StatusNoContent:
			won++
		case http.StatusForbidden, http.StatusNotFound, http.StatusConflict:
		default:
			r.t.Errorf("%s against %s: %d is told %d %s", left.name, right.name, n, a.Status, a.Body)
		}
	}
	if won == 0 {
		r.t.Errorf("%s against %s: nobody could: %s %s", left.name, right.name, answers[0].Body, answers[1].Body)
	}
	if r.abandoned() {
		r.t.Errorf("%s against %s: %d %s and %d %s leave a scope without administrator",
			left.name, right.name, answers[0].Status, answers[0].Body, answers[1].Status, answers[1].Body)
	}
}

// abandoned reports whether the organisation or a site has no administrator able to
// sign in.
func (r *ring) abandoned() (yes bool) {
	r.t.Helper()
	scopes := []access.Scope{access.OrgScope(r.org.ID)}
	for _, s := range r.sites {
		scopes = append(scopes, access.SiteScope(r.org.ID, s))
	}
	r.read(func(tx *store.Tx) error {
		for _, s := range scopes {
			list, err := member.Administrators(context.Background(), tx, s)
			if err != nil {
				return err
			}
			if !s.Site.IsZero() {
				list, err = r.belonging(tx, s.Site, list)
			}
			yes = yes || len(list) == 0
			if err != nil {
				return err
			}
		}
		return nil
	})
	return yes
}

// belonging are those of a list who belong to a site.
func (r *ring) belonging(tx *store.Tx, site ident.Site, list []member.Member) (in []member.Member, err error) {
	for i := range list {
		_, belongs, err := store.One(context.Background(), tx, store.Value[string], `
			select member_id from member_site where org_id = $1 and site_id = $2 and member_id = $3 and known_until is null`, r.org.ID, site, list[i].ID)
		if err != nil {
			return nil, err
		}
		if belongs {
			in = append(in, list[i])
		}
	}
	return in, nil
}

// TestFaultRAC01 (RAC-01, AUZ-12, ORG-4): two administrators, each through a node of
// their own, withdraw, deactivate and remove each other, or go themselves, at the
// same moment, in every mixture. One who can sign in always remains, of the
// organisation and of each site; the loser is told a rule, never a failure.
func TestFaultRAC01(t *testing.T) {
	rounds := roundsInTests
	if s := os.Getenv(envRounds); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("%s=%q", envRounds, s)
		}
		rounds = n
	}
	eachClusterWith(t, apptest.Options{Config: quiet}, func(t *testing.T, c *cluster) {
		var fights sync.WaitGroup
		var next atomic.Int64
		list := make([]*ring, rings)
		for n := range list {
			list[n] = c.newRing(n)
		}
		for _, r := range list {
			fights.Go(func() {
				for !t.Failed() {
					n := int(next.Add(1)) - 1
					if n >= rounds {
						return
					}
					r.fight(blows[n/len(blows)%len(blows)], blows[n%len(blows)])
				}
			})
		}
		fights.Wait()
		for _, r := range list {
			r.signsIn()
		}
		c.verified()
	})
}

// signsIn checks that somebody who is left administers the organisation through the
// door that everybody uses.
func (r *ring) signsIn() {
	r.t.Helper()
	for _, p := range r.pair {
		if r.SignIn(p.Email).Get(page(r.org, "/settings")).Status == http.StatusOK {
			return
		}
	}
	r.t.Error("nobody who can sign in administers the organisation")
}

// verified checks the whole trail.
func (c *cluster) verified() {
	c.t.Helper()
	c.read(func(tx *store.Tx) error {
		report, err := audit.Verify(context.Background(), tx, nil)
		if err == nil && (len(report.Problems) > 0 || report.Rows == 0) {
			c.t.Errorf("the trail of %d rows: %v", report.Rows, report.Problems)
		}
		return err
	})
}

// Sixteen writers, of whom each asks so many times.
const (
	writers     = 16
	actsOfEach  = 25
	plainPeople = 12
)

// TestSixteenWriters: sixteen people change one organisation at once, through all
// nodes: invitations, deactivations, appointments, sites. Whatever is refused is
// refused by a rule; nothing fails and nothing is "busy"; what was answered is there.
func TestSixteenWriters(t *testing.T) {
	eachClusterWith(t, apptest.Options{Config: quiet}, func(t *testing.T, c *cluster) {
		first := c.newPerson("admin0@writers.example")
		o, sites := c.newRingOrg("Seize", first.Email)
		r := &ring{cluster: c, org: o, sites: sites}
		clients, plain := []*apptest.Client{c.personToken(first)}, []ident.Member{}
		for n := range writers + plainPeople - 1 {
			p := c.newPerson(fmt.Sprintf("person%d@writers.example", n))
			if err := r.again(context.Background(), &p); err != nil {
				t.Fatal(err)
			}
			if len(clients) == writers {
				plain = append(plain, p.Member)
				continue
			}
			if _, err := c.App.Members.Appoint(context.Background(), apptest.Operator, p.Member, access.OrgScope(o.ID), 0); err != nil {
				t.Fatal(err)
			}
			clients = append(clients, c.personToken(p))
		}
		var working sync.WaitGroup
		var tally sync.Map // status and code → *atomic.Int64
		var invited atomic.Int64
		for n, who := range clients {
			w := writer{r: r, who: c.through(c.nodes[n%len(c.nodes)], who), name: n, plain: plain, dice: rand.New(rand.NewPCG(1, uint64(n))), invited: &invited}
			working.Go(func() {
				for i := range actsOfEach {
					a := w.act(i)
					if a.Status >= 500 || a.Status == http.StatusTooManyRequests || a.Status == http.StatusUnauthorized {
						t.Errorf("writer %d: %d %s", n, a.Status, a.Body)
					}
					count, _ := tally.LoadOrStore(fmt.Sprintf("%d %s", a.Status, a.Code()), &atomic.Int64{})
					count.(*atomic.Int64).Add(1)
				}
			})
		}
		working.Wait()
		done := int64(0)
		tally.Range(func(k, v any) bool {
			t.Logf("%4d × %s", v.(*atomic.Int64).Load(), k)
			if k.(string)[0] == '2' {
				done += v.(*atomic.Int64).Load()
			}
			return true
		})
		if done < writers*actsOfEach/3 {
			t.Errorf("only %d of %d acts were done: the test proves too little", done, writers*actsOfEach)
		}
		if n := c.rows(`select count(*) from invitation where org_id = $1`, o.ID); int64(n) != invited.Load() {
			t.Errorf("%d invitations, %d were answered", n, invited.Load())
		}
		if r.abandoned() {
			t.Error("a scope has no administrator")
		}
		c.verified()
	})
}

// writer is one of the sixteen.
type writer struct {
	r       *ring
	who     *apptest.Client
	name    int
	plain   []ident.Member
	dice    *rand.Rand
	invited *atomic.Int64
}

// act does one thing, and gives its answer.
func (w writer) act(n int) apptest.Answer {
	m := w.plain[w.dice.IntN(len(w.plain))]
	switch w.dice.IntN(6) {
	case 0, 1:
		return w.invite(n)
	case 2:
		return w.who.Call(http.MethodPost, memberPath(w.r.org, m, "/deactivate"), nil)
	case 3:
		return w.who.Call(http.MethodPost, memberPath(w.r.org, m, "/reactivate"), nil)
	case 4:
		return w.who.Call(http.MethodDelete, memberPath(w.r.org, m, atOrg), nil)
	}
	sheet := w.who.Get(memberPath(w.r.org, m, ""))
	if sheet.Status != http.StatusOK {
		return sheet
	}
	return w.who.Call(http.MethodPut, memberPath(w.r.org, m, atOrg), nil, "If-Match", sheet.Header.Get("ETag"))
}

// invite invites two people who were never invited before.
func (w writer) invite(n int) apptest.Answer {
	emails := []string{fmt.Sprintf("guest%d.a%d@writers.example", w.name, n), fmt.Sprintf("guest%d.b%d@writers.example", w.name, n)}
	a := w.who.Call(http.MethodPost, rest(w.r.org, "/invitations"), map[string]any{
		"emails": emails, "role": w.r.Role(w.r.org, role.Secretary).String(), "sites": []string{w.r.sites[w.dice.IntN(2)].String()},
	})
	if a.Status == http.StatusOK {
		w.invited.Add(int64(len(emails)))
	}
	return a
}
