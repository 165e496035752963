package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// entry is one act that a client asked for. The client is never killed, so its
// memory is the ledger of the fault plan.
type entry struct {
	key, token, kind, method, path string
	body                           []byte
	version                        string // If-Match
	effect                         effect
}

// effect is what an act that was done leaves behind, exactly once.
type effect struct {
	verb   string // in the trail
	object string // of the event; an invitation's is known from the answer
	letter string // kind of job, when one is ordered
}

// guest is an invitation that a client made and has not deleted.
type guest struct {
	id, email string
	resent    int
}

// client writes through REST about things that are its own, so that every answer
// but an acknowledgement is a fault.
type client struct {
	n       int
	world   *world
	tokens  []string
	member  string
	off     bool // the member is deactivated
	admin   bool // and administrator
	guests  []guest
	sites   int
	made    int
	pending *entry // asked for, and never answered
}

// maxSites and maxResent keep the client within the product's own limits.
const (
	maxSites  = 40
	maxResent = 2
)

// world is what all clients did: what must be there.
type world struct {
	t    *testing.T
	base string
	org  string
	site string
	role string
	http *http.Client

	mu      sync.Mutex
	done    map[effect]int
	emails  map[string]string // address of an invitation to its status
	names   []string          // of sites
	answers int
}

// work asks for acts until the server does not answer any more.
func (c *client) work(ctx context.Context) error {
	for ctx.Err() == nil {
		e, err := c.next(ctx)
		if err != nil {
			return nil //nolint:nilerr // reading failed: the server is gone, nothing was asked for
		}
		answered, err := c.ask(ctx, e)
		if err != nil {
			return err
		}
		if !answered {
			c.pending = e
			return nil
		}
	}
	return nil
}

// settle asks again, with the same key, for the act whose answer never came.
func (c *client) settle(ctx context.Context) error {
	if c.pending == nil {
		return nil
	}
	answered, err := c.ask(ctx, c.pending)
	if err == nil && !answered {
		err = fmt.Errorf("%s %s: no answer from a server that is ready", c.pending.method, c.pending.path)
	}
	c.pending = nil
	return err
}

// next chooses an act that the present state allows.
func (c *client) next(ctx context.Context) (*entry, error) {
	c.made++
	in := "/api/v1/organizations/" + c.world.org
	e := &entry{key: fmt.Sprintf("kill-%d-%d", c.n, c.made), token: c.tokens[c.made%len(c.tokens)]}
	set := func(kind, method, path string, x effect) *entry {
		e.kind, e.method, e.path, e.effect = kind, method, path, x
		return e
	}
	member := in + "/members/" + c.member
	switch draw := rand.IntN(100); {
	case draw < 4 && c.n == 0 && c.sites < maxSites:
		e.body = must(json.Marshal(map[string]any{"name": fmt.Sprintf("Site %d-%d", c.n, c.made), "members": []string{c.member}}))
		if c.off {
			return c.next(ctx) // a site needs an administrator able to sign in
		}
		return set("site", http.MethodPost, in+"/sites", effect{verb: "site.create"}), nil
	case draw < 22 && len(c.guests) > 0:
		g := c.guests[0]
		return set("delete", http.MethodDelete, in+"/invitations/"+g.id, effect{verb: "invitation.delete", object: g.id}), nil
	case draw < 42 && len(c.guests) > 0 && c.guests[len(c.guests)-1].resent < maxResent:
		g := c.guests[len(c.guests)-1]
		return set("resend", http.MethodPost, in+"/invitations/"+g.id+"/resend",
			effect{verb: "invitation.resend", object: g.id, letter: "letter.invitation"}), nil
	case draw < 56 && c.sites == 0:
		if c.off {
			return set("reactivate", http.MethodPost, member+"/reactivate", effect{"member.reactivate", c.member, "letter.reactivated"}), nil
		}
		return set("deactivate", http.MethodPost, member+"/deactivate", effect{"member.deactivate", c.member, "letter.deactivated"}), nil
	case draw < 70 && !c.off:
		if c.admin {
			return set("withdraw", http.MethodDelete, member+"/administration?scope=organization", effect{"member.withdraw", c.member, "letter.withdrawn"}), nil
		}
		var err error
		e.version, err = c.version(ctx, e.token, member)
		return set("appoint", http.MethodPut, member+"/administration?scope=organization", effect{"member.appoint", c.member, "letter.appointed"}), err
	}
	e.body = must(json.Marshal(map[string]any{
		"emails": []string{fmt.Sprintf("invite-%d-%d@ledger.example", c.n, c.made)}, "role": c.world.role, "sites": []string{c.world.site},
	}))
	return set("invite", http.MethodPost, in+"/invitations", effect{verb: "invitation.create", letter: "letter.invitation"}), nil
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// version reads the ETag that a change must name.
func (c *client) version(ctx context.Context, token, path string) (string, error) {
	answer, _, err := c.world.send(ctx, &entry{method: http.MethodGet, path: path, token: token})
	if err != nil {
		return "", err
	}
	return answer.Header.Get("ETag"), nil
}

// ask sends an act. answered is false when the connection broke: whether the act
// was done is unknown. Anything but an acknowledgement is an error.
func (c *client) ask(ctx context.Context, e *entry) (answered bool, err error) {
	answer, body, err := c.world.send(ctx, e)
	if err != nil {
		return false, nil //nolint:nilerr // that is what unknown means
	}
	if answer.StatusCode >= 500 { // a server that is being killed may still say so
		return false, nil
	}
	if answer.StatusCode >= 300 {
		return true, fmt.Errorf("%s %s (%s): %d %s", e.method, e.path, e.key, answer.StatusCode, body)
	}
	return true, c.acknowledged(e, body)
}

// acknowledged writes what the server promised into the ledger.
func (c *client) acknowledged(e *entry, body []byte) error {
	x := e.effect
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers++
	switch e.kind {
	case "invite":
		var report struct {
			Lines []struct{ Email, Fate, Invitation string }
		}
		if err := json.Unmarshal(body, &report); err != nil || len(report.Lines) != 1 || report.Lines[0].Fate != "invited" {
			return fmt.Errorf("%s: %s", e.key, body)
		}
		x.object = report.Lines[0].Invitation
		c.guests = append(c.guests, guest{id: x.object, email: report.Lines[0].Email})
		w.emails[report.Lines[0].Email] = "pending"
	case "resend":
		c.guests[len(c.guests)-1].resent++
	case "delete":
		w.emails[c.guests[0].email] = "deleted"
		c.guests = c.guests[1:]
	case "deactivate", "reactivate":
		c.off = e.kind == "deactivate"
	case "appoint", "withdraw":
		c.admin = e.kind == "appoint"
	case "site":
		var site struct{ ID, Name string }
		if err := json.Unmarshal(body, &site); err != nil || site.ID == "" {
			return fmt.Errorf("%s: %s", e.key, body)
		}
		x.object = site.ID
		c.sites++
		w.names = append(w.names, site.Name)
		w.done[effect{"member.appoint", c.member, "letter.appointed"}]++ // the single member of a new site administers it (ORG-4)
	}
	w.done[x]++
	return nil
}

func (w *world) send(ctx context.Context, e *entry) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, e.method, w.base+e.path, bytes.NewReader(e.body))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Authorization", e.token)
	if e.key != "" {
		r.Header.Set("Idempotency-Key", e.key)
	}
	if len(e.body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	if e.version != "" {
		r.Header.Set("If-Match", e.version)
	}
	answer, err := w.http.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, bytes.TrimSpace(body), err
}

// sum says how much was acknowledged.
func (w *world) sum() string {
	kinds := map[string]int{}
	for x, n := range w.done {
		kinds[x.verb] += n
	}
	return fmt.Sprintf("%d acts: %s", w.answers, strings.TrimPrefix(fmt.Sprint(kinds), "map"))
}
