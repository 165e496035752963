package secret

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	fileFormat   = 1
	fileMode     = 0o600
	maxFileBytes = 1 << 20 // some thousands of keys; a larger file is not a key file
)

// Refusals of a key file. The start-up stops on each of them (rules.md 23).
var (
	ErrKeyFileMode  = errors.New("secret: the key file must be readable by its owner alone (chmod 600)")
	ErrKeyFileShape = errors.New("secret: the key file is damaged or is not a key file")
)

// ringFile is the key file: JSON, keys from the oldest to the current one.
type ringFile struct {
	Format  int       `json:"format"`
	Current string    `json:"current"`
	Keys    []keyFile `json:"keys"`
}

type keyFile struct {
	ID      string    `json:"id"`
	Key     string    `json:"key"` // 32 bytes, base64
	Created time.Time `json:"created"`
}

// Load reads the key ring of path. Errors: fs.ErrNotExist, ErrKeyFileMode,
// ErrKeyFileShape.
func Load(path string) (*Ring, error) {
	held, err := readFile(path)
	if err != nil {
		return nil, err
	}
	r := &Ring{path: path}
	r.held.Store(&held)
	return r, nil
}

// LoadOrCreate reads the key ring of path, or makes it with one fresh key. Two
// processes that start together get the same ring. Call Load, not this, when a
// database already holds sealed values: a fresh key would not open them.
func LoadOrCreate(path string, now time.Time) (*Ring, error) {
	r, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	if err := createFile(path, keys{newKey(nil, now)}); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return Load(path)
}

// Reload reads the file again, after another process rotated it.
func (r *Ring) Reload() error {
	r.change.Lock()
	defer r.change.Unlock()
	held, err := r.stored()
	if err != nil {
		return err
	}
	r.held.Store(&held)
	return nil
}

// readFile checks the mode on the opened file, not on the path, so that it
// cannot be exchanged in between.
func readFile(path string) (keys, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFileBytes {
		return nil, ErrKeyFileShape
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s is %#o", ErrKeyFileMode, path, info.Mode().Perm())
	}
	var file ringFile
	decoder := json.NewDecoder(f)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, ErrKeyFileShape // without the cause: it could quote the file
	}
	return file.keys()
}

// keys checks every key and puts the current one last.
func (f ringFile) keys() (keys, error) {
	if f.Format != fileFormat || len(f.Keys) == 0 {
		return nil, ErrKeyFileShape
	}
	var held keys
	for _, one := range f.Keys {
		k, err := one.key()
		if err != nil {
			return nil, err
		}
		if _, err := held.find(k.id); err == nil {
			return nil, fmt.Errorf("%w: the key %s is there twice", ErrKeyFileShape, k.id)
		}
		held = append(held, k)
	}
	if held.current().id.String() != f.Current {
		return nil, fmt.Errorf("%w: the current key must be the last one", ErrKeyFileShape)
	}
	return held, nil
}

// key refuses a key that was typed rather than drawn: all its bytes equal.
func (f keyFile) key() (key, error) {
	id, err := ParseKeyID(f.ID)
	if err != nil {
		return key{}, fmt.Errorf("%w: %w", ErrKeyFileShape, err)
	}
	b, err := base64.StdEncoding.DecodeString(f.Key)
	if err != nil || len(b) != keyBytes || constant(b) {
		return key{}, fmt.Errorf("%w: the key %s is not 32 random bytes", ErrKeyFileShape, id)
	}
	return key{id: id, secret: NewText(string(b)), created: f.Created}, nil
}

func constant(b []byte) bool {
	for _, c := range b {
		if c != b[0] {
			return false
		}
	}
	return true
}

// createFile writes a new file and fails with fs.ErrExist when there is one. The
// link makes it appear whole or not at all.
func createFile(path string, held keys) error {
	temporary, err := writeTemporary(path, held)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary) }()
	if err := os.Link(temporary, path); err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	return syncDirectory(filepath.Dir(path))
}

// replaceFile exchanges the file in one step: a crash leaves the old one or the
// new one.
func replaceFile(path string, held keys) error {
	temporary, err := writeTemporary(path, held)
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		_ = os.Remove(temporary)
		return fmt.Errorf("secret: %w", err)
	}
	return syncDirectory(filepath.Dir(path))
}

// writeTemporary writes the keys beside path and flushes them. os.CreateTemp
// makes the file 0600.
func writeTemporary(path string, held keys) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*")
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	_, err = f.Write(held.marshal())
	if err == nil {
		err = f.Chmod(fileMode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", fmt.Errorf("secret: %w", err)
	}
	return f.Name(), nil
}

func (ks keys) marshal() []byte {
	file := ringFile{Format: fileFormat, Current: ks.current().id.String()}
	for _, k := range ks {
		file.Keys = append(file.Keys, keyFile{
			ID: k.id.String(), Key: base64.StdEncoding.EncodeToString([]byte(k.secret.Reveal())), Created: k.created,
		})
	}
	b, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		panic("secret: the key file: " + err.Error()) // strings and times always marshal
	}
	return append(b, '\n')
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	return nil
}
