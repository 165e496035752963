package notify

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/merge"
	"habilis/internal/store"
)

// KindRenumbered tells a person of their right number (MEM-3).
const KindRenumbered Kind = "member_renumbered"

var mergeKinds = []Kind{KindRenumbered}

// RenumberedFacts are what is said of another number.
type RenumberedFacts struct {
	Org     Org
	By      string
	Number  string
	Waits   bool // the person must be verified anew
	Contact Contact
}

// WriteRenumbered tells a person that their sheet bears another number, and whether that keeps them
// out until somebody has looked at it.
func WriteRenumbered(to Recipient, f RenumberedFacts) (Letter, error) {
	w := write(KindRenumbered, to, &f.Org, map[string]any{"By": f.By, "Number": f.Number})
	if f.Waits {
		w.say("intro", "waits")
	} else {
		w.say("intro", "same")
		w.openYourself()
	}
	return w.end("rights", f.Contact)
}

// renumbered is written to whoever is a member still.
var renumbered = letter(
	func(l merge.RenumberedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(_ context.Context, _ *store.Tx, _ job.Job, l merge.RenumberedLetter, to addressee) (Letter, error) {
		return WriteRenumbered(recipient(to.account), RenumberedFacts{
			Org: to.org, By: to.by(l.By), Number: to.member.RPPS, Waits: !to.member.Verification.Opens(),
		})
	})
