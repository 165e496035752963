package apptest_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/token"
)

// cluster is an installation that is attacked: one server on SQLite, two on one
// PostgreSQL database, behind one public address.
type cluster struct {
	*apptest.Server

	t     *testing.T
	nodes []*apptest.Server
	roads map[*apptest.Server]*http.Transport
}

// eachCluster runs fn with a fresh installation on each engine.
func eachCluster(t *testing.T, fn func(t *testing.T, c *cluster)) {
	t.Helper()
	eachClusterWith(t, apptest.Options{}, fn)
}

func eachClusterWith(t *testing.T, o apptest.Options, fn func(t *testing.T, c *cluster)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			o.Engine = e
			fn(t, newCluster(t, o))
		})
	}
}

func newCluster(t *testing.T, o apptest.Options) *cluster {
	t.Helper()
	clock := &storetest.Clock{}
	conf := apptest.Config(t, o.Engine)
	conf.Clock = clock.Now
	if o.Config != nil {
		o.Config(&conf)
	}
	c := &cluster{t: t, roads: map[*apptest.Server]*http.Transport{}}
	c.add(conf, clock, o.MayLog)
	c.Server = c.nodes[0]
	if o.Engine == store.PostgreSQL {
		conf.BaseURL, conf.MetricsListen = c.URL, ""
		c.add(conf, clock, o.MayLog)
	}
	return c
}

func (c *cluster) add(conf app.Config, clock *storetest.Clock, mayLog []string) {
	c.t.Helper()
	s := apptest.StartOn(c.t, conf, mayLog...)
	s.Clock = clock
	s.App.Hasher.Cost = credential.Cost{Memory: 64, Time: 1} // what is tested is not its price
	road := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.App.Addr().String())
	}}
	c.t.Cleanup(road.CloseIdleConnections)
	c.nodes = append(c.nodes, s)
	c.roads[s] = road
}

// other is the second node, or the only one.
func (c *cluster) other() *apptest.Server { return c.nodes[len(c.nodes)-1] }

// through is the same browser or program, whose requests a node answers: same
// address, same cookies.
func (c *cluster) through(n *apptest.Server, who *apptest.Client) *apptest.Client {
	moved := *who
	moved.HTTP = &http.Client{Jar: who.HTTP.Jar, CheckRedirect: who.HTTP.CheckRedirect, Transport: c.roads[n]}
	return &moved
}

// stolen is another browser that presents the session of who.
func (c *cluster) stolen(n *apptest.Server, cookie *http.Cookie) *apptest.Client {
	b := c.Browser()
	b.SetCookie(cookie)
	return c.through(n, b)
}

// personToken is a program with a token of a person.
func (c *cluster) personToken(p apptest.Person) *apptest.Client {
	c.t.Helper()
	made, err := c.App.Tokens.Make(context.Background(), apptest.Operator, token.New{Kind: token.OfPerson, Account: p.Account, Name: "essai"})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.bearer(made.Secret.Reveal())
}

// bearer is a program with a token whose secret is known.
func (c *cluster) bearer(secret string) *apptest.Client {
	b := c.Browser()
	b.Header.Set("Authorization", "Bearer "+secret)
	return b
}

// madeToken has a signed-in administrator make a token of an organisation.
func (c *cluster) madeToken(by *apptest.Client, o apptest.Org) *apptest.Client {
	c.t.Helper()
	var made struct{ Secret string }
	c.want(by.Call(http.MethodPost, rest(o, "/tokens"), map[string]any{"name": "essai"}), http.StatusCreated, "").JSON(c.t, &made)
	return c.bearer(made.Secret)
}

// administrator invites somebody to administer the whole organisation.
func (c *cluster) administrator(o apptest.Org, email string) apptest.Person {
	c.t.Helper()
	return c.NewMember(o, email, role.Administrator, access.OrgScope(o.ID))
}

// rest is an address of the API about an organisation; page is one of its pages.
func rest(o apptest.Org, path string) string { return "/api/v1/organizations/" + o.ID.String() + path }
func page(o apptest.Org, path string) string { return "/o/" + o.Slug + path }

func memberPath(o apptest.Org, m ident.Member, path string) string {
	return rest(o, "/members/"+m.String()+path)
}

// want checks the status of an answer, and the code of a problem unless it is empty.
func (c *cluster) want(a apptest.Answer, status int, code string) apptest.Answer {
	c.t.Helper()
	if a.Status != status || (code != "" && a.Code() != code) {
		c.t.Errorf("%d %s, want %d %s\n%.600s", a.Status, a.Code(), status, code, a.Body)
	}
	return a
}

// rows counts what a query finds.
func (c *cluster) rows(query string, args ...any) (n int) {
	c.t.Helper()
	c.read(func(tx *store.Tx) error { return tx.QueryRow(context.Background(), query, args...).Scan(&n) })
	return n
}

func (c *cluster) read(fn func(tx *store.Tx) error) {
	c.t.Helper()
	if err := c.App.DB.ReadLong(context.Background(), fn); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) write(fn func(tx *store.Tx) error) {
	c.t.Helper()
	if err := c.App.DB.Write(context.Background(), []store.Lock{store.Installation}, fn); err != nil {
		c.t.Fatal(err)
	}
}

// refusals counts what a trail holds of refusals of a person with a code.
func (c *cluster) refusals(chain, actor, code string) int {
	c.t.Helper()
	return c.rows(`select count(*) from audit_event where chain = $1 and actor = $2 and code = $3 and outcome = 'refused'`, chain, actor, code)
}

// nonce is what differs between two renderings of one page.
var nonce = regexp.MustCompile(`nonce="[A-Z0-9]+"|'nonce-[A-Z0-9]+'`)

// href is a link of ours.
var href = regexp.MustCompile(`href="(/[^"#]*)`)

// raw sends a request as it is written and gives the answer's status and body.
func raw(t *testing.T, s *apptest.Server, lines ...string) (int, string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.App.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")); err != nil {
		t.Fatal(err)
	}
	a, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

// names are the members that a list of the API shows, by e-mail.
func names(t *testing.T, a apptest.Answer) []string {
	t.Helper()
	var list struct{ Items []struct{ Email string } }
	a.JSON(t, &list)
	var emails []string
	for _, i := range list.Items {
		emails = append(emails, i.Email)
	}
	slices.Sort(emails)
	return emails
}
