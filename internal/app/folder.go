package app

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Modes of what is ours alone.
const (
	folderMode = 0o700
	secretMode = 0o600
)

// ErrRunning means that another process holds the data folder.
var ErrRunning = errors.New("a server already runs on this data folder; stop it first, or give it a folder of its own with --data")

// folder is the data folder, locked while it is open: SQLite has one server, and
// a second one refuses to start (F19).
type folder struct {
	path string
	lock *os.File
}

// openFolder makes the folder if need be, and locks it.
func openFolder(path string) (*folder, error) {
	if err := makeFolder(path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(path, lockFile), os.O_CREATE|os.O_RDWR, secretMode)
	if err != nil {
		return nil, refuse("--data", "the folder cannot be written: %s", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(ErrRunning, f.Close())
	}
	return &folder{path: path, lock: f}, nil
}

func makeFolder(path string) error {
	if err := os.MkdirAll(path, folderMode); err != nil {
		return refuse("--data", "the folder cannot be made: %s", err)
	}
	return nil
}

// Close lets the folder go. The lock also falls when the process dies.
func (f *folder) Close() error {
	if f == nil {
		return nil
	}
	return f.lock.Close()
}

// listen opens the socket of the command line in the folder, for its owner alone.
// What a killed server left there is removed: we hold the lock.
func (f *folder) listen() (net.Listener, error) {
	path := filepath.Join(f.path, socketFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("socket: %w", err)
	}
	short, done, err := shortPath(f.path)
	if err != nil {
		return nil, err
	}
	defer done()
	l, err := net.Listen("unix", filepath.Join(short, socketFile)) //nolint:noctx // opened at once
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	// The name it was opened by is not the one to remove at the end.
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	if err := os.Chmod(path, secretMode); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// maxSocketPath is what the kernel takes for the name of a socket, less some.
const maxSocketPath = 90

// shortPath gives a name of the folder that fits into a socket's address: a long
// one is reached through an open descriptor. done gives that back.
func shortPath(dir string) (short string, done func(), err error) {
	if len(dir) < maxSocketPath {
		return dir, func() {}, nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return "/proc/self/fd/" + strconv.FormatUint(uint64(d.Fd()), 10), func() { _ = d.Close() }, nil
}

// dialFolder reaches the server that runs on the folder; nil when none does.
func dialFolder(path string) (net.Conn, error) {
	if _, err := os.Stat(filepath.Join(path, socketFile)); errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // no server is an answer
	}
	short, done, err := shortPath(path)
	if err != nil {
		return nil, err
	}
	defer done()
	conn, err := net.Dial("unix", filepath.Join(short, socketFile)) //nolint:noctx // a local socket answers at once
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // left behind by a server that was killed
	}
	if err != nil {
		return nil, fmt.Errorf("the running server cannot be reached: %w", err)
	}
	return conn, nil
}
