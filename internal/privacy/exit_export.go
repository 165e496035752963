package privacy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/blob"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// OrgExportState is where a full export stands.
type OrgExportState string

// The states.
const (
	ExportOrdered OrgExportState = "ordered"
	ExportReady   OrgExportState = "ready"
	ExportFailed  OrgExportState = "failed"
)

// OrgExport is one file that holds everything of an organisation.
type OrgExport struct {
	Org       ident.Org
	ID        ident.OrgExport
	State     OrgExportState
	By        string // name of who asked
	AskedAt   time.Time
	ReadyAt   time.Time
	ExpiresAt time.Time // of one that is ready: from then on it is gone
	Bytes     int64
	Sum       blob.Sum

	account ident.Account
	tries   int64
}

// Over reports whether its bytes are kept no longer.
func (x OrgExport) Over(now time.Time) bool {
	return x.State == ExportReady && !now.Before(x.ExpiresAt)
}

// Bounds of full exports.
const (
	OrgExportKept  = 7 * 24 * time.Hour
	exportTries    = 5
	exportLease    = 2 * time.Minute // without a chunk in this time, another node begins anew
	chunksAtOnce   = 50
	exportChunkLen = 256 << 10
)

// Refusals.
var (
	ErrExportOrdered = fault.New(fault.Conflict, "exit.export_ordered")
	ErrNoOrgExport   = fault.New(fault.NotFound, "exit.export_none")
)

// errLeaseLost ends an attempt that another one took over.
var errLeaseLost = errors.New("privacy: another attempt makes this export")

const (
	verbExportOrder    = "exit.export"
	verbExportReady    = "exit.export_ready"
	verbExportFail     = "exit.export_fail"
	verbExportDownload = "exit.export_download"
)

// OrderExport orders a full export; a letter tells whoever ordered it when it is ready. One is made at a time.
// Errors: ErrExportOrdered, ErrExitPerson, limit.ErrExceeded.
func (e Exits) OrderExport(ctx context.Context, by access.Actor, in ident.Org) (OrgExport, error) {
	return action.Run(ctx, e.Run, by, deciding(verbExportOrder, by, in, exporters), func(tx *action.Tx) (OrgExport, error) {
		last, found, err := lastExport(ctx, tx.Tx, in)
		if err != nil || (found && last.State == ExportOrdered) {
			return OrgExport{}, firstError(err, ErrExportOrdered)
		}
		if err := action.TakeExport(ctx, tx); err != nil {
			return OrgExport{}, err
		}
		x := OrgExport{Org: in, ID: ident.NewOrgExport(), State: ExportOrdered, By: tx.By.Name, AskedAt: tx.Now, account: tx.By.Account}
		tx.Record(audit.Event{Org: in, Verb: verbExportOrder, Object: in.String()})
		return x, insertExport(ctx, tx.Tx, x)
	})
}

// SweepExports makes the exports that were ordered, and removes those that are kept no longer; the
// timetable calls it. One that fails keeps no other waiting.
func (e Exits) SweepExports(ctx context.Context) error {
	var ordered, over []OrgExport
	err := e.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if ordered, err = orderedExports(ctx, tx); err == nil {
			over, err = overExports(ctx, tx)
		}
		return err
	})
	failed := []error{err}
	for _, x := range over {
		failed = append(failed, e.dropChunks(ctx, x))
	}
	for _, x := range ordered {
		if err := e.make(ctx, x); err != nil && !errors.Is(err, errLeaseLost) {
			failed = append(failed, fmt.Errorf("export of %s: %w", x.Org, err))
		}
	}
	return errors.Join(failed...)
}

// lockExport is held for what is written of an export: not the organisation's, which is used meanwhile.
func lockExport(x OrgExport) store.Lock { return store.Lock("export " + x.ID.String()) }

// make makes one export, from the beginning: what an attempt that stopped had written is no use to
// a later one, which sees another moment.
func (e Exits) make(ctx context.Context, x OrgExport) error {
	if x.tries >= exportTries {
		return e.giveUp(ctx, x)
	}
	lease, mine := rand.Text(), false
	err := e.Run.DB.Write(ctx, []store.Lock{lockExport(x)}, func(tx *store.Tx) (err error) {
		mine, err = claimExport(ctx, tx, x, lease, tx.Now.Add(exportLease))
		return err
	})
	if err != nil || !mine {
		return err
	}
	if err := e.dropChunks(ctx, x); err != nil {
		return err
	}
	w := &chunkWriter{ctx: ctx, run: e.Run, of: x, lease: lease}
	if err := e.writeZip(ctx, x.Org, w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	x.State, x.Bytes, x.Sum = ExportReady, w.bytes, w.total()
	return e.finishOne(ctx, x, lease)
}

// dropChunks removes the bytes of an export, a part at a time.
func (e Exits) dropChunks(ctx context.Context, x OrgExport) error {
	for n := int64(chunksAtOnce); n == chunksAtOnce; {
		err := e.Run.DB.Write(ctx, []store.Lock{lockExport(x)}, func(tx *store.Tx) (err error) {
			n, err = deleteChunks(ctx, tx, x, chunksAtOnce)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// finishOne says that an export is ready, and tells whoever ordered it.
func (e Exits) finishOne(ctx context.Context, x OrgExport, lease string) error {
	_, err := action.Run(ctx, e.Run, access.Operator("job"), byItself(verbExportReady, x.Org), func(tx *action.Tx) (struct{}, error) {
		x.ReadyAt, x.ExpiresAt = tx.Now, tx.Now.Add(OrgExportKept)
		mine, err := finishExport(ctx, tx.Tx, x, lease)
		if err != nil || !mine {
			return struct{}{}, firstError(err, errLeaseLost)
		}
		tx.Record(audit.Event{
			Org: x.Org, Verb: verbExportReady, Object: x.Org.String(), After: map[string]any{"bytes": x.Bytes, "sha256": x.Sum.String()},
		})
		tx.After(job.Order{Args: OrgExportLetter{Org: x.Org, Account: x.account, Until: x.ExpiresAt}})
		return struct{}{}, nil
	})
	return err
}

// giveUp says that an export cannot be made.
func (e Exits) giveUp(ctx context.Context, x OrgExport) error {
	lease := rand.Text()
	_, err := action.Run(ctx, e.Run, access.Operator("job"), byItself(verbExportFail, x.Org), func(tx *action.Tx) (struct{}, error) {
		if mine, err := claimExport(ctx, tx.Tx, x, lease, tx.Now.Add(exportLease)); err != nil || !mine {
			return struct{}{}, firstError(err, action.Nothing)
		}
		x.State, x.ReadyAt, x.ExpiresAt = ExportFailed, time.Time{}, time.Time{}
		tx.Record(audit.Event{Org: x.Org, Verb: verbExportFail, Object: x.Org.String()})
		_, err := finishExport(ctx, tx.Tx, x, lease)
		return struct{}{}, err
	})
	return err
}

// Download gives the last full export that is ready, to be read once. Errors: ErrNoOrgExport,
// ErrExitPerson, limit.ErrExceeded.
func (e Exits) Download(ctx context.Context, by access.Actor, in ident.Org) (*OrgExportFile, error) {
	return action.Run(ctx, e.Run, by, deciding(verbExportDownload, by, in, exporters), func(tx *action.Tx) (*OrgExportFile, error) {
		x, found, err := lastExport(ctx, tx.Tx, in)
		if err != nil || !found || x.State != ExportReady || x.Over(tx.Now) {
			return nil, firstError(err, ErrNoOrgExport)
		}
		o, err := org.Get(ctx, tx.Tx, in)
		if err != nil {
			return nil, err
		}
		if err := action.TakeExport(ctx, tx); err != nil {
			return nil, err
		}
		tx.Record(audit.Event{Org: in, Verb: verbExportDownload, Object: in.String(), After: map[string]any{"sha256": x.Sum.String()}})
		return &OrgExportFile{Export: x, slug: o.Slug, run: e.Run}, nil
	})
}

// chunkPlace is where a chunk of an export opens, and nowhere else.
func (x OrgExport) chunkPlace(n int64) secret.AAD {
	return secret.AAD{Table: "org_export_chunk", Column: "sealed", Tenant: x.Org.String(), Row: fmt.Sprintf("%s %d", x.ID, n)}
}
