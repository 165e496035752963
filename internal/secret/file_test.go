package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"habilis/internal/secret"
)

// keyIn reads the first key of a key file.
func keyIn(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Keys []struct{ Key string }
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(file.Keys[0].Key)
	if err != nil || len(key) != 32 {
		t.Fatalf("the key has %d bytes, %v", len(key), err)
	}
	return key
}

func TestKeyFileRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if _, err := secret.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a missing file: %v", err)
	}
	ring, err := secret.LoadOrCreate(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	sealed := ring.Seal(place, []byte("graine"))
	if err := ring.Rotate(noon.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	after := ring.Seal(place, []byte("tige"))
	again, err := secret.LoadOrCreate(path, noon)
	if err != nil || again.Current() != ring.Current() || len(again.Keys()) != 2 {
		t.Fatalf("read again: %v", err)
	}
	for want, envelope := range map[string][]byte{"graine": sealed, "tige": after} {
		if got, err := again.Open(place, envelope); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", want, got, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".keys-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// rules.md 21: key file 0600.
func TestKeyFileReadableByOthersIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if _, err := secret.LoadOrCreate(path, noon); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o644, 0o620, 0o601} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := secret.Load(path); !errors.Is(err, secret.ErrKeyFileMode) {
			t.Errorf("%o: %v", mode, err)
		}
		if _, err := secret.LoadOrCreate(path, noon); !errors.Is(err, secret.ErrKeyFileMode) {
			t.Errorf("%o, LoadOrCreate: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.Load(path); err != nil {
		t.Errorf("a read-only file: %v", err)
	}
}

// rules.md 23: empty or default keys are refused at start-up.
func TestKeyFileDamaged(t *testing.T) {
	good := `{"format":1,"current":"0a0b0c0d","keys":[{"id":"0a0b0c0d","key":"` + strings.Repeat("QUJD", 10) + `QUE=","created":"2026-11-21T12:00:00Z"}]}`
	zeros := base64.StdEncoding.EncodeToString(make([]byte, 32))
	entry := strings.TrimSuffix(good[strings.Index(good, "[")+1:], "]}")
	for name, content := range map[string]string{
		"empty": "", "not JSON": "clef", "no key": `{"format":1,"current":"","keys":[]}`, "other format": strings.Replace(good, `"format":1`, `"format":2`, 1),
		"zero key": strings.Replace(good, strings.Repeat("QUJD", 10)+"QUE=", zeros, 1), "short key": strings.Replace(good, "QUE=", "", 1),
		"long key": strings.Replace(good, "QUE=", "QUJDQUJD", 1), "bad id": strings.ReplaceAll(good, "0a0b0c0d", "cle"), "current not held": strings.Replace(good, `"current":"0a0b0c0d"`, `"current":"ffffffff"`, 1),
		"unknown field": strings.Replace(good, `"format"`, `"pepper":"x","format"`, 1), "same key twice": strings.Replace(good, entry, entry+","+entry, 1), "cut": good[:80],
	} {
		path := filepath.Join(t.TempDir(), "keys.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := secret.LoadOrCreate(path, noon)
		if !errors.Is(err, secret.ErrKeyFileShape) {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadFile(path); string(after) != content {
			t.Errorf("%s: the file was written over", name)
		}
	}
	if _, err := secret.Load(t.TempDir()); !errors.Is(err, secret.ErrKeyFileShape) {
		t.Errorf("a folder: %v", err)
	}
}

func TestProcessesStartingTogetherShareOneRing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	const starters = 16
	ids := make([]secret.KeyID, starters)
	var wg sync.WaitGroup
	for i := range starters {
		wg.Go(func() {
			ring, err := secret.LoadOrCreate(path, noon)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = ring.Current()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("two rings: %v", ids)
		}
	}
}

// A key that another process added is neither lost by our rotation nor unknown
// after Reload.
func TestTwoProcessesRotate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	one, err := secret.LoadOrCreate(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	two, err := secret.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := two.Rotate(noon); err != nil {
		t.Fatal(err)
	}
	sealed := two.Seal(place, []byte("graine"))
	if _, err := one.Open(place, sealed); !errors.Is(err, secret.ErrUnknownKey) {
		t.Errorf("before Reload: %v", err)
	}
	if err := one.Rotate(noon); err != nil {
		t.Fatal(err)
	}
	if opened, err := one.Open(place, sealed); err != nil || !bytes.Equal(opened, []byte("graine")) {
		t.Errorf("the other's key is lost: %v", err)
	}
	if err := two.Reload(); err != nil || two.Current() != one.Current() {
		t.Errorf("after Reload: %v", err)
	}
}

func TestConcurrentRotationsLoseNoKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	ring, err := secret.LoadOrCreate(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := ring.Rotate(noon); err != nil {
				t.Error(err)
			}
			if _, err := ring.Open(place, ring.Seal(place, nil)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	again, err := secret.Load(path)
	if err != nil || len(again.Keys()) != 9 {
		t.Errorf("%d keys, %v", len(again.Keys()), err)
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	for content, want := range map[string]string{"mot de passe": "mot de passe", "mot\n": "mot", "mot\r\n": "mot", " mot ": " mot ", "": "", "\n": "", "a\nb": "", "a\n\n": "", strings.Repeat("x", 5000): ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := secret.ReadFile(path)
		if text.Reveal() != want || (err != nil) != (want == "") {
			t.Errorf("%.12q: %v", content, err)
		}
		if err != nil && strings.Contains(err.Error(), "mot") {
			t.Errorf("the error repeats the file: %v", err)
		}
	}
	if _, err := secret.ReadFile(path + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
