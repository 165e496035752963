package store

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"habilis/internal/secret"
)

// TestRestoreOfNewerSchema (CFG-03): an older program does not touch what a newer
// one wrote.
func TestRestoreOfNewerSchema(t *testing.T) {
	ctx, ring := context.Background(), secret.NewRing(time.Now())
	var file bytes.Buffer
	out, err := newBackupWriter(&file, &backupHeader{BackupInfo: BackupInfo{ID: "x", Schema: 9000}}, ring)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.finish(nil); err != nil {
		t.Fatal(err)
	}
	db, err := Open(ctx, Options{Path: filepath.Join(t.TempDir(), "new.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Restore(ctx, bytes.NewReader(file.Bytes()), ring, func(*Tx, BackupInfo) error { return nil })
	if !errors.Is(err, ErrNewerSchema) {
		t.Error(err)
	}
}
