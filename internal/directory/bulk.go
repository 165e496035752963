package directory

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"habilis/internal/fault"
	"habilis/internal/store"
)

// Refusals of a load as a whole. The former index stays, and serves.
var (
	ErrLoading  = fault.New(fault.Conflict, "directory.loading")
	ErrNoSpace  = fault.New(fault.Full, "directory.no_space")   // takes Need and Free, in MiB
	ErrRejected = fault.New(fault.Invalid, "directory.refused") // takes Rejected and Lines
	ErrReport   = fault.New(fault.Invalid, "directory.report_unwritable")
	ErrSmaller  = fault.New(fault.Invalid, "directory.smaller") // takes Before and After
)

// Bounds of a load.
const (
	maxParsers     = 4
	spareBytes     = 64 << 20 // left free on the disk, at least
	maxRejectShare = 2        // one line in so many may be refused
	minShare       = 2        // the new index has at least one so manieth of the former's practitioners
	swapTries      = 500
	swapPause      = 100 * time.Millisecond
	lockTries      = 5
	killedTries    = 20
	lockPause      = 20 * time.Millisecond
	mib            = 1 << 20
	maxBlocks      = 1 << 40
	fileMode       = 0o600
)

// Loader loads bulk files into the index of a place.
type Loader struct {
	Place    Place
	Clock    func() time.Time           // time.Now by default
	Rejects  string                     // file of the refused lines; Place.RejectsPath by default
	Sentence func(reason string) string // what that file says; the reason itself by default
	Smaller  bool                       // an index much smaller than the former one is meant
	Progress func(Progress)             // told now and then; may be nil
}

// Load reads the files and, once all went well, puts them in the place of the former index,
// which answers until then. A load that was killed leaves nothing but files that the next
// one removes. Faults: ErrLoading, ErrNoSpace, ErrRejected, ErrSmaller, and those of files.
func (l Loader) Load(ctx context.Context, paths []string) (Load, error) {
	l = l.completed()
	release, err := lockFolder(l.Place)
	if err != nil {
		return Load{}, err
	}
	defer release()
	if err := l.clean(); err != nil {
		return Load{}, err
	}
	list, err := sources(paths)
	if err != nil {
		return Load{}, err
	}
	if err := l.space(list); err != nil {
		return Load{}, err
	}
	b, err := l.builder(ctx)
	if err != nil {
		return Load{}, err
	}
	w := newWork(l, b, list)
	err = w.run(ctx)
	if fault.Is(err, fault.Full) {
		err = ErrNoSpace.With("Need", w.total/mib).With("Free", freeBytes(l.Place.Folder)/mib).Because(err)
	}
	return w.about, errors.Join(err, l.discard(ctx, b, err))
}

func (l Loader) completed() Loader {
	if l.Clock == nil {
		l.Clock = time.Now //nolint:forbidigo // the default of the injected clock
	}
	if l.Rejects == "" {
		l.Rejects = l.Place.RejectsPath()
	}
	if l.Sentence == nil {
		l.Sentence = func(reason string) string { return reason }
	}
	if l.Progress == nil {
		l.Progress = func(Progress) {}
	}
	return l
}

// lockFolder makes this the one load of a folder. The lock falls when the process dies.
func lockFolder(p Place) (release func(), err error) {
	f, err := os.OpenFile(p.path(lockFile), os.O_CREATE|os.O_RDWR, fileMode)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if try == lockTries {
			return nil, errors.Join(ErrLoading, f.Close())
		}
		time.Sleep(lockPause) // somebody only looks whether a load is under way
	}
}

// clean removes what a load that was killed left.
func (l Loader) clean() error {
	for _, name := range []string{loadingFile, loadingFile + "-journal", progressFile} {
		if err := os.Remove(l.Place.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// space refuses what would fill the disk: the index is hardly ever larger than the texts.
func (l Loader) space(list []*source) error {
	if l.Place.postgres() {
		return nil // its disk is another machine's
	}
	need := int64(spareBytes)
	for _, s := range list {
		need += s.bytes
	}
	if free := freeBytes(l.Place.Folder); free < need {
		return ErrNoSpace.With("Need", need/mib).With("Free", free/mib)
	}
	return nil
}

func freeBytes(folder string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0
	}
	return int64(min(s.Bavail, maxBlocks)) * s.Bsize
}

// builder begins the new tables.
func (l Loader) builder(ctx context.Context) (b *store.Builder, err error) {
	tables := tablesSQLite
	if l.Place.postgres() {
		tables = tablesPostgres
		b, err = l.Place.DB.Builder(ctx)
	} else {
		b, err = store.NewSide(ctx, l.Place.path(loadingFile))
	}
	if err != nil {
		return nil, err
	}
	if l.Place.postgres() {
		if err := lockTables(ctx, b); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	for _, t := range tables {
		if err := b.Exec(ctx, t); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

// lockTables makes this the one load of a database. That of a process that was killed just
// now falls when the server notices.
func lockTables(ctx context.Context, b *store.Builder) error {
	for try := 1; ; try++ {
		ours, err := lockLoadPostgres(ctx, b)
		if err != nil || ours {
			return err
		}
		if try == killedTries {
			return ErrLoading
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(swapPause):
		}
	}
}

// discard ends the builder; a load that failed leaves nothing.
func (l Loader) discard(ctx context.Context, b *store.Builder, failed error) error {
	if failed == nil {
		return nil // closed by then
	}
	if l.Place.postgres() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), store.StatementTime)
		defer cancel()
		return errors.Join(b.Exec(ctx, dropNextPostgres), b.Close())
	}
	return errors.Join(b.Close(), l.clean())
}

// work is one load under way.
type work struct {
	Loader
	b       *store.Builder
	sources []*source
	total   int64 // bytes of text, about
	about   Load
	terms   terms
	line    int64 // number of the last line in the index
	labels  map[labelKey]bool
	rejects *rejectFile
	began   time.Time
	phase   atomic.Value // of Progress
	lines   atomic.Int64 // read so far
	flushed int64        // bytes of bodies since the disk was asked
	flusher sync.WaitGroup
}

func newWork(l Loader, b *store.Builder, list []*source) *work {
	w := &work{Loader: l, b: b, sources: list, labels: map[labelKey]bool{}, began: l.Clock()}
	w.terms.lists = map[string]*termLines{}
	for _, s := range list {
		w.total += s.bytes
		w.about.Files = append(w.about.Files, FileReport{Name: s.name, Kind: s.layout.kind, Reasons: map[string]int64{}})
		if s.layout.kind == KindActivities {
			w.about.AsOf = s.asOf
		}
	}
	w.about.LoadedAt = w.began.UTC().Truncate(time.Second)
	if w.about.AsOf.IsZero() {
		w.about.AsOf = w.about.LoadedAt
	}
	w.phase.Store(PhaseReading)
	return w
}

// run fills, checks, compares and swaps.
func (w *work) run(ctx context.Context) (err error) {
	stop := w.report()
	defer stop()
	if w.rejects, err = newRejectFile(w.Rejects, w.Sentence); err != nil {
		return err
	}
	err = w.fill(ctx)
	w.flusher.Wait()
	if err := errors.Join(err, w.rejects.Close()); err != nil {
		return err
	}
	if err := w.checkShare(); err != nil {
		return err
	}
	w.phase.Store(PhaseIndexing)
	indexes := indexesSQLite
	if w.Place.postgres() {
		indexes = indexesPostgres
	}
	for _, statement := range indexes {
		if err := w.b.Exec(ctx, statement); err != nil {
			return err
		}
	}
	w.phase.Store(PhaseComparing)
	if err := w.compare(ctx); err != nil {
		return err
	}
	if before := w.about.Practitioners - w.about.Added + w.about.Removed; !w.Smaller && w.about.Practitioners < before/minShare {
		return ErrSmaller.With("Before", before).With("After", w.about.Practitioners)
	}
	w.phase.Store(PhaseFinishing)
	return w.finish(ctx)
}

// fill reads all files.
func (w *work) fill(ctx context.Context) error {
	for i, s := range w.sources {
		if err := w.pump(ctx, s, &w.about.Files[i]); err != nil {
			return err
		}
	}
	if err := w.copyTerms(ctx); err != nil {
		return err
	}
	w.about.Lines = w.line
	return nil
}

// checkShare refuses files that are mostly not what they seem: a download cut short, or
// mangled by a spreadsheet.
func (w *work) checkShare() error {
	for _, f := range w.about.Files {
		if f.Rejected*maxRejectShare > f.Lines || (f.Kind == KindActivities && f.Loaded == 0) {
			return ErrRejected.With("File", f.Name).With("Rejected", f.Rejected).With("Lines", f.Lines)
		}
	}
	return nil
}

// finish writes what was loaded into the index, and swaps.
func (w *work) finish(ctx context.Context) error {
	w.about.Took = w.Clock().Sub(w.began)
	about, err := json.Marshal(w.about)
	if err != nil {
		return err
	}
	err = w.b.Copy(ctx, w.table(tableLoad), []string{"about"}, func(yield func([]any) bool) { yield([]any{string(about)}) })
	if err != nil {
		return err
	}
	if w.Place.postgres() {
		return errors.Join(w.swapPostgres(ctx), w.b.Close())
	}
	if err := w.b.Close(); err != nil {
		return err
	}
	if err := os.Rename(w.Place.path(loadingFile), w.Place.path(indexFile)); err != nil {
		return err
	}
	return syncFolder(w.Place.Folder)
}

// table is the table to fill.
func (w *work) table(name string) string {
	if w.Place.postgres() {
		return name + next
	}
	return name
}

// swapPostgres waits for a moment in which nobody reads the former tables.
func (w *work) swapPostgres(ctx context.Context) error {
	for try := 1; ; try++ {
		err := w.b.Swap(ctx, swapPostgres...)
		if !errors.Is(err, store.ErrHeld) || try == swapTries {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(swapPause + store.Jitter(swapPause)):
		}
	}
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// parsers is how many goroutines parse: one processor is left to whoever serves.
func parsers() int { return max(1, min(runtime.GOMAXPROCS(0)-1, maxParsers)) }
