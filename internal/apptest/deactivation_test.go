package apptest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// How many requests are sent after the acknowledgement, to all nodes together, and by how many
// at once. One node on SQLite is asked less: what two of them see is what is at stake.
const (
	afterOnNodes  = 10_000
	afterOnOne    = 1_000
	atOnce        = 8
	victims       = 6
	opensFirst    = 60 // accepted before: the ways in were open
	deactivatedBy = "zoe.martin@lilas.example"
)

// way is one way of a member into the organisation, and the answer that lets nobody in. share is
// how often it is taken.
type way struct {
	name   string
	share  int
	try    func(n *apptest.Server) apptest.Answer
	opens  func(apptest.Answer) bool
	shuts  func(apptest.Answer) bool
	opened atomic.Int64
	shut   atomic.Int64
	most   int64 // how often it is taken after the acknowledgement; 0: as it comes
	late   atomic.Int64
}

// assault sends requests all the time through every way, to every node in turn, and counts what
// is answered; acked says that the deactivation was acknowledged before a request was sent.
type assault struct {
	ways  []*way
	nodes []*apptest.Server
	acked atomic.Bool
	turn  atomic.Int64
	after atomic.Int64
	wrong sync.Map
}

func (a *assault) run(stop func() bool) {
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for !stop() {
				a.once()
			}
		})
	}
	all.Wait()
}

func (a *assault) once() {
	n := int(a.turn.Add(1))
	w, node := a.ways[n%len(a.ways)], a.nodes[n/len(a.ways)%len(a.nodes)]
	late := a.acked.Load() // before it is sent
	if w.most > 0 && late && w.late.Add(1) > w.most {
		return
	}
	if late {
		a.after.Add(1)
	}
	switch answer := w.try(node); {
	case w.shuts(answer):
		w.shut.Add(1)
	case late:
		a.wrong.Store(fmt.Sprintf("%s: %d %s %.80s", w.name, answer.Status, answer.Code(), answer.Body), true)
	case w.opens(answer):
		w.opened.Add(1)
	}
}

// spread repeats each way as often as its share says, evenly.
func spread(list []*way) (all []*way) {
	for round := 0; ; round++ {
		more := false
		for _, w := range list {
			if w.share > round {
				all, more = append(all, w), true
			}
		}
		if !more {
			return all
		}
	}
}

func status(want int) func(apptest.Answer) bool {
	return func(a apptest.Answer) bool { return a.Status == want }
}

// victim is a member under fire, with what opens the organisation to them.
func (c *cluster) victim(o apptest.Org, n int, asker *apptest.Client) (ident.Member, []*way) {
	p := c.administrator(o, fmt.Sprintf("marc.petit%d@lilas.example", n))
	browser, own := c.SignIn(p.Email), c.personToken(p)
	made := c.madeToken(browser, o)
	gone := status(http.StatusNotFound)
	question := asked(p.Member.String(), string(access.MembersRead), "organization", o.ID.String())
	return p.Member, []*way{
		{name: "page", share: 6, opens: status(http.StatusOK), shuts: gone, try: func(n *apptest.Server) apptest.Answer {
			return c.through(n, browser).Get(page(o, "/sites/"+o.Site.String()))
		}},
		{name: "change by a page", share: 1, opens: func(apptest.Answer) bool { return false }, shuts: gone, try: func(n *apptest.Server) apptest.Answer {
			return c.through(n, browser).Post(page(o, "/sites/new"), url.Values{}) // of no name: refused before, too
		}},
		{name: "REST by session", share: 4, opens: status(http.StatusOK), shuts: gone, try: func(n *apptest.Server) apptest.Answer {
			return c.through(n, browser).Get(memberPath(o, p.Member, ""))
		}},
		{name: "REST by a person's token", share: 2, opens: status(http.StatusOK), shuts: gone, try: func(n *apptest.Server) apptest.Answer {
			return c.through(n, own).Get(rest(o, "/sites"))
		}},
		{name: "decision", share: 30, opens: decided(true), shuts: decided(false), try: func(n *apptest.Server) apptest.Answer {
			return c.through(n, asker).Call(http.MethodPost, "/access/v1/evaluation", question)
		}},
		{
			name: "REST by a token they made", share: 1, most: madeTries, opens: status(http.StatusOK), shuts: status(http.StatusUnauthorized),
			try: func(n *apptest.Server) apptest.Answer { return c.through(n, made).Get(rest(o, "/sites")) },
		},
	}
}

// madeTries is how often a token is tried that nobody knows any more: strangers are slowed down,
// 120 times a minute from one address on each node.
const madeTries = 12

func decided(want bool) func(apptest.Answer) bool {
	word := fmt.Sprintf(`"decision":%t`, want)
	return func(a apptest.Answer) bool { return a.Status == http.StatusOK && strings.Contains(a.Body, word) }
}

// CHG-4, SES-01, F16, Must show 2: under load, of 10,000 requests sent after a deactivation was
// acknowledged, no node accepts one: pages, REST by session and by tokens, decisions; with
// announcements between the nodes, and with the lines cut that bring them.
func TestFaultDeactivationUnderLoad(t *testing.T) {
	for name, cut := range map[string]bool{"announced": false, "announcements cut": true} {
		t.Run(name, func(t *testing.T) {
			eachCluster(t, func(_ *testing.T, c *cluster) {
				want := int64(afterOnNodes)
				if c.App.DB.Engine != store.PostgreSQL {
					if cut {
						return // one node announces nothing
					}
					want = afterOnOne
				}
				c.deactivateUnderLoad(cut, want)
			})
		})
	}
}

func (c *cluster) deactivateUnderLoad(cut bool, want int64) {
	for _, road := range c.roads {
		road.MaxIdleConnsPerHost = atOnce
	}
	o := c.NewOrg("Cabinet des Lilas", deactivatedBy)
	asker, zoe := c.Token(o, access.DecisionsAsk), c.SignIn(deactivatedBy)
	var members []ident.Member
	var list []*way
	for n := range victims {
		m, ways := c.victim(o, n, asker)
		members, list = append(members, m), append(list, ways...)
	}
	a := &assault{ways: spread(list), nodes: c.nodes}
	if cut {
		defer c.cutAnnouncements()()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.run(func() bool { return a.after.Load() >= want })
	}()
	for c.opened(list) < opensFirst {
		time.Sleep(time.Millisecond)
	}
	answer := zoe.Call(http.MethodPost, rest(o, "/members/deactivate"), map[string]any{"members": members})
	a.acked.Store(answer.Status == http.StatusOK)
	if c.want(answer, http.StatusOK, ""); answer.Status != http.StatusOK {
		a.after.Store(want)
	}
	<-done
	a.wrong.Range(func(what, _ any) bool {
		c.t.Error("after the acknowledgement: ", what)
		return true
	})
	shut := map[string]int64{}
	for _, w := range list {
		shut[w.name] += w.shut.Load()
		if w.share > 1 && w.opened.Load()+w.shut.Load() == 0 {
			c.t.Errorf("%s was never tried", w.name)
		}
	}
	c.t.Logf("%d requests after the acknowledgement, refused: %v", a.after.Load(), shut)
}

// opened is how many requests were accepted before, by the way that fewest were.
func (c *cluster) opened(list []*way) int64 {
	by := map[string]int64{}
	for _, w := range list {
		if w.share > 1 {
			by[w.name] += w.opened.Load()
		}
	}
	least := int64(opensFirst)
	for _, n := range by {
		least = min(least, n*victims)
	}
	return least
}

// cutAnnouncements ends the connections on which nodes listen, again and again, until it is
// called off: nothing that one node says reaches another.
func (c *cluster) cutAnnouncements() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		for ctx.Err() == nil {
			_ = c.App.DB.Read(ctx, func(tx *store.Tx) error {
				_, err := store.All(ctx, tx, store.Value[bool], `
					select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'`)
				return err
			})
			time.Sleep(50 * time.Millisecond)
		}
	})
	return func() { cancel(); ended.Wait() }
}
