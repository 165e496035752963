package workitem

import (
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
)

// ReceivedLetter tells a member that work was handed over to them in the job.GatherEvery that begins
// with From.
type ReceivedLetter struct {
	Org    ident.Org    `json:"org"`
	Member ident.Member `json:"member"`
	From   time.Time    `json:"from"`
}

// Kind names the job.
func (ReceivedLetter) Kind() string { return "letter.work_received" }

// announce orders the letter that gathers what was handed over.
func announce(tx *action.Tx, org ident.Org, to ident.Member) {
	tx.After(job.Gather(tx.Now, to.String(), func(from time.Time) job.Args { return ReceivedLetter{Org: org, Member: to, From: from} }))
}
