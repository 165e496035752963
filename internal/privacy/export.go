package privacy

import (
	"context"
	"errors"
	"io"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/store"
	"habilis/internal/text"
)

// DataExportState is where an export stands.
type DataExportState string

// The states.
const (
	Making DataExportState = "making"
	Ready  DataExportState = "ready"
	Failed DataExportState = "failed" // it could not be made: ask again
)

// DataExport is what is kept about somebody, prepared to be taken: by the person, of the whole
// installation; or by an organisation, of its member, its own part alone.
type DataExport struct {
	ID      ident.DataExport
	Org     ident.Org    // zero: of the whole installation
	Member  ident.Member // zero: of an account
	Account ident.Account
	State   DataExportState
	Bytes   int64 // of the file, once it is ready
	AskedAt time.Time
	ReadyAt time.Time // zero: it is not yet
	Until   time.Time // when it goes; zero: it is not ready

	askedBy  ident.Account // who alone may take it
	language string
}

// ExportMine prepares all that the installation keeps about the actor. Errors: ErrNotInPerson, ErrCopyMaking,
// limit.ErrExceeded, access.ErrStepUp.
func (p People) ExportMine(ctx context.Context, by access.Actor) (DataExport, error) {
	act := action.Act{Verb: verbCopyMine, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String(), StepUp: true}
	act.Resolve = func(context.Context, *store.Tx) ([]access.Need, error) { return nil, onlyInPerson(by) }
	return action.Run(ctx, p.Run, by, act, func(tx *action.Tx) (DataExport, error) {
		tx.Record(audit.Event{Verb: verbCopyMine, Object: by.Account.String()})
		return order(ctx, tx, DataExport{Account: by.Account})
	})
}

// ExportMember prepares what an organisation keeps about somebody who is a member, or was: its own
// part alone. The actor is a person: nobody else may take it. Errors: ErrNotInPerson, ErrCopyMaking,
// limit.ErrExceeded, member.ErrNotFound, access.ErrForbidden, access.ErrStepUp.
func (p People) ExportMember(ctx context.Context, by access.Actor, org ident.Org, of ident.Member) (DataExport, error) {
	x := DataExport{Org: org, Member: of}
	act := copyOf(verbCopyAsk, by, org, of, &x)
	act.StepUp = true
	known := act.Resolve
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		needs, err := known(ctx, tx)
		if err == nil {
			err = onlyInPerson(by)
		}
		return needs, err
	}
	return action.Run(ctx, p.Run, by, act, func(tx *action.Tx) (DataExport, error) {
		tx.Record(audit.Event{Org: org, Verb: verbCopyAsk, Object: of.String(), Subject: of.String()})
		return order(ctx, tx, x)
	})
}

// copyOf is an act on what an organisation keeps about somebody.
func copyOf(verb string, by access.Actor, org ident.Org, of ident.Member, x *DataExport) action.Act {
	act := action.Act{Verb: verb, Orgs: []ident.Org{org}, Object: of.String(), Subject: of.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		m, err := anyOf(ctx, tx, by, org, of, access.MembersEdit, access.MembersRead)
		x.Account = m.Account
		return []access.Need{access.MemberOf(org)}, err
	}
	return act
}

// order writes a new export, and orders that it be made.
func order(ctx context.Context, tx *action.Tx, x DataExport) (DataExport, error) {
	if err := action.TakeExport(ctx, tx); err != nil {
		return x, err
	}
	list, err := copiesFor(ctx, tx.Tx, x.Org, x.Member, tx.By.Account)
	if err != nil {
		return x, err
	}
	for _, v := range list {
		if v.State == Making {
			return x, ErrCopyMaking
		}
	}
	a, found, err := account.Get(ctx, tx.Tx, tx.By.Account)
	if err != nil || !found {
		return x, firstOf(err, account.ErrNotFound)
	}
	x.ID, x.State, x.AskedAt, x.askedBy, x.language = ident.NewDataExport(), Making, tx.Now, a.ID, string(a.Language)
	tx.After(job.Order{Args: CopyOrder{Org: x.Org, ID: x.ID}, Priority: job.Bulk})
	return x, insertCopy(ctx, tx.Tx, x)
}

// MyExports are the exports that the actor asked for of themself, newest first.
func (p People) MyExports(ctx context.Context, by access.Actor) ([]DataExport, error) {
	act := action.Act{Verb: verbCopyList, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	return action.View(ctx, p.Run, by, act, func(tx *store.Tx) ([]DataExport, error) {
		return copiesFor(ctx, tx, "", "", by.Account)
	})
}

// MemberExports are those that the actor asked for of somebody. Errors: member.ErrNotFound,
// access.ErrForbidden.
func (p People) MemberExports(ctx context.Context, by access.Actor, org ident.Org, of ident.Member) ([]DataExport, error) {
	var x DataExport
	return action.View(ctx, p.Run, by, copyOf(verbCopyList, by, org, of, &x), func(tx *store.Tx) ([]DataExport, error) {
		return copiesFor(ctx, tx, org, of, by.Account)
	})
}

// File is an export to be taken.
type File struct {
	Bytes int64

	io.Reader
	name string
}

// ContentType is that of a zip.
func (*File) ContentType() string { return "application/zip" }

// Name is how the file is called.
func (f *File) Name(time.Time) string { return f.name }

// Write writes it a part at a time.
func (f *File) Write(_ context.Context, _ *text.Printer, w io.Writer, flush func() error) error {
	const part = 256 << 10
	for {
		_, err := io.CopyN(w, f.Reader, part)
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err == nil {
			err = flush()
		}
		if err != nil {
			return err
		}
	}
}

// Download gives an export to whoever asked for it, and to nobody else; what they may know of the
// member is judged again (rules.md 13). Errors: ErrNotInPerson, ErrNoCopy, ErrCopyNotReady, access.ErrStepUp.
func (p People) Download(ctx context.Context, by access.Actor, org ident.Org, id ident.DataExport) (*File, error) {
	var x DataExport
	act := action.Act{Verb: verbCopyTake, Object: id.String(), StepUp: true}
	if !org.IsZero() {
		act.Orgs = []ident.Org{org}
	}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if !inPerson(by) {
			return []access.Need{need(org, by)}, ErrNotInPerson
		}
		var found bool
		if x, found, err = getCopy(ctx, tx, org, id); err != nil {
			return nil, err
		}
		if !found || x.askedBy != by.Account || x.State == Ready && !x.Until.After(tx.Now) {
			return []access.Need{need(org, by)}, ErrNoCopy
		}
		if !org.IsZero() {
			_, err = anyOf(ctx, tx, by, org, x.Member, access.MembersEdit, access.MembersRead)
		}
		return []access.Need{need(org, by)}, err
	}
	_, err := action.Run(ctx, p.Run, by, act, func(tx *action.Tx) (_ struct{}, err error) {
		if x.State != Ready {
			return struct{}{}, ErrCopyNotReady
		}
		if err := action.TakeExport(ctx, tx); err != nil {
			return struct{}{}, err
		}
		tx.Record(audit.Event{Org: org, Verb: verbCopyTake, Object: id.String(), Subject: x.Member.String()})
		return struct{}{}, nil
	})
	if err != nil {
		return nil, err
	}
	name := "habilis-" + x.AskedAt.In(text.Zone).Format(time.DateOnly) + ".zip"
	return &File{name: name, Bytes: x.Bytes, Reader: &copyReader{ctx: ctx, run: p.Run, of: x}}, nil
}

func need(org ident.Org, by access.Actor) access.Need {
	if org.IsZero() {
		return access.Myself(by.Account)
	}
	return access.MemberOf(org)
}

// CopyOrder orders that an export be made.
type CopyOrder struct {
	Org ident.Org
	ID  ident.DataExport
}

// Kind names the job.
func (CopyOrder) Kind() string { return "privacy.export" }

// CopyLetter tells whoever asked that an export is ready.
type CopyLetter struct {
	Org     ident.Org
	Member  ident.Member
	Account ident.Account // to whom
	Until   time.Time
}

// Kind names the job.
func (CopyLetter) Kind() string { return "letter.data_export" }

// DoExport makes the export of a CopyOrder. It may run twice: the file is written once.
func (p People) DoExport(ctx context.Context, j job.Job) error {
	var o CopyOrder
	if err := j.Decode(&o); err != nil {
		return err
	}
	var x DataExport
	var found bool
	err := p.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		x, found, err = getCopy(ctx, tx, o.Org, o.ID)
		return err
	})
	if err != nil || !found || x.State != Making {
		return err
	}
	if err := p.prepare(ctx, x); err != nil {
		if j.Last(err) {
			return errors.Join(err, p.settle(ctx, x, nil, Failed))
		}
		return err
	}
	return nil
}

// prepare makes the file of an export, and keeps it.
func (p People) prepare(ctx context.Context, x DataExport) error {
	data, err := p.gather(ctx, x)
	if errors.Is(err, errMayNot) {
		return p.settle(ctx, x, nil, Failed)
	}
	if err != nil {
		return err
	}
	return p.settle(ctx, x, data, Ready)
}

// settle writes what became of an export, unless it was done meanwhile.
func (p People) settle(ctx context.Context, x DataExport, data []byte, state DataExportState) error {
	act := action.Act{Verb: verbCopyDone, Object: x.ID.String(), Needs: []access.Need{access.Everybody()}}
	if !x.Org.IsZero() {
		act.Orgs = []ident.Org{x.Org}
	}
	_, err := action.Run(ctx, p.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		x, found, err := getCopy(ctx, tx.Tx, x.Org, x.ID)
		if err != nil || !found || x.State != Making {
			return struct{}{}, firstOf(err, action.Nothing)
		}
		x.State = state
		if state == Ready {
			x.Bytes = int64(len(data))
			if err := x.keep(ctx, tx, data); err != nil {
				return struct{}{}, err
			}
			tx.After(job.Order{Args: CopyLetter{
				Org: x.Org, Member: x.Member, Account: x.askedBy, Until: tx.Now.Add(DataExportsKept),
			}, Priority: job.Normal})
		}
		tx.Record(audit.Event{
			Org: x.Org, Verb: verbCopyDone, Object: x.ID.String(), Subject: x.Member.String(),
			After: map[string]any{"state": string(state), "bytes": x.Bytes},
		})
		return struct{}{}, finishCopy(ctx, tx.Tx, x)
	})
	return err
}

// sweepCopies makes the exports whose job stopped for good, and drops those whose time is over.
func (p People) sweepCopies(ctx context.Context) error {
	var due []DataExport
	var now time.Time
	err := p.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now
		due, err = dueCopies(ctx, tx, dueAtOnce)
		return err
	})
	failed := []error{err}
	for _, x := range due {
		switch {
		case x.State != Making:
			failed = append(failed, p.expire(ctx, x))
		case now.Sub(x.AskedAt) > makingWait: // no worker took it
			failed = append(failed, p.prepare(ctx, x))
		}
	}
	return errors.Join(failed...)
}

// makingWait is how long the job has to make an export before the timetable does it.
const makingWait = 2 * time.Minute

// expire drops an export whose time is over.
func (p People) expire(ctx context.Context, x DataExport) error {
	act := action.Act{Verb: verbCopyOver, Object: x.ID.String(), Needs: []access.Need{access.Everybody()}}
	if !x.Org.IsZero() {
		act.Orgs = []ident.Org{x.Org}
	}
	_, err := action.Run(ctx, p.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		x, found, err := getCopy(ctx, tx.Tx, x.Org, x.ID)
		if err != nil || !found {
			return struct{}{}, firstOf(err, action.Nothing)
		}
		tx.Record(audit.Event{Org: x.Org, Verb: verbCopyOver, Object: x.ID.String(), Subject: x.Member.String()})
		return struct{}{}, deleteCopy(ctx, tx.Tx, x)
	})
	return err
}

// dropCopies drops the exports of somebody who is erased, and says how many.
func dropCopies(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, account ident.Account) (int64, error) {
	list, err := copiesOf(ctx, tx, org, of, account)
	for _, x := range list {
		if err != nil {
			break
		}
		err = deleteCopy(ctx, tx, x)
	}
	return int64(len(list)), err
}
