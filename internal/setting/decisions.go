package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Decisions is what an organisation asks of the connection of whoever wants to use a
// right in a connected application (rest.md, Decisions). By default it asks nothing.
type Decisions struct {
	SecondFactor bool           // the person must have signed in with a second factor
	Networks     []netip.Prefix // the address must be in one of them; none: it may be any
	Rev          int64          // 0: never changed, the defaults hold
}

// MaxNetworks bounds the networks of an organisation.
const MaxNetworks = 50

// DecisionsName is the name of this setting's row.
const DecisionsName = "decisions"

// decisionsRow is the setting as it is kept.
type decisionsRow struct {
	SecondFactor bool           `json:"decisions_second_factor"`
	Networks     []netip.Prefix `json:"decisions_networks"`
}

// ParseDecisions reads the setting from the text of its row. A text that cannot be read
// is an error, never a default.
func ParseDecisions(text string) (Decisions, error) {
	var row decisionsRow
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		return Decisions{}, fmt.Errorf("setting: decisions: %w", err)
	}
	return Decisions{SecondFactor: row.SecondFactor, Networks: row.Networks}, nil
}

// ParseNetwork reads a network, "10.1.0.0/16", or a single address. An IPv4 address
// written as IPv6 equals it (rules.md 10). The second value is false for another text,
// and for one that names an address inside the network instead of the network.
func ParseNetwork(s string) (netip.Prefix, bool) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p != p.Masked() {
		return netip.Prefix{}, false
	}
	if a := p.Addr(); a.Is4In6() {
		if p.Bits() < mappedBits {
			return netip.Prefix{}, false
		}
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-mappedBits)
	}
	return p, true
}

// mappedBits is how many bits say that an IPv6 address stands for an IPv4 one.
const mappedBits = 96

// ParseNetworks reads the networks that somebody typed. Errors: fields to correct,
// "networks[3]".
func ParseNetworks(list []string) ([]netip.Prefix, error) {
	var f fault.Fields
	if len(list) > MaxNetworks {
		f.Add("networks", "setting.too_many_networks", "Max", MaxNetworks)
		return nil, f.Err()
	}
	var out []netip.Prefix
	seen := map[netip.Prefix]bool{}
	for i, s := range list {
		p, ok := ParseNetwork(s)
		if !ok {
			f.Add("networks["+strconv.Itoa(i)+"]", "setting.network")
			continue
		}
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out, f.Err()
}

// ReadDecisions reads what an organisation asks of the connection, in the caller's
// transaction: nothing, when it never set anything.
func ReadDecisions(ctx context.Context, tx *store.Tx, org ident.Org) (Decisions, error) {
	value, rev, err := current(ctx, tx, org, DecisionsName)
	if err != nil || rev == 0 {
		return Decisions{}, err
	}
	v, err := ParseDecisions(value)
	v.Rev = rev
	return v, err
}

// Decisions reads what org asks of the connection: whoever reads its security policy may.
func (s Settings) Decisions(ctx context.Context, by access.Actor, org ident.Org) (Decisions, error) {
	act := action.Act{Verb: "decisions.policy", Orgs: []ident.Org{org}, Object: org.String(), Resolve: readingPolicy(by, org)}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) (Decisions, error) { return ReadDecisions(ctx, tx, org) })
}

// SetDecisions changes what org asks of the connection; rev is the version that was
// read. Errors: ErrStale, fields to correct.
func (s Settings) SetDecisions(ctx context.Context, by access.Actor, org ident.Org, rev int64, v Decisions) (Decisions, error) {
	act := editAct("decisions.edit", access.SecurityEdit, org)
	return action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (Decisions, error) {
		old, err := ReadDecisions(ctx, tx.Tx, org)
		switch {
		case err != nil:
			return Decisions{}, err
		case old.Rev != rev:
			return Decisions{}, ErrStale
		case len(v.Networks) > MaxNetworks:
			return Decisions{}, fault.OnField("networks", "setting.too_many_networks", "Max", MaxNetworks)
		}
		next := decisionsRow{SecondFactor: v.SecondFactor, Networks: v.Networks}
		before, after := old.row().facts(), next.facts()
		if before["networks"] == after["networks"] && old.SecondFactor == v.SecondFactor {
			return old, action.Nothing
		}
		tx.Record(audit.Event{Org: org, Verb: act.Verb, Object: org.String(), Before: before, After: after})
		text, err := json.Marshal(next)
		if err != nil {
			return Decisions{}, err
		}
		v.Rev = old.Rev + 1
		return v, replace(ctx, tx.Tx, org, DecisionsName, v.Rev, string(text))
	})
}

func (v Decisions) row() decisionsRow {
	return decisionsRow{SecondFactor: v.SecondFactor, Networks: v.Networks}
}

// facts is the setting as the trail shows it.
func (r decisionsRow) facts() map[string]any {
	list := make([]string, len(r.Networks))
	for i, p := range r.Networks {
		list[i] = p.String()
	}
	return map[string]any{"second_factor": r.SecondFactor, "networks": strings.Join(list, ", ")}
}

// readingPolicy: whom the policy binds in an act may read it, as they read the other.
func readingPolicy(by access.Actor, org ident.Org) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(readers, held.HasAnywhere) {
			return []access.Need{access.MemberOf(org)}, nil
		}
		return []access.Need{access.At(access.SecurityEdit, access.OrgScope(org))}, nil
	}
}
