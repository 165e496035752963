package privacy

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// People gives people what is kept about them, and erases it (AUD-4).
type People struct {
	Run        *action.Runner
	Departures departure.Departures
	Journal    journal.Journal
	// Signed gives, by chain, the latest head that was signed and kept outside the database. Without
	// it nothing of a trail goes.
	Signed func(context.Context) (map[string]audit.Head, error)

	// Installation is how long the chain of the installation keeps what; the defaults where it is silent.
	Installation setting.Retention

	between func(stage string) error // for tests: after each part of the work
}

// Bounds.
const (
	DataExportDays  = 7 // how long what was prepared can be taken
	DataExportsKept = DataExportDays * 24 * time.Hour
	// MaxRowsGiven bounds what one table gives, MaxEventsGiven the events; what is left out is said.
	MaxRowsGiven   = 10_000
	MaxEventsGiven = 10_000
	MaxPapersGiven = 40 << 20 // bytes of papers in one file
	MaxNameTyped   = 400      // bytes
	MaxNamed       = 50       // things that bear a name, in a preview
	// rowsAtOnce and tablesAtOnce bound one part of an erasure.
	rowsAtOnce = 2_000

	// ErasureWait is how long an erasure asked for in writing waits: whoever holds the account or its
	// mailbox is told, and may say no.
	ErasureWait     = ErasureWaitDays * 24 * time.Hour
	ErasureWaitDays = 7
	MinGround       = 10 // characters of the ground
	MaxGround       = 500
	// MaxErasuresAsked bounds what waits at once, on the whole installation: a hand on the account of an
	// administrator of the platform empties no installation in a week.
	MaxErasuresAsked = 100
)

// The acts, as the trail names them.
const (
	verbCopyAsk     = "privacy.export"
	verbCopyMine    = "privacy.export_mine"
	verbCopyList    = "privacy.list"
	verbCopyDone    = "privacy.prepare"
	verbCopyTake    = "privacy.download"
	verbCopyOver    = "privacy.expire"
	verbEraseLook   = "privacy.preview"
	verbErase       = "privacy.erase"
	verbEraseMine   = "privacy.erase_account"
	verbEraseStep   = "privacy.step"
	verbEraseStop   = "privacy.stopped"
	verbErased      = "privacy.erased"
	verbErasedAlone = "privacy.account_erased"
	// Of an account, on its person's written request.
	verbEraseFind     = "privacy.find_account"
	verbEraseAsk      = "privacy.ask_erasure"
	verbEraseWaiting  = "privacy.list_erasures"
	verbEraseTakeBack = "privacy.stop_erasure" // package login records it too
	verbEraseBegin    = "privacy.begin_erasure"
)

// Faults of exports and erasures.
var (
	ErrStillMember  = fault.New(fault.Conflict, "privacy.still_member")
	ErrCameBack     = fault.New(fault.Conflict, "privacy.came_back")
	ErrErasing      = fault.New(fault.Conflict, "privacy.erasing")
	ErrErased       = fault.New(fault.Conflict, "privacy.erased")
	ErrName         = fault.OnField("full_name", "privacy.name_differs")
	ErrMemberships  = fault.New(fault.Conflict, "privacy.memberships_left")
	ErrPlatform     = fault.New(fault.Conflict, "privacy.platform_role")
	ErrPlatformPast = fault.New(fault.Conflict, "privacy.platform_past")
	ErrMerged       = fault.New(fault.Conflict, "privacy.merged") // another account gave way to it lately
	ErrCopyMaking   = fault.New(fault.Conflict, "privacy.export_running")
	ErrCopyNotReady = fault.New(fault.Conflict, "privacy.export_not_ready")
	ErrNoCopy       = fault.New(fault.NotFound, "privacy.export_none")
	ErrErasureWaits = fault.New(fault.Conflict, "privacy.erasure_waits")
	ErrErasuresFull = fault.New(fault.Conflict, "privacy.erasures_full")
	ErrErasureGone  = fault.New(fault.NotFound, "privacy.erasure_none")
	ErrEraseSelf    = fault.New(fault.Conflict, "privacy.erase_self")
	ErrClosed       = fault.New(fault.Conflict, "privacy.account_closed") // it gave way to another one
	ErrReturned     = fault.New(fault.Conflict, "privacy.signed_in_since")
	ErrNotInPerson  = fault.New(fault.Forbidden, "privacy.person")
)

// inPerson reports whether a person acts who has signed in: a token, even their own, carries no
// fresh proof of who they are, and what it took or erased would be gone for good.
func inPerson(by access.Actor) bool { return by.Kind == access.Person && by.Token.IsZero() }

// onlyInPerson refuses whoever does not act in person.
func onlyInPerson(by access.Actor) error {
	if !inPerson(by) {
		return ErrNotInPerson
	}
	return nil
}

// leaver is somebody who left, and what they were.
type leaver struct{ member.Former }

// reach finds somebody who left, and checks that by holds what is needed over the whole of what they
// were. Errors: member.ErrNotFound, ErrStillMember for whom by might, access.ErrForbidden.
func reach(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, of ident.Member, needs ...access.Permission,
) (l leaver, err error) {
	at, err := member.LeftAt(ctx, tx, org, of)
	if fault.Is(err, fault.NotFound) {
		return l, present(ctx, tx, by, org, of, needs)
	}
	if err != nil {
		return l, err
	}
	if l.Former, err = member.FormerOf(ctx, tx, org, of, at); err != nil {
		return l, err
	}
	held, err := access.HeldBy(ctx, tx, by, org)
	switch {
	case err != nil:
		return l, err
	case !l.SeenBy(held):
		return l, member.ErrNotFound
	}
	for _, p := range needs {
		if err := l.Over(held, p); err != nil {
			return l, err
		}
	}
	return l, nil
}

// present is the refusal of an erasure of somebody who is a member.
func present(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, of ident.Member, needs []access.Permission) error {
	for _, p := range needs {
		if _, err := member.Over(ctx, tx, by, org, of, p); err != nil {
			return err
		}
	}
	return ErrStillMember
}

// anyOf checks the same of somebody who is a member, or was.
func anyOf(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, of ident.Member, needs ...access.Permission,
) (member.Member, error) {
	l, err := reach(ctx, tx, by, org, of, needs...)
	if err == nil {
		return l.Member, nil
	}
	if fault.Of(err).Code != ErrStillMember.Code {
		return member.Member{}, err
	}
	return member.Find(ctx, tx, org, of)
}
