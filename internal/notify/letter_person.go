package notify

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/job"
	"habilis/internal/privacy"
	"habilis/internal/store"
	"habilis/internal/text"
)

// The letters about a person's data (AUD-4).
const (
	KindDataExport    Kind = "data_export"    // to whoever asked for it
	KindErased        Kind = "erased"         // to whom an organisation erases
	KindAccountErased Kind = "account_erased" // to whoever erased their account: the last one
)

var personKinds = []Kind{KindDataExport, KindErased, KindAccountErased}

// DataExportFacts are what is said of an export that is ready. Org is nil of one's own.
type DataExportFacts struct {
	Org   *Org
	Until time.Time
}

// WriteDataExport tells whoever asked that an export is ready, and where: it holds no link, so that
// nobody learns to click.
func WriteDataExport(to Recipient, f DataExportFacts) (Letter, error) {
	w := write(KindDataExport, to, f.Org, map[string]any{varUntil: f.Until})
	where := "where_mine"
	if f.Org != nil {
		where = "where_member"
	}
	w.say("intro", where)
	return w.end("account", Contact{})
}

// WriteErased tells a person that an organisation which they left erases what it kept about them.
func WriteErased(to Recipient, f AccessFacts) (Letter, error) {
	w := write(KindErased, to, &f.Org, map[string]any{"At": f.At})
	w.say("intro", "what", "others")
	return w.end("account", f.Contact)
}

// WriteAccountErased is the last letter to an address.
func WriteAccountErased(to Recipient, at time.Time) (Letter, error) {
	w := write(KindAccountErased, to, nil, map[string]any{"At": at})
	w.say("intro", "others")
	return w.end("account", Contact{})
}

// personLetters are those about a person's data.
func personLetters() map[string]composer {
	return map[string]composer{
		privacy.CopyLetter{}.Kind():          copyReady,
		privacy.ErasedLetter{}.Kind():        erased,
		privacy.AccountErasedLetter{}.Kind(): accountErased,
	}
}

// copyReady tells whoever asked, if they may still enter the organisation.
func copyReady(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[privacy.CopyLetter](j)
	if err != nil {
		return Letter{}, err
	}
	a, err := person(ctx, tx, args.Account)
	if err != nil {
		return Letter{}, err
	}
	f := DataExportFacts{Until: args.Until}
	if !args.Org.IsZero() {
		held, err := access.HeldByAccount(ctx, tx, args.Account, args.Org)
		if err != nil || !held.HasAnywhere(access.MembersRead) {
			return Letter{}, firstError(err, errMoot)
		}
		o, err := plaque(ctx, tx, args.Org)
		if err != nil {
			return Letter{}, err
		}
		f.Org = &o
	}
	return WriteDataExport(recipient(a), f)
}

// erased tells a person whose account is theirs still.
func erased(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[privacy.ErasedLetter](j)
	if err != nil {
		return Letter{}, err
	}
	to, o, err := reached(ctx, tx, args.Account, args.Org)
	if err != nil {
		return Letter{}, err
	}
	return WriteErased(to, AccessFacts{Org: o, At: j.Created})
}

// accountErased goes to the address that the job carries sealed, without a name: nothing else knows
// of them any more.
func accountErased(_ context.Context, _ *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[privacy.AccountErasedLetter](j)
	if err != nil {
		return Letter{}, err
	}
	return WriteAccountErased(Recipient{Email: j.Secret.Reveal(), Lang: text.Lang(args.Language)}, j.Created)
}
