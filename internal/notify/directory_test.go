package notify

import (
	"context"
	"strings"
	"testing"

	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// published is a directory that knows one midwife.
type published struct{}

func (published) ByRPPS(_ context.Context, rpps string) (directory.Answer, error) {
	return directory.Answer{Origin: directory.FromIndex, Practitioners: []directory.Practitioner{{RPPS: rpps, Active: true, GivenName: "AWA", FamilyName: "KONÉ"}}}, nil
}

func (published) ByName(context.Context, directory.Name) (directory.Answer, error) {
	return directory.Answer{}, nil
}

// VER-5: one letter a night to each administrator of the organisation, with the address of
// the page; none once everything is decided.
func TestDirectoryAlertsAreTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.must(w.db.Write(ctx, []store.Lock{store.Lock(w.org.ID)}, func(tx *store.Tx) error {
			_, err := member.Insert(ctx, tx, member.New{
				Org: w.org.ID, ProfileType: member.Regulated, GivenName: "Awa", FamilyName: "Koné", Function: "midwife", RPPS: "99700004122", Sites: []ident.Site{w.sites[0]},
			})
			return err
		}))
		r, err := dossier.Watch{Run: w.run, Source: published{}}.Compare(ctx)
		if err != nil || r.Raised != 1 {
			w.Fatalf("%+v %v", r, err)
		}
		to := []string{}
		for _, k := range w.work() {
			to = append(to, k.To)
			if !strings.Contains(k.Text, base+"/o/"+w.org.Slug+"/directory-alerts") || strings.Contains(k.Text, "Koné") || strings.Contains(k.Subject, "Koné") {
				w.Errorf("%+v", k)
			}
		}
		if len(to) != 2 || !strings.Contains(strings.Join(to, " "), "bruno@tilleuls.example") || !strings.Contains(strings.Join(to, " "), "claire@tilleuls.example") {
			w.Errorf("%v", to)
		}
		w.must(w.db.Write(ctx, []store.Lock{store.Lock(w.org.ID)}, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update directory_alert set status = 'dismissed' where org_id = $1`, w.org.ID)
			return err
		}))
		w.order(dossier.DigestLetter{Org: w.org.ID}, secret.Text{})
		if left := w.work(); len(left) != 0 {
			w.Errorf("everything is decided: %+v", left)
		}
	})
}
