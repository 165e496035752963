package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

// Restore fills an empty installation from a backup, made on either engine. The
// key file of the server that made it must be in place: the backup does not hold
// it. What could have been withdrawn since is dead afterwards: sessions, API
// tokens, links, letters that carry one (CFG-03); each audit chain says that it
// was restored.
func Restore(ctx context.Context, c Config, file string, log, out io.Writer) error {
	c = c.completed()
	if err := c.checkDatabase(); err != nil {
		return err
	}
	ring, err := secret.Load(c.KeyPath())
	if errors.Is(err, fs.ErrNotExist) {
		return refuse("--key-file", "put the key file of the server that made the backup at %s first", c.KeyPath())
	}
	if err != nil {
		return refuseKeys(c.KeyPath(), err)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	restore := restoreSQLite
	if c.Postgres() {
		restore = restorePostgres
	}
	info, err := restore(ctx, c, f, ring)
	if err != nil {
		return err
	}
	newLog(c.Place, log).Info("restored", "rows", info.Rows, "made_at", info.MadeAt)
	fmt.Fprintf(out, "%d rows restored, as they were on %s. Everybody signs in again; API tokens and pending invitations are made anew, "+
		"receivers of events started again.\n",
		info.Rows, info.MadeAt.Format("2006-01-02 15:04:05 MST"))
	return keepOldHeads(c)
}

// restoreSQLite writes a file beside, and gives it its name when it is whole.
func restoreSQLite(ctx context.Context, c Config, f io.ReadSeeker, ring *secret.Ring) (info store.BackupInfo, err error) {
	dir, err := openFolder(c.Data)
	if err != nil {
		return info, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	if _, err := os.Stat(c.DatabasePath()); !errors.Is(err, fs.ErrNotExist) {
		return info, refuse("--data", "%s already holds a database; restore into an empty folder", c.Data)
	}
	beside := c.DatabasePath() + ".restoring"
	if err := removeDatabase(beside); err != nil {
		return info, err
	}
	db, err := store.Open(ctx, store.Options{Path: beside, Clock: c.Clock})
	if err != nil {
		return info, err
	}
	info, err = db.Restore(ctx, f, ring, renewed(ctx))
	if err = errors.Join(err, db.Close()); err != nil {
		return info, errors.Join(err, removeDatabase(beside))
	}
	if err := os.Chmod(beside, secretMode); err != nil {
		return info, err
	}
	if err := os.Rename(beside, c.DatabasePath()); err != nil {
		return info, err
	}
	return info, syncFolder(filepath.Dir(beside))
}

// removeDatabase removes a file of SQLite with what stands beside it.
func removeDatabase(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func restorePostgres(ctx context.Context, c Config, f io.ReadSeeker, ring *secret.Ring) (store.BackupInfo, error) {
	db, err := store.Open(ctx, store.Options{URL: c.DatabaseURL.Reveal(), Clock: c.Clock})
	if err != nil {
		return store.BackupInfo{}, err
	}
	info, err := db.Restore(ctx, f, ring, renewed(ctx))
	return info, errors.Join(err, db.Close())
}

// keepOldHeads puts the heads signed before aside: they speak of rows that the
// backup may not have.
func keepOldHeads(c Config) error {
	old := c.HeadsPath() + ".before-" + c.Clock().UTC().Format("20060102T150405")
	if err := os.Rename(c.HeadsPath(), old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// renewed ends what may have been withdrawn since the backup, and marks every chain.
func renewed(ctx context.Context) func(*store.Tx, store.BackupInfo) error {
	return func(tx *store.Tx, info store.BackupInfo) error {
		sessions, err1 := session.EndEverything(ctx, tx)
		tokens, err2 := token.RevokeEverything(ctx, tx)
		links, err3 := credential.EndLinks(ctx, tx)
		letters, err4 := job.DropSecrets(ctx, tx)
		hooks, err5 := webhook.StopEverything(ctx, tx)
		if err := errors.Join(err1, err2, err3, err4, err5, action.Restored(ctx, tx), event.Restored(ctx, tx)); err != nil {
			return err
		}
		return markChains(ctx, tx, info, map[string]any{
			"made_at": info.MadeAt, "sessions": sessions, "tokens": tokens, "links": links, "letters": letters, "webhooks": hooks,
		})
	}
}

func markChains(ctx context.Context, tx *store.Tx, info store.BackupInfo, all map[string]any) error {
	heads, err := audit.Heads(ctx, tx)
	if err != nil {
		return err
	}
	events := []audit.Event{{Verb: verbRestore, After: all}}
	for _, h := range heads {
		org, err := ident.ParseOrg(h.Chain)
		if err != nil {
			continue // the installation's own
		}
		links, err := invitation.EndLinks(ctx, tx, org)
		if err != nil {
			return err
		}
		events = append(events, audit.Event{Org: org, Verb: verbRestore, After: map[string]any{"made_at": info.MadeAt, "invitations": links}})
	}
	return audit.Write(ctx, tx, operator.Who(), audit.Done, events)
}

const verbRestore = "installation.restore"
