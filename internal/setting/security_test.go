package setting_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"habilis/internal/fault"
	"habilis/internal/setting"
)

// codes gives what must be corrected, "field code".
func codes(err error) (out []string) {
	if err == nil {
		return nil
	}
	for _, f := range fault.Of(err).Fields {
		out = append(out, f.Location+" "+f.Code)
	}
	return out
}

// SEC-4, MFA-13: a policy that would lock its author or everybody out, or that is beyond
// what rules.md 7 allows, is refused (setting.factors_none, setting.required_unknown,
// setting.out_of_bounds, setting.network_wide, setting.networks_empty,
// setting.networks_without_yours).
func TestSecurityBounds(t *testing.T) {
	eachWorld(t, func(w *world) {
		by := w.as("claire")
		by.Address = "203.0.113.7"
		list := func(s ...string) (out []netip.Prefix) {
			for _, n := range s {
				out = append(out, netip.MustParsePrefix(n))
			}
			return out
		}
		for what, c := range map[string]struct {
			change func(*setting.Security)
			want   []string
		}{
			"the SMS alone":    {func(s *setting.Security) { s.Factors = setting.Factors{SMS: true} }, []string{"factors setting.factors_none"}},
			"no factor at all": {func(s *setting.Security) { s.Factors = setting.Factors{} }, []string{"factors setting.factors_none"}},
			"nobody":           {func(s *setting.Security) { s.Required = "nobody" }, []string{"required setting.required_unknown"}},
			"a year of grace":  {func(s *setting.Security) { s.GraceDays = 91 }, []string{"grace_days setting.out_of_bounds"}},
			"longer sessions":  {func(s *setting.Security) { s.IdleMinutes, s.AbsoluteHours = 31, 13 }, []string{"idle_minutes setting.out_of_bounds", "absolute_hours setting.out_of_bounds"}},
			"no session":       {func(s *setting.Security) { s.IdleMinutes, s.AbsoluteHours = 4, 0 }, []string{"idle_minutes setting.out_of_bounds", "absolute_hours setting.out_of_bounds"}},
			"devices for ever": {func(s *setting.Security) { s.DeviceDays = 31 }, []string{"device_days setting.out_of_bounds"}},
			"an empty list":    {func(s *setting.Security) { s.NetworkOnly = true }, []string{"networks setting.networks_empty"}},
			"a factor nowhere": {func(s *setting.Security) { s.NetworkFactor = true }, []string{"networks setting.networks_empty"}},
			"without your own": {func(s *setting.Security) { s.Networks = list("198.51.100.0/24") }, []string{"networks setting.networks_without_yours"}},
			"the whole Internet": {func(s *setting.Security) { s.Networks, s.NetworkOnly = list("0.0.0.0/0", "::/0"), true },
				[]string{"networks[0] setting.network_wide", "networks[1] setting.network_wide"}},
			"in two halves": {func(s *setting.Security) { s.Networks = list("0.0.0.0/1", "128.0.0.0/1") },
				[]string{"networks[0] setting.network_wide", "networks[1] setting.network_wide"}},
			"your own":                 {func(s *setting.Security) { s.Networks, s.NetworkOnly = list("203.0.113.0/24"), true }, nil},
			"your own and a large one": {func(s *setting.Security) { s.Networks = list("10.0.0.0/8", "203.0.113.7/32") }, nil},
		} {
			now, err := w.settings.Security(w.Context(), by, w.a)
			if err != nil {
				t.Fatal(err)
			}
			next := now
			c.change(&next)
			_, err = w.settings.SetSecurity(w.Context(), by, w.a, now.Rev, next)
			if got := codes(err); !slices.Equal(got, c.want) || (err != nil) != (len(c.want) > 0) {
				t.Errorf("%s: %v %v, want %v", what, got, err, c.want)
			}
			if err == nil {
				reset := setting.DefaultSecurity()
				if _, err = w.settings.SetSecurity(w.Context(), by, w.a, now.Rev+1, reset); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// SEC-4: the grace begins when a policy asks for more of somebody, not when it asks for less.
func TestRequiredSince(t *testing.T) {
	eachWorld(t, func(w *world) {
		by := w.as("claire")
		v := setting.DefaultSecurity()
		set := func(what string, change func(*setting.Security), moves bool) {
			t.Helper()
			next := v
			change(&next)
			next.RequiredSince = time.Unix(0, 0) // never the caller's to say
			out, err := w.settings.SetSecurity(w.Context(), by, w.a, v.Rev, next)
			if err != nil {
				t.Fatal(err)
			}
			if moved := !out.RequiredSince.Equal(v.RequiredSince); moved != moves {
				t.Errorf("%s: it counts from %v", what, out.RequiredSince)
			}
			v = out
		}
		set("of administrators only", func(s *setting.Security) { s.Required = setting.Administrators }, false)
		set("of everybody", func(s *setting.Security) { s.Required = setting.Everybody }, true)
		set("no SMS", func(s *setting.Security) { s.Factors.SMS = false }, true)
		set("SMS again", func(s *setting.Security) { s.Factors.SMS = true }, false)
		set("a longer grace", func(s *setting.Security) { s.GraceDays = 30 }, false)
		at := v.RequiredSince
		if v.Due(at.Add(-time.Hour)) != at.AddDate(0, 0, 30) || v.Due(at.Add(time.Hour)) != at.Add(time.Hour).AddDate(0, 0, 30) {
			t.Error("it is not the later of the policy and the account")
		}
		if again, err := w.settings.Security(w.Context(), by, w.a); err != nil || !again.RequiredSince.Equal(at) {
			t.Errorf("read again: %v %v", again.RequiredSince, err)
		}
	})
}

// A row of before this policy has the defaults for what it does not say.
func TestOldPolicy(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.exec(`insert into org_setting (org_id, name, rev, value, known_from) values ($1, 'security', 1, '{"temporary_passwords":true,"quiet_access":true}', $2)`, w.a, w.db.Now())
		v, err := w.settings.Security(w.Context(), w.as("claire"), w.a)
		want := setting.DefaultSecurity()
		want.TemporaryPasswords, want.QuietAccess, want.Rev = true, true, 1
		if err != nil || v.GraceDays != want.GraceDays || v.Factors != want.Factors || v.Required != want.Required || !v.TemporaryPasswords || v.IdleMinutes != 30 {
			t.Errorf("%+v %v", v, err)
		}
	})
}
