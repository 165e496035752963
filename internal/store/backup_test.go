package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// rowsOfABackup reads every row of a backup as text, sorted: two backups of the
// same data are equal.
func rowsOfABackup(t *testing.T, file []byte, ring *secret.Ring) []string {
	t.Helper()
	var rows []string
	_, err := store.ReadBackup(bytes.NewReader(file), ring, func(table store.Table, values []any) error {
		rows = append(rows, fmt.Sprint(table.Name, table.Columns, values))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	return rows
}

// fill writes rows of every type of column: text with signs, bytes, times, null.
func fill(t *testing.T, db *store.DB, n int) {
	t.Helper()
	ctx := context.Background()
	err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		for i := range n {
			id := fmt.Sprintf("acc_%05d", i)
			if _, err := tx.Exec(ctx, `insert into account (id, last_sign_in_at, created_at) values ($1, $2, $3)`, id, store.Never, tx.Now); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `
				insert into account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from, known_until)
				values ($1, 1, $2, $2, '', $3, $4, 'fr', 'active', '', $5, $6)`,
				id, id+"@essai.example", "Zoé \x01 «Éléonore»\n", strings.Repeat("ø", i%7), tx.Now, store.Null(time.Time{})); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into password_reset (token_hash, account_id, created_at, expires_at, used_at) values ($1, $2, $3, $3, null)`,
				[]byte{0, 1, 255, byte(i >> 8), byte(i)}, id, tx.Now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func backup(t *testing.T, db *store.DB, ring *secret.Ring) []byte {
	t.Helper()
	var file bytes.Buffer
	if _, err := db.Backup(context.Background(), &file, ring); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// empty opens a fresh database of an engine, without rows.
func empty(t *testing.T, e store.Engine) *store.DB {
	t.Helper()
	return storetest.Open(t, e, storetest.Options{NoTwin: true})
}

func nothing(*store.Tx, store.BackupInfo) error { return nil }

// TestBackupRestore (F15, CFG-03): what was there is there again, every type of
// value, from each engine to each engine.
func TestBackupRestore(t *testing.T) {
	ctx, ring := context.Background(), secret.NewRing(time.Now())
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db, 1203)
		file := backup(t, db, ring)
		want := rowsOfABackup(t, file, ring)
		if len(want) != 3*1203 {
			t.Fatalf("the backup holds %d rows", len(want))
		}
		if bytes.Contains(file, []byte("essai.example")) {
			t.Error("AUD-06: the backup shows an address to whoever has the file alone")
		}
		for _, e := range storetest.Engines(t) {
			other := empty(t, e)
			finished := false
			info, err := other.Restore(ctx, bytes.NewReader(file), ring, func(*store.Tx, store.BackupInfo) error {
				finished = true
				return nil
			})
			if err != nil || !finished {
				t.Fatalf("to %s: %v, finished %v", e, err, finished)
			}
			if info.Rows != 3*1203 || info.Tables["account"] != 1203 {
				t.Errorf("to %s: the backup says it holds %d rows", e, info.Rows)
			}
			if got := rowsOfABackup(t, backup(t, other, ring), ring); !slices.Equal(got, want) {
				t.Errorf("to %s: the rows differ, e.g. %v and %v", e, got[0], want[0])
			}
			if err := other.CheckWhole(ctx); err != nil {
				t.Errorf("to %s: %v", e, err)
			}
			if _, err := other.Restore(ctx, bytes.NewReader(file), ring, nothing); !errors.Is(err, store.ErrNotEmpty) {
				t.Errorf("to %s, which has rows: %v", e, err)
			}
		}
	})
}

// TestBackupWhileWriting (F15): the backup is the state of one moment: every act
// is in it whole or not at all.
func TestBackupWhileWriting(t *testing.T) {
	ctx, ring := context.Background(), secret.NewRing(time.Now())
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		fill(t, db, 500)
		stop, done := make(chan struct{}), make(chan error)
		go func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					done <- nil
					return
				default:
				}
				// one act writes two rows in two tables
				err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
					id := fmt.Sprintf("acc_w%05d", i)
					if _, err := tx.Exec(ctx, `insert into account (id, last_sign_in_at, created_at) values ($1, $2, $2)`, id, tx.Now); err != nil {
						return err
					}
					return store.SetFact(ctx, tx, id, "x")
				})
				if err != nil {
					done <- err
					return
				}
			}
		}()
		for range 5 {
			time.Sleep(20 * time.Millisecond)
			accounts, facts := 0, 0
			for _, row := range rowsOfABackup(t, backup(t, db, ring), ring) {
				if strings.HasPrefix(row, "account[") && strings.Contains(row, "acc_w") {
					accounts++
				}
				if strings.HasPrefix(row, "installation_fact") {
					facts++
				}
			}
			if accounts != facts {
				t.Fatalf("the backup holds %d accounts and %d facts of the same acts", accounts, facts)
			}
		}
		close(stop)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

// TestBackupDamaged (F15, F20, AUD-06): one flipped byte anywhere, a file cut
// anywhere, or the keys of another server: refused, and nothing is written.
func TestBackupDamaged(t *testing.T) {
	ctx, ring := context.Background(), secret.NewRing(time.Now())
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db, 900)
		file := backup(t, db, ring)
		target := empty(t, db.Engine)
		refused := func(name string, damaged []byte, keys *secret.Ring, want error) {
			t.Helper()
			_, err := target.Restore(ctx, bytes.NewReader(damaged), keys, nothing)
			if err == nil || (want != nil && !errors.Is(err, want)) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for at := 0; at < len(file); at += 1 + len(file)/150 {
			flipped := bytes.Clone(file)
			flipped[at] ^= 0x10
			refused(fmt.Sprintf("byte %d flipped", at), flipped, ring, nil)
		}
		for _, cut := range []int{0, 1, 40, len(file) / 2, len(file) - 1} {
			refused(fmt.Sprintf("cut at %d", cut), file[:cut], ring, nil)
		}
		refused("another key", file, secret.NewRing(time.Now()), store.ErrBackupKey)
		refused("no backup", []byte("PRAGMA habilis"), ring, store.ErrNoBackup)
		refused("longer", append(bytes.Clone(file), 0), ring, store.ErrDamaged)
		if rows := rowsOfABackup(t, backup(t, target, ring), ring); len(rows) != 0 {
			t.Errorf("a refused restore left %d rows", len(rows))
		}
	})
}

// TestRestoreUnfinished: rows that nobody has made safe are not served.
func TestRestoreUnfinished(t *testing.T) {
	ctx, ring := context.Background(), secret.NewRing(time.Now())
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db, 3)
		target := empty(t, db.Engine)
		crash := errors.New("killed here")
		_, err := target.Restore(ctx, bytes.NewReader(backup(t, db, ring)), ring, func(*store.Tx, store.BackupInfo) error { return crash })
		if !errors.Is(err, crash) {
			t.Fatal(err)
		}
		if err := target.CheckWhole(ctx); !errors.Is(err, store.ErrUnfinished) {
			t.Errorf("a database without the end of its restore: %v", err)
		}
	})
}

// TestRestoreNewer (CFG-03): a backup of a later version is refused.
func TestRestoreNewer(t *testing.T) {
	ctx, ring := context.Background(), secret.NewRing(time.Now())
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db, 1)
		if err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `insert into goose_db_version (version_id, is_applied) values (9000, $1)`, true)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if _, err := db.Backup(ctx, &file, ring); !errors.Is(err, store.ErrNewerSchema) {
			t.Errorf("backup of a newer schema: %v", err)
		}
		if err := db.Migrate(ctx); !errors.Is(err, store.ErrNewerSchema) {
			t.Errorf("migration of a newer schema: %v", err)
		}
	})
}
