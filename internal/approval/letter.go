package approval

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// WaitsLetter tells the administrators of an organisation that an account made by the
// support waits for them.
type WaitsLetter struct {
	Org    ident.Org
	Member ident.Member
}

// Kind names the job.
func (WaitsLetter) Kind() string { return "letter.approval_waits" }

// RefusedLetter tells a person that the organisation refused the account made for them.
// Who is authorised is told by the letter of coming in: the invitation, or that they joined.
type RefusedLetter struct {
	Org    ident.Org
	Member ident.Member
}

// Kind names the job.
func (RefusedLetter) Kind() string { return "letter.approval_refused" }

// Find reads one for a letter, whatever its status. The second value is false when there is
// none.
func Find(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) (Approval, bool, error) {
	return find(ctx, tx, org, id)
}
