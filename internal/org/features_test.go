package org_test

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/org"
)

// ORG-6, ORG-7: the platform's support closes and opens the administration space, with a
// fresh proof; it stands in the organisation's trail as the support's act (AUD-2), and its
// administrators are told why they are refused.
func TestFeatures(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		for _, who := range []string{"claire", "odile"} {
			_, err := w.orgs.SetFeatures(ctx, w.as(who), w.a.ID, 1, org.Features{})
			w.want(who, err, access.ErrNotFound)
		}
		stale := w.as("sofia")
		stale.StepUp = w.db.Now().Add(-time.Hour)
		_, err := w.orgs.SetFeatures(ctx, stale, w.a.ID, 1, org.Features{})
		w.want("an old proof", err, access.ErrStepUp)
		_, err = w.orgs.SetFeatures(ctx, w.as("sofia"), w.a.ID, 7, org.Features{})
		w.want("another version", err, org.ErrStale)
		same, err := w.orgs.SetFeatures(ctx, w.as("sofia"), w.a.ID, 1, org.Features{Administration: true})
		if err != nil || same.Rev != 1 || !same.Features.Administration {
			w.Errorf("what already is: %+v %v", same, err)
		}

		o, err := w.orgs.SetFeatures(ctx, w.as("sofia"), w.a.ID, 1, org.Features{})
		if err != nil || o.Rev != 2 || o.Features.Administration || o.Members != 3 {
			w.Fatalf("%+v %v", o, err)
		}
		_, err = w.orgs.Edit(ctx, w.as("claire"), w.a.ID, 2, org.Details{Name: "Autre", Kind: org.Practice})
		w.want("an administrator", err, access.ErrFeatureOff)
		_, err = w.orgs.Edit(ctx, w.as("julie"), w.a.ID, 2, org.Details{Name: "Autre", Kind: org.Practice})
		w.want("a member", err, access.ErrForbidden)
		if _, _, err = w.orgs.Enter(ctx, w.as("claire"), w.a.Slug); err != nil {
			w.Errorf("members work on: %v", err)
		}
		if n := w.count(`select count(*) from audit_event where chain = $1 and verb = 'org.features' and outcome = 'done'`, w.a.ID); n != 1 {
			w.Errorf("%d records", n)
		}
		if n := w.count(`select count(*) from audit_event where chain = $1 and verb = 'org.edit' and outcome = 'refused'`, w.a.ID); n != 2 {
			w.Errorf("%d refusals", n)
		}
		// Other changes of the organisation leave it as it is.
		if o, err = w.orgs.Suspend(ctx, w.as("sofia"), w.a.ID, ""); err != nil || o.Features.Administration {
			w.Errorf("%+v %v", o, err)
		}
		if o, err = w.orgs.Resume(ctx, w.as("sofia"), w.a.ID); err != nil || o.Features.Administration {
			w.Errorf("%+v %v", o, err)
		}
		if o, err = w.orgs.SetFeatures(ctx, w.as("sofia"), w.a.ID, o.Rev, org.Features{Administration: true}); err != nil || !o.Features.Administration {
			w.Errorf("%+v %v", o, err)
		}
		if _, err = w.orgs.Edit(ctx, w.as("claire"), w.a.ID, o.Rev, org.Details{Name: "Autre", Kind: org.Practice}); err != nil {
			w.Errorf("open again: %v", err)
		}
	})
}

// ORG-7: the platform's list is narrowed by state and by type.
func TestListByKind(t *testing.T) {
	eachWorld(t, func(w *world) {
		l, err := w.orgs.All(w.Context(), w.as("sofia"), org.Filter{Kind: org.CPTS})
		if err != nil || l.Total != 1 || l.Items[0].ID != w.b.ID {
			w.Errorf("%+v %v", l, err)
		}
		if l, err = w.orgs.All(w.Context(), w.as("sofia"), org.Filter{Kind: org.CPTS, Status: org.Suspended}); err != nil || l.Total != 0 {
			w.Errorf("%+v %v", l, err)
		}
		if _, err = w.orgs.All(w.Context(), w.as("sofia"), org.Filter{Kind: "castle"}); err == nil {
			w.Error("a type that there is none of")
		}
	})
}
