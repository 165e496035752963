package notify

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/text"
)

func TestOutboxKeepsAndReads(t *testing.T) {
	dir := t.TempDir()
	if letters, err := ReadOutbox(dir); err != nil || len(letters) != 0 {
		t.Fatalf("before any letter: %v, %v", letters, err)
	}
	outbox, err := NewOutbox(habilis, dir)
	if err != nil {
		t.Fatal(err)
	}
	first := invitation(t)
	_, second := mustMessage(t, samples(text.EN)["temporary_password"])
	second.ID, second.Date = "job_02", now.Add(time.Minute)
	for _, m := range []Message{first, second, first} { // the first is sent again after a cut
		if err := outbox.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	letters, err := ReadOutbox(dir)
	if err != nil || len(letters) != 2 || letters[0].Name != "20261121T120100Z-job_02" || letters[1].Name != "20261121T120000Z-job_01" {
		t.Fatalf("kept: %+v, %v", letters, err)
	}
	k := letters[1]
	if k.Subject != first.Subject || k.To != first.To.Email || k.Text != first.Text.Reveal() || k.HTML != first.HTML.Reveal() || !k.Date.Equal(now) || k.MessageID != "job_01@exemple.fr" || !slices.Equal(k.Links, []string{link.Reveal()}) {
		t.Errorf("read back: %+v", k)
	}
	if one, err := ReadKept(dir, k.Name); err != nil || one.Subject != k.Subject {
		t.Errorf("one letter: %v", err)
	}
	folder, err := os.Stat(OutboxDir(dir))
	if err != nil || folder.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", folder.Mode(), err)
	}
	file, err := os.Stat(filepath.Join(OutboxDir(dir), k.Name+".eml"))
	if err != nil || file.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", file.Mode(), err)
	}
}

// A name from a page's address never leaves the folder.
func TestReadKeptStaysInItsFolder(t *testing.T) {
	dir := t.TempDir()
	if _, err := NewOutbox(habilis, dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "20261121T120000Z-secret.eml"), []byte("Subject: x\r\n\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "..", "../20261121T120000Z-secret", "20261121T120000Z-../secret", "/etc/passwd", "20261121T120000Z-a\x00", "20261121T120000Z-", "20261121T120000Z-absent", ".letter-1"} {
		if _, err := ReadKept(dir, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// What is not a letter is told, and hides none; half-written files are not seen.
func TestReadOutboxWithDamage(t *testing.T) {
	dir := t.TempDir()
	outbox, err := NewOutbox(habilis, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := outbox.Send(t.Context(), invitation(t)); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"20261121T130000Z-damaged.eml": "not a letter", "20261121T140000Z-cut.eml": "Subject: x\r\nFrom: a@b.fr\r\nTo: a@b.fr\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n",
		".letter-12": "half", "notes.txt": "x", "other.eml": "x",
	} {
		if err := os.WriteFile(filepath.Join(OutboxDir(dir), name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	letters, err := ReadOutbox(dir)
	if len(letters) != 1 || err == nil || !strings.Contains(err.Error(), "damaged") || !strings.Contains(err.Error(), "cut") || strings.Contains(err.Error(), "notes") {
		t.Errorf("%d letters, %v", len(letters), err)
	}
}

func TestOutboxFailures(t *testing.T) {
	dir := t.TempDir()
	outbox, err := NewOutbox(habilis, dir)
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := outbox.Send(gone, invitation(t)); !errors.Is(err, context.Canceled) || Permanent(err) {
		t.Errorf("a request that left: %v", err)
	}
	if err := os.RemoveAll(OutboxDir(dir)); err != nil {
		t.Fatal(err)
	}
	if err := outbox.Send(t.Context(), invitation(t)); err == nil || Permanent(err) {
		t.Errorf("without its folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "outbox"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewOutbox(habilis, dir); err == nil {
		t.Error("a file stands where the folder should")
	}
}
