//go:build timing

package apptest_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/role"
	"habilis/internal/store"
)

// What somebody who measures may not find out (ENU-01): which addresses have an account, and
// in which state it is.
const (
	timingRounds = 500
	maxDistance  = 0.15 // Kolmogorov–Smirnov, between any two states
	maxMedians   = 3 * time.Millisecond
)

// timed is a route that strangers may ask about anybody.
type timed struct {
	name string
	path string
	form func(address string) url.Values
}

var timedRoutes = []timed{
	{"sign-in", "/login", func(a string) url.Values {
		return url.Values{"email": {a}, "password": {"une phrase que personne n’a choisie"}}
	}},
	{"forgotten password", "/password/forgot", func(a string) url.Values { return url.Values{"email": {a}} }},
}

// ENU-01 (`make timing`): answers about existing, unknown, locked and blocked accounts are
// alike in status, body, headers and cookies, and in their times.
func TestTiming(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		o := s.NewOrg("Cabinet des Tilleuls", "zoe.martin@tilleuls.example")
		states := map[string]string{"existing": "un@tilleuls.example", "locked": "deux@tilleuls.example", "blocked": "trois@tilleuls.example"}
		for _, address := range states {
			s.NewMember(o, address, role.Secretary, access.OrgScope(o.ID))
		}
		states["unknown"] = "nul@tilleuls.example"
		set(t, s, `update account_state set status = 'blocked' where email_key = $1 and known_until is null`, states["blocked"])
		for _, route := range timedRoutes {
			t.Run(route.name, func(t *testing.T) { timeRoute(t, s, route, states) })
		}
	})
}

func timeRoute(t *testing.T, s *apptest.Server, route timed, states map[string]string) {
	names := slices.Sorted(maps.Keys(states))
	times, seen := map[string][]time.Duration{}, map[string]string{}
	for round := range timingRounds {
		raiseLimits(t, s, states["locked"])
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			b := s.Browser()
			began := time.Now()
			a := b.Post(route.path, route.form(states[name]))
			times[name] = append(times[name], time.Since(began))
			if round == 0 {
				seen[name] = plain(a, states[name])
			}
		}
	}
	for _, name := range names {
		if seen[name] != seen["unknown"] {
			t.Errorf("%s is told from unknown:\n%s\n— against —\n%s", name, seen[name], seen["unknown"])
		}
	}
	for i, a := range names {
		for _, b := range names[i+1:] {
			d, m := distance(times[a], times[b]), (median(times[a]) - median(times[b])).Abs()
			t.Logf("%s, %s against %s: distance %.3f (limit %.2f), medians %s and %s (limit %s)", route.name, a, b, d, maxDistance, median(times[a]), median(times[b]), maxMedians)
			if d > maxDistance || m > maxMedians {
				t.Errorf("%s: %s and %s can be told apart by their times", route.name, a, b)
			}
		}
	}
}

// raiseLimits forgets what was tried: counters would answer instead of passwords.
func raiseLimits(t *testing.T, s *apptest.Server, locked string) {
	for _, query := range []string{`delete from credential_guard`, `delete from sign_in_guard`, `delete from counter`} {
		set(t, s, query)
	}
	set(t, s, `insert into credential_guard (account_id, failures, day_failures, day_began_at, blocked_until, locked_at)
		select account_id, 25, 1, $2, $2, $2 from account_state where email_key = $1 and known_until is null`, locked, s.App.DB.Now())
}

func set(t *testing.T, s *apptest.Server, query string, args ...any) {
	t.Helper()
	err := s.App.DB.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// unlike is what no two answers share: nonces, the ID of the request, the date.
var unlike = regexp.MustCompile(`nonce(=|-)"?[A-Z2-7]{26}"?|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// plain is an answer without what no two share, nor the address that was typed.
func plain(a apptest.Answer, address string) string {
	a.Header.Del("Date")
	a.Header.Del("X-Request-Id")
	a.Header.Del("Content-Length")
	head := make([]string, 0, len(a.Header))
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		head = append(head, fmt.Sprint(name, a.Header[name]))
	}
	all := fmt.Sprintln(a.Status, http.StatusText(a.Status), strings.Join(head, "\n")) + a.Body
	return strings.ReplaceAll(unlike.ReplaceAllString(all, "…"), address, "ADDRESS")
}

func median(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// distance is the largest gap between the two distributions (Kolmogorov–Smirnov).
func distance(a, b []time.Duration) float64 {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	worst, i, j := 0.0, 0, 0
	for i < len(a) && j < len(b) {
		if a[i] <= b[j] {
			i++
		} else {
			j++
		}
		worst = max(worst, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return worst
}
