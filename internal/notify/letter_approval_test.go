package notify

import (
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/approval"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/text"
)

// approvalSamples are the letters about accounts that the support makes (APP-1).
func approvalSamples(lang text.Lang) map[string]func() (Letter, error) {
	waits := ApprovalFacts{
		Org: tilleuls, Person: "Romain Vidal", By: "Sacha Lambert", Ticket: "Demande 48213, nouveau secrétaire", Until: now.Add(approval.Life),
		Link: secret.NewText("https://habilis.exemple.fr/o/tilleuls/approvals"),
	}
	refused := ApprovalFacts{Org: tilleuls, By: "Bruno Lacaze", Reason: "Nous n’avons pas demandé ce compte.", At: now}
	return map[string]func() (Letter, error){
		"approval_waits":   func() (Letter, error) { return WriteApprovalWaits(aicha(lang), waits) },
		"approval_refused": func() (Letter, error) { return WriteApprovalRefused(aicha(lang), refused) },
	}
}

// APP-1: those who may decide are told that an account waits; the person is told of a
// refusal, at the address that the support typed, whether or not it has an account.
func TestApprovalsAreTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		a := approval.Approvals{Run: w.run, Enrol: w.e}
		made, err := a.Ask(ctx, access.Operator("cli"), approval.Ask{Ticket: "Demande 48213", Create: enrolment.Create{
			Org: w.org.ID, Sites: []ident.Site{w.sites[0]}, ProfileType: member.NonPractitioner, GivenName: "Romain", FamilyName: "Vidal",
			Function: "secretary", Email: "romain@ailleurs.example",
		}})
		w.must(err)
		var to []string
		for _, k := range w.work() {
			to = append(to, k.To)
			w.says(k, base+"/o/"+w.org.Slug+"/approvals", "Romain Vidal", "Demande 48213")
		}
		slices.Sort(to)
		if !slices.Equal(to, []string{"bruno@tilleuls.example", "claire@tilleuls.example", "tina@tilleuls.example"}) {
			w.Errorf("told: %v", to)
		}
		w.clock.Add(time.Hour)
		_, err = a.Decide(ctx, w.by(w.bruno), w.org.ID, made.Member, approval.Verdict{
			Decision: approval.Refuse, Reason: "Personne ne l’a demandé", Version: made.Version,
		})
		w.must(err)
		refusal := w.letter()
		if refusal.To != "romain@ailleurs.example" {
			w.Errorf("to %s", refusal.To)
		}
		w.says(refusal, "Bruno Lacaze", "Personne ne l’a demandé", w.org.Name)
		w.order(approval.WaitsLetter{Org: w.org.ID, Member: made.Member}, secret.Text{})
		if left := w.work(); len(left) != 0 {
			w.Errorf("what was decided waits no more: %+v", left)
		}
	})
}
