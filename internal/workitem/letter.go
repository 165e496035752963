package workitem

import (
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
)

// ReceivedEvery is the time of which one letter gathers what somebody was handed: a departure hands
// work over in many parts.
const ReceivedEvery = time.Hour

// receivedMargin is how long after its hour the letter is written.
const receivedMargin = 2 * time.Minute

// ReceivedLetter tells a member that work was handed over to them in the ReceivedEvery that begins
// with From.
type ReceivedLetter struct {
	Org    ident.Org    `json:"org"`
	Member ident.Member `json:"member"`
	From   time.Time    `json:"from"`
}

// Kind names the job.
func (ReceivedLetter) Kind() string { return "letter.work_received" }

// announce orders the letter of the hour.
func announce(tx *action.Tx, org ident.Org, to ident.Member) {
	hour := tx.Now.Truncate(ReceivedEvery)
	tx.After(job.Order{
		Args: ReceivedLetter{Org: org, Member: to, From: hour}, Priority: job.Bulk, At: hour.Add(ReceivedEvery + receivedMargin),
		Unique: to.String() + " " + hour.Format(time.RFC3339),
	})
}
