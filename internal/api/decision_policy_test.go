package api_test

import (
	"context"
	"slices"
	"testing"

	rest "habilis/client"
	"habilis/internal/decision"
	"habilis/internal/ident"
)

// rest.md, Decisions: what decisions ask of the connection is set by whoever edits the
// security policy; a network that is none is refused.
func TestDecisionPolicy(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := t.Context(), w.bruno.rest()
		p, err := c.GetDecisionPolicy(ctx, w.a)
		w.good(err)
		if p.SecondFactor || len(p.Networks) != 0 || p.Version != 0 {
			t.Errorf("by default: %+v", p)
		}
		yes, bad, list := true, []string{"10.1.0.0/16", "10.1.0.1/16"}, []string{"10.1.0.0/16", "::ffff:192.0.2.15"}
		_, err = c.EditDecisionPolicy(ctx, w.a, 0, rest.DecisionPolicyChange{Networks: &bad})
		w.refusedBy(err, 422, "invalid", "body.decisions_networks[1] setting.network")
		p, err = c.EditDecisionPolicy(ctx, w.a, 0, rest.DecisionPolicyChange{SecondFactor: &yes, Networks: &list})
		w.good(err)
		if !p.SecondFactor || !slices.Equal(p.Networks, []string{"10.1.0.0/16", "192.0.2.15/32"}) || p.Version != 1 {
			t.Errorf("set: %+v", p)
		}
		_, err = c.EditDecisionPolicy(ctx, w.a, 0, rest.DecisionPolicyChange{SecondFactor: &yes})
		w.refusedBy(err, 412, "api.version_stale") // RAC-07
		_, err = w.julie.rest().EditDecisionPolicy(ctx, w.a, 1, rest.DecisionPolicyChange{SecondFactor: &yes})
		w.refusedBy(err, 403, "access.forbidden")
		_, err = w.olga.rest().GetDecisionPolicy(ctx, w.a)
		w.refusedBy(err, 404, "access.not_found")
	})
}

// rest.md: a token marked trusted says so in its document; it may ask for decisions.
func TestTrustedToken(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := t.Context(), w.bruno.rest()
		_, err := c.CreateToken(ctx, w.a, rest.NewToken{Name: "x", Permissions: []string{"members.read"}, Trusted: true})
		w.refusedBy(err, 422, "invalid", "body.trusted token.trusted")
		made, err := c.CreateToken(ctx, w.a, rest.NewToken{Name: "x", Permissions: []string{"decisions.ask"}, Trusted: true})
		w.good(err)
		if list := collect(w, c.Tokens(ctx, w.a)); !made.Trusted || !list[0].Trusted {
			t.Errorf("%+v %+v", made, list)
		}
	})
}

// The log of decisions is read page by page by whoever reads the whole journal.
func TestListDecisions(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := t.Context(), w.bruno.rest()
		q := decision.Question{Subject: decision.Entity{Type: "member", ID: "mbr_x"}, Action: "read", Resource: decision.Entity{Type: "agenda", ID: "agd_x"}}
		for range 3 {
			w.decided.Note(ident.Org(w.a), "tok_x", "Agenda", &q, decision.Answer{Code: decision.UnknownSubject, Version: 4})
		}
		if err := w.decided.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		list := collect(w, c.Decisions(ctx, w.a, rest.DecisionQuery{Paging: rest.Paging{Limit: 2}, Outcome: "refusal"}))
		if len(list) != 3 || list[0].Code != "unknown.subject" || list[0].StandsFor != 1 || list[0].Subject.ID != "mbr_x" {
			t.Errorf("%+v", list)
		}
		if list := collect(w, c.Decisions(ctx, w.a, rest.DecisionQuery{Outcome: "permit"})); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		_, err := w.julie.rest().ListDecisions(ctx, w.a, rest.DecisionQuery{})
		w.refusedBy(err, 403, "access.forbidden")
		_, err = w.tina.rest().ListDecisions(ctx, w.a, rest.DecisionQuery{})
		w.refusedBy(err, 403, "access.forbidden") // of one site only
		_, err = w.olga.rest().ListDecisions(ctx, w.a, rest.DecisionQuery{})
		w.refusedBy(err, 404, "access.not_found")
	})
}
