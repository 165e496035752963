package credential

import (
	"time"

	"habilis/internal/ident"
)

// Limits of the tries of one factor (rules.md 4).
const (
	FactorTries = 10             // wrong codes in a day …
	FactorRest  = 24 * time.Hour // … after which it rests so long; what is required stays required
)

// Used is what came of a try of a second factor. A refusal is no error: the count of it is
// kept, and so must be committed.
type Used struct {
	Kind   FactorKind
	Factor ident.Factor // which; zero: none was recognised, or a recovery code
	OK     bool
	Locked bool // it rests, or there is none: even the right answer is refused
	Locks  bool // this try is the one that made it rest
	Left   int  // tries that are left; of recovery codes, after one was used: codes
	Copied bool // a passkey whose counter went back: two of it may exist, and its person must know
}
