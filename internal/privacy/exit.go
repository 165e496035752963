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
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/store"
)

// Exits let an organisation leave, with everything that is its own.
type Exits struct {
	Run *action.Runner
	// Signed gives, by chain, the latest head that was signed and kept outside the database.
	Signed func(context.Context) (map[string]audit.Head, error)
	// Address is that of the installation, as its signatures name it.
	Address string

	between func(stage string) error // for tests: after each part of the work
}

// ExitAfter is how long an organisation that asked to leave may take it back.
const ExitAfter = 30 * 24 * time.Hour

// ExitState is where the leaving of an organisation stands.
type ExitState string

// The states.
const (
	ExitAsked    ExitState = "asked"     // it may be taken back
	ExitUnderWay ExitState = "under_way" // it is being removed
)

// Exit is the leaving of an organisation.
type Exit struct {
	Org     ident.Org
	State   ExitState
	AskedBy string // name
	AskedAt time.Time
	ActsAt  time.Time // from then on it is removed
	Version int64

	account ident.Account // who asked
	stage   string
	told    ident.Account // the last of the accounts that were told
	removed int64
}

// The stages of the work, in their order.
const (
	stageAsked   = "asked"
	stageLetters = "letters" // those who have no other organisation are told
	stageRows    = "rows"    // every row of the organisation goes, but those that say that it is leaving
	stageTrail   = "trail"   // the details of the trail go, behind its signed head
)

// ExitView is what the page of an organisation's leaving says.
type ExitView struct {
	Org    org.Org
	Exit   *Exit      // nil: nobody asked
	Export *OrgExport // the latest full export; nil: there is none
	Files  int64      // kept papers, and how large they are
	Bytes  int64
	// MayExport and MayLeave say what the reader may do.
	MayExport, MayLeave bool
}

// Refusals.
var (
	ErrExitName   = fault.OnField("name", "exit.name_differs")
	ErrExitPerson = fault.New(fault.Forbidden, "exit.person")
	ErrExitAsked  = fault.New(fault.Conflict, "exit.asked_already")
	ErrNoExit     = fault.New(fault.NotFound, "exit.none")
	ErrExitStale  = fault.New(fault.Stale, "api.version_stale")
)

const (
	verbExitRead     = "exit.read"
	verbExitAsk      = "exit.ask"
	verbExitTakeBack = "exit.take_back"
	verbExitBegin    = "exit.begin"
	verbExitDrop     = "exit.drop"
	verbExitFinish   = "exit.finish"
)

// leavers and exporters are the permissions that whoever decides of the whole organisation holds.
var (
	leavers   = []access.Permission{access.SettingsEdit, access.SecurityEdit, access.MembersDelete}
	exporters = []access.Permission{access.SettingsEdit, access.SecurityEdit, access.MembersRead, access.AuditExport, access.DossiersCertify}
)

// whole asks for permissions in the whole organisation: an administrator of a site has none of it.
func whole(verb string, in ident.Org, all []access.Permission) action.Act {
	act := action.Act{Verb: verb, Orgs: []ident.Org{in}, Object: in.String()}
	for _, p := range all {
		act.Needs = append(act.Needs, access.At(p, access.OrgScope(in)))
	}
	return act
}

// deciding is an act of a person who decides of the whole organisation, and has just proved who
// they are: no token does.
func deciding(verb string, by access.Actor, in ident.Org, all []access.Permission) action.Act {
	act := whole(verb, in, all)
	act.StepUp = true
	act.Resolve = func(context.Context, *store.Tx) ([]access.Need, error) {
		if !inPerson(by) {
			return nil, ErrExitPerson
		}
		return nil, nil
	}
	return act
}

func holds(h access.Held, in ident.Org, all []access.Permission) bool {
	for _, p := range all {
		if !h.Has(p, access.OrgScope(in)) {
			return false
		}
	}
	return true
}

// Get tells where the leaving of an organisation stands, and its full export. It needs settings.edit
// in the whole organisation.
func (e Exits) Get(ctx context.Context, by access.Actor, in ident.Org) (ExitView, error) {
	return action.View(ctx, e.Run, by, whole(verbExitRead, in, leavers[:1]), func(tx *store.Tx) (v ExitView, err error) {
		if v.Org, err = org.Get(ctx, tx, in); err != nil {
			return v, err
		}
		if x, found, err := findExit(ctx, tx, in); err != nil {
			return v, err
		} else if found {
			v.Exit = &x
		}
		if x, found, err := lastExport(ctx, tx, in); err != nil {
			return v, err
		} else if found {
			v.Export = &x
		}
		held, err := access.HeldBy(ctx, tx, by, in)
		if err != nil {
			return v, err
		}
		person := inPerson(by)
		v.MayExport, v.MayLeave = person && holds(held, in, exporters), person && holds(held, in, leavers)
		v.Files, v.Bytes, err = countFiles(ctx, tx, in)
		return v, err
	})
}

// Coming tells the members of an organisation that it is leaving, for as long as it is.
func (e Exits) Coming(ctx context.Context, by access.Actor, in ident.Org) (x Exit, found bool, err error) {
	act := action.Act{Verb: verbExitRead, Orgs: []ident.Org{in}, Object: in.String(), Needs: []access.Need{access.MemberOf(in)}}
	_, err = action.View(ctx, e.Run, by, act, func(tx *store.Tx) (_ struct{}, err error) {
		x, found, err = findExit(ctx, tx, in)
		return struct{}{}, err
	})
	return x, found, err
}

// Ask asks that an organisation leaves: a person who administers the whole of it types its name,
// and every administrator is told. It is removed after ExitAfter, and may be used until then.
// Errors: ErrExitName, ErrExitAsked, ErrExitPerson.
func (e Exits) Ask(ctx context.Context, by access.Actor, in ident.Org, name string) (Exit, error) {
	return action.Run(ctx, e.Run, by, deciding(verbExitAsk, by, in, leavers), func(tx *action.Tx) (Exit, error) {
		o, err := org.Get(ctx, tx.Tx, in)
		if err != nil {
			return Exit{}, err
		}
		if !departure.SameName(o.Name, name) {
			return Exit{}, ErrExitName
		}
		if x, found, err := findExit(ctx, tx.Tx, in); err != nil || found {
			return x, firstError(err, ErrExitAsked)
		}
		x := Exit{
			Org: in, State: ExitAsked, AskedBy: tx.By.Name, AskedAt: tx.Now, ActsAt: tx.Now.Add(ExitAfter), Version: 1,
			account: tx.By.Account, stage: stageAsked,
		}
		tx.Record(audit.Event{Org: in, Verb: verbExitAsk, Object: in.String(), After: map[string]any{"acts_at": x.ActsAt.Format(time.RFC3339)}})
		tx.After(job.Order{Args: ExitAskedLetter{Org: in, By: x.AskedBy, ActsAt: x.ActsAt}})
		return x, insertExit(ctx, tx.Tx, x)
	})
}

// TakeBack takes the asking back: any person who might have asked may, until the work began, which
// closes the organisation. Errors: ErrNoExit, ErrExitStale, ErrExitPerson.
func (e Exits) TakeBack(ctx context.Context, by access.Actor, in ident.Org, version int64) error {
	_, err := action.Run(ctx, e.Run, by, deciding(verbExitTakeBack, by, in, leavers), func(tx *action.Tx) (struct{}, error) {
		x, found, err := findExit(ctx, tx.Tx, in)
		switch {
		case err != nil || !found:
			return struct{}{}, firstError(err, ErrNoExit)
		case x.Version != version:
			return struct{}{}, ErrExitStale
		}
		tx.Record(audit.Event{Org: in, Verb: verbExitTakeBack, Object: in.String()})
		tx.After(job.Order{Args: ExitTakenBackLetter{Org: in, By: tx.By.Name}})
		return struct{}{}, deleteExit(ctx, tx.Tx, in)
	})
	return err
}

// The letters that leaving orders; package notify writes them.

// ExitAskedLetter tells every administrator that the organisation is to be removed.
type ExitAskedLetter struct {
	Org    ident.Org
	By     string
	ActsAt time.Time
}

// Kind names the job.
func (ExitAskedLetter) Kind() string { return "letter.exit_asked" }

// ExitTakenBackLetter tells them that it is not.
type ExitTakenBackLetter struct {
	Org ident.Org
	By  string
}

// Kind names the job.
func (ExitTakenBackLetter) Kind() string { return "letter.exit_taken_back" }

// ExitDroppedLetter tells every administrator that the organisation is not removed: on the day, whoever
// had asked for it might not any more.
type ExitDroppedLetter struct {
	Org ident.Org
	By  string // who had asked
}

// Kind names the job.
func (ExitDroppedLetter) Kind() string { return "letter.exit_dropped" }

// ExitDoneLetter tells a person that an organisation is gone and that they have no other. The
// organisation is named, since it can be read no more: its name is in the secret of the job.
type ExitDoneLetter struct{ Account ident.Account }

// Kind names the job.
func (ExitDoneLetter) Kind() string { return "letter.exit_done" }

// OrgExportLetter tells who asked for a full export that it is ready.
type OrgExportLetter struct {
	Org     ident.Org
	Account ident.Account
	Until   time.Time
}

// Kind names the job.
func (OrgExportLetter) Kind() string { return "letter.org_export" }

// AskedOf reads when an organisation is to be removed, for the letters that tell of it.
func AskedOf(ctx context.Context, tx *store.Tx, in ident.Org) (time.Time, bool, error) {
	x, found, err := findExit(ctx, tx, in)
	return x.ActsAt, found, err
}
