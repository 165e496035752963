package login

import (
	"time"

	"habilis/internal/credential"
	"habilis/internal/ident"
)

// FactorChange is what happened to the second factors of a person.
type FactorChange string

// The changes that a person is told of, each in a letter that leads nowhere that acts.
const (
	FactorAdded         FactorChange = "added"
	FactorRemoved       FactorChange = "removed"
	FactorRested        FactorChange = "rested"         // too many wrong codes in a day (MFA-02, MFA-10)
	RecoveryMade        FactorChange = "recovery_made"  // new codes; those before are worth nothing
	FactorCopied        FactorChange = "copied"         // a passkey's counter went back, as a copy of it would do (MFA-09)
	RecoveryUsed        FactorChange = "recovery_used"  // one of them opened something
	FactorRemovalKept   FactorChange = "removal_kept"   // a removal that was asked for was stopped
	FactorRemovalLapsed FactorChange = "removal_lapsed" // it could not be done any more when its day came
	FactorLossKept      FactorChange = "loss_kept"      // that of all factors was stopped
	FactorLossLapsed    FactorChange = "loss_lapsed"    // one of them was used meanwhile
	FactorsLost         FactorChange = "lost"           // all were taken, as was asked
)

// FactorLetter tells a person what happened to their second factors.
type FactorLetter struct {
	Account ident.Account
	Change  FactorChange
	Of      credential.FactorKind // empty: all of them
	Name    string                // what the person calls the factor
	Left    int                   // of RecoveryUsed: the codes left
	At      time.Time
	Address string // from where it was done; empty: by the server itself
	Browser string // the browser's name of itself
}

// Kind names the job.
func (FactorLetter) Kind() string { return "letter.factor" }

// RemovalLetter tells a person that somebody asked to remove one of their factors without
// having proved one as strong: it happens at ActsAt, unless the link that its job holds as
// secret is followed.
type RemovalLetter struct {
	Account ident.Account
	Of      credential.FactorKind
	Name    string
	At      time.Time
	ActsAt  time.Time
	Address string
	Browser string
}

// Kind names the job.
func (RemovalLetter) Kind() string { return "letter.factor_removal" }
