package notify

import (
	"context"
	"slices"
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

// VER-5, MEM-6: one letter a night to each of those who may decide on the alert, with the address of
// the page; none once everything is decided.
func TestDirectoryAlertsAreTold(t *testing.T) {
	for site, want := range []string{"bruno, claire, tina", "bruno, claire"} { // tina administers the first site
		eachWorld(t, func(w *world) {
			w.must(w.db.Write(ctx, []store.Lock{store.Lock(w.org.ID)}, func(tx *store.Tx) error {
				_, err := member.Insert(ctx, tx, member.New{
					Org: w.org.ID, ProfileType: member.Regulated, GivenName: "Awa", FamilyName: "Koné", Function: "midwife", RPPS: "99700004122",
					Sites: []ident.Site{w.sites[site]},
				})
				return err
			}))
			r, err := dossier.Watch{Run: w.run, Source: published{}}.Compare(ctx)
			if err != nil || r.Raised != 1 {
				w.Fatalf("%+v %v", r, err)
			}
			var to []string
			for _, k := range w.work() {
				to = append(to, strings.TrimSuffix(k.To, "@tilleuls.example"))
				if !strings.Contains(k.Text, base+"/o/"+w.org.Slug+"/directory-alerts") || strings.Contains(k.Text, "Koné") || strings.Contains(k.Subject, "Koné") {
					w.Errorf("%+v", k)
				}
			}
			slices.Sort(to)
			if got := strings.Join(to, ", "); got != want {
				w.Errorf("told %s, want %s", got, want)
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
}
