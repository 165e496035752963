package directory

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"habilis/internal/store"
)

// Place is where the local index of an installation is: tables of PostgreSQL, or a file
// beside the one of SQLite.
type Place struct {
	DB     *store.DB // of PostgreSQL; with SQLite it may be nil: the index is a file of its own
	Folder string    // the data folder
}

// Names of the files of the index in the data folder.
const (
	indexFile    = "directory.sqlite"
	loadingFile  = "directory.sqlite.loading"
	lockFile     = "directory.lock"
	progressFile = "directory-load.json"
	rejectsFile  = "directory-rejects.csv"
)

func (p Place) postgres() bool { return p.DB != nil && p.DB.Engine == store.PostgreSQL }

func (p Place) path(name string) string { return filepath.Join(p.Folder, name) }

// RejectsPath is where a load reports the lines it refused, unless it is told another file.
func (p Place) RejectsPath() string { return p.path(rejectsFile) }

// Index is the local index of the bulk files: a Source that answers without a network.
// A load of new files replaces it whole while it serves; an answer is of one load.
type Index struct {
	place Place

	mu      sync.RWMutex
	open    *openSide      // of SQLite: the load that is open
	retired sync.WaitGroup // former loads that somebody still reads
}

// openSide is one load of SQLite, open. It closes when its last reader is done.
type openSide struct {
	db   *store.DB
	info fs.FileInfo
	use  sync.WaitGroup
}

// OpenIndex makes the Source of a place. It need not be loaded yet, and may be loaded or
// replaced at any moment, by another process too: each question looks at what is there.
func OpenIndex(p Place) (*Index, error) {
	if !p.postgres() && p.Folder == "" {
		return nil, errors.New("directory: no folder for the index")
	}
	return &Index{place: p}, nil
}

// Close gives back what is open.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.leave()
	x.retired.Wait()
	return nil
}

// leave closes the open side once nobody reads it, without waiting for that: what was only
// read loses nothing. It needs mu.
func (x *Index) leave() {
	if former := x.open; former != nil {
		x.open = nil
		x.retired.Go(func() {
			former.use.Wait()
			_ = former.db.Close()
		})
	}
}

// current is the load that stands, for one question; done must be called.
func (x *Index) current(ctx context.Context) (db *store.DB, done func(), err error) {
	if x.place.postgres() {
		return x.place.DB, func() {}, nil
	}
	info, err := os.Stat(x.place.path(indexFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, ErrUnavailable.Because(ErrNotLoaded)
	}
	if err != nil {
		return nil, nil, ErrUnavailable.Because(err)
	}
	x.mu.RLock()
	if s := x.open; s != nil && os.SameFile(s.info, info) {
		s.use.Add(1)
		x.mu.RUnlock()
		return s.db, s.use.Done, nil
	}
	x.mu.RUnlock()
	return x.reopen(ctx)
}

// reopen opens the file that has the name now. A file that takes the name in between is
// opened by the next question.
func (x *Index) reopen(ctx context.Context) (*store.DB, func(), error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	path := x.place.path(indexFile)
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, ErrUnavailable.Because(err)
	}
	if x.open == nil || !os.SameFile(x.open.info, info) {
		db, err := store.OpenSide(ctx, path)
		if err != nil {
			return nil, nil, ErrUnavailable.Because(err)
		}
		x.leave()
		x.open = &openSide{db: db, info: info}
	}
	x.open.use.Add(1)
	return x.open.db, x.open.use.Done, nil
}

// read asks the load that stands, in one transaction.
func (x *Index) read(ctx context.Context, ask func(*store.Tx, Load) error) error {
	db, done, err := x.current(ctx)
	if err != nil {
		return err
	}
	defer done()
	err = db.Read(ctx, func(tx *store.Tx) error {
		if tx.Engine == store.PostgreSQL {
			if err := holdPostgres(ctx, tx); err != nil {
				return err
			}
		}
		about, err := loadOf(ctx, tx)
		if err != nil {
			return err
		}
		return ask(tx, about)
	})
	if err != nil && !errors.Is(err, ErrUnavailable) {
		return ErrUnavailable.Because(err)
	}
	return err
}

func loadOf(ctx context.Context, tx *store.Tx) (l Load, err error) {
	about, found, err := readAbout(ctx, tx)
	if err != nil {
		return l, err
	}
	if !found {
		return l, ErrUnavailable.Because(ErrNotLoaded)
	}
	err = json.Unmarshal([]byte(about), &l)
	return l, err
}

// Loaded says what the index holds, and of what date. Errors: those of ByRPPS.
func (x *Index) Loaded(ctx context.Context) (l Load, err error) {
	err = x.read(ctx, func(_ *store.Tx, about Load) error {
		l = about
		return nil
	})
	return l, err
}

// Load is what one load brought: it stands in the index itself.
type Load struct {
	AsOf          time.Time     `json:"as_of"` // of the files: of their names, or of the load
	LoadedAt      time.Time     `json:"loaded_at"`
	Took          time.Duration `json:"took"` // in nanoseconds
	Files         []FileReport  `json:"files"`
	Practitioners int64         `json:"practitioners"`
	Added         int64         `json:"added"` // practitioners that the former load had not
	Changed       int64         `json:"changed"`
	Removed       int64         `json:"removed"`
	Lines         int64         `json:"lines"` // that stand in the index
}

// FileReport says what became of the lines of one file.
type FileReport struct {
	Name     string           `json:"name"`
	Kind     string           `json:"kind"`  // Kind…
	Lines    int64            `json:"lines"` // without the header
	Loaded   int64            `json:"loaded"`
	Rejected int64            `json:"rejected"`
	Reasons  map[string]int64 `json:"reasons,omitempty"` // Reason… and how often
}
