package setting_test

import (
	"net/netip"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// rest.md, Decisions; SEC-4: what an organisation asks of the connection is nothing until
// somebody who may says so; each version stays in the history.
func TestDecisions(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		read := func() (v setting.Decisions) {
			w.Helper()
			err := w.db.Read(ctx, func(tx *store.Tx) (err error) {
				v, err = setting.ReadDecisions(ctx, tx, w.a)
				return err
			})
			if err != nil {
				w.Fatal(err)
			}
			return v
		}
		if v := read(); v.SecondFactor || v.Networks != nil || v.Rev != 0 {
			w.Errorf("by default: %+v", v)
		}
		networks, err := setting.ParseNetworks([]string{"10.1.0.0/16", "2001:db8::/32", "10.1.0.0/16"})
		if err != nil || len(networks) != 2 {
			t.Fatal(networks, err)
		}
		v, err := w.settings.SetDecisions(ctx, w.as("claire"), w.a, 0, setting.Decisions{SecondFactor: true, Networks: networks})
		if err != nil || v.Rev != 1 {
			t.Fatal(v, err)
		}
		if v := read(); !v.SecondFactor || len(v.Networks) != 2 || v.Networks[0] != networks[0] || v.Rev != 1 {
			w.Errorf("%+v", v)
		}
		_, err = w.settings.SetDecisions(ctx, w.as("claire"), w.a, 0, setting.Decisions{})
		w.want("RAC-07: stale", err, setting.ErrStale)
		if v, err = w.settings.SetDecisions(ctx, w.as("claire"), w.a, 1, v); err != nil || v.Rev != 1 {
			w.Errorf("the same again: %+v %v", v, err)
		}
		for _, who := range []string{"bruno", "julie"} {
			_, err = w.settings.SetDecisions(ctx, w.as(who), w.a, 1, setting.Decisions{})
			w.want(who, err, access.ErrForbidden)
		}
		_, err = w.settings.SetDecisions(ctx, w.as("odile"), w.a, 1, setting.Decisions{})
		w.want("AUZ-01: odile", err, access.ErrNotFound)
		stale := w.as("claire")
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		_, err = w.settings.SetDecisions(ctx, stale, w.a, 1, setting.Decisions{})
		w.want("rules.md 6: without a fresh proof", err, access.ErrStepUp)
		if _, err = w.settings.Decisions(ctx, w.as("julie"), w.a); !fault.Is(err, fault.Forbidden) {
			w.Errorf("julie reads: %v", err)
		}
		if v, err = w.settings.Decisions(ctx, w.as("bruno"), w.a); err != nil || !v.SecondFactor {
			w.Errorf("bruno reads: %+v %v", v, err)
		}
		if v, err = w.settings.SetDecisions(ctx, w.as("claire"), w.a, 1, setting.Decisions{}); err != nil || v.Rev != 2 {
			w.Errorf("nothing again: %+v %v", v, err)
		}
		if n := w.count(`select count(*) from org_setting where name = 'decisions'`); n != 2 {
			w.Errorf("%d rows of history, want 2", n)
		}
	})
}

// rules.md 10: a network is written in one way; what could be read in two is refused
// (setting.network, setting.too_many_networks).
func TestParseNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "::ffff:192.0.2.15": "192.0.2.15/32", "::ffff:10.0.0.0/104": "10.0.0.0/8",
		"2001:db8::1": "2001:db8::1/128", "0.0.0.0/0": "0.0.0.0/0",
		"10.1.2.3/8": "", "": "", "10.0.0.0": "10.0.0.0/32", "example.fr": "", "10.0.0.0/33": "", "fe80::1%eth0": "", "010.0.0.0/8": "", "::ffff:0:0/90": "",
	} {
		p, ok := setting.ParseNetwork(in)
		if ok != (want != "") || ok && p != netip.MustParsePrefix(want) {
			t.Errorf("%q: %v %v, want %q", in, p, ok, want)
		}
	}
	if p, ok := setting.ParseNetwork(" 192.0.2.15 "); !ok || p.String() != "192.0.2.15/32" {
		t.Error("spaces around an address:", p, ok)
	}
	if _, err := setting.ParseNetworks([]string{"10.0.0.0/8", "nowhere"}); err == nil || fault.Of(err).Fields[0].Code != "setting.network" || fault.Of(err).Fields[0].Location != "networks[1]" {
		t.Error(err)
	}
	_, err := setting.ParseNetworks(strings.Split(strings.Repeat("10.0.0.0/8 ", setting.MaxNetworks+1), " "))
	if err == nil || fault.Of(err).Fields[0].Code != "setting.too_many_networks" {
		t.Error(err)
	}
	if _, err := setting.ParseDecisions(`{"decisions_second`); err == nil {
		t.Error("a damaged setting was read as one")
	}
}
