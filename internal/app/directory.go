package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/store"
	"habilis/internal/text"
)

// DirectoryLoad is what `habilis directory load` was asked.
type DirectoryLoad struct {
	Files   []string
	Report  string // file of the refused lines; by default one in the data folder
	Smaller bool
	Lang    text.Lang // of what is said
}

// Pace of what a load tells, and the memory it takes for its speed: a collection of
// garbage for so many percent more of what is alive.
const (
	tellEvery     = time.Second
	tellFileEvery = 10 * time.Second // when nobody watches
	loadGC        = 50
	percent       = 100
	loadNice      = 15 // less urgent by
	rawPriority   = 20 // the kernel's answer is this less the niceness
)

// LoadDirectory loads bulk files of the Annuaire Santé, beside a server or alone. It tells
// how far it is on log and what came of it on out, and has it written to the audit trail.
func LoadDirectory(ctx context.Context, c Config, log io.Writer, d DirectoryLoad, out io.Writer) error {
	p := text.For(d.Lang)
	place, done, err := directoryPlace(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	defer debug.SetGCPercent(debug.SetGCPercent(loadGC))
	giveWay()
	told := teller(p, log)
	l := directory.Loader{
		Place: place, Rejects: d.Report, Smaller: d.Smaller, Progress: told.tell,
		Sentence: func(reason string) string { return p.T("directory.reject." + reason) },
	}
	loaded, err := l.Load(ctx, d.Files)
	told.end()
	if err != nil {
		return inLanguage(p, err)
	}
	if l.Rejects == "" {
		l.Rejects = place.RejectsPath()
	}
	sayLoad(p, out, loaded)
	if slices.ContainsFunc(loaded.Files, func(f directory.FileReport) bool { return f.Rejected > 0 }) {
		fmt.Fprintln(out, p.T("directory.load.report", "File", l.Rejects))
	}
	rate := float64(read(loaded)) / max(loaded.Took.Seconds(), 1e-3) //nolint:mnd // a millisecond, at least
	fmt.Fprintln(out, p.T("directory.load.took", "Seconds", fmt.Sprintf("%.1f", loaded.Took.Seconds()), "Rate", p.Number(int(rate))))
	note := NoteDirectory{
		AsOf: loaded.AsOf, Lines: loaded.Lines, Practitioners: loaded.Practitioners,
		Added: loaded.Added, Changed: loaded.Changed, Removed: loaded.Removed,
	}
	if err := Execute(ctx, c, log, note, io.Discard); err != nil {
		return errors.New(p.T("directory.load.unrecorded", "Why", err.Error()))
	}
	return nil
}

// giveWay lets a server on the same machine go first: every thread of this process, and
// those they will start, become less urgent. Where that cannot be done, nothing is lost.
func giveWay() {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		if raw, err := syscall.Getpriority(syscall.PRIO_PROCESS, id); err == nil {
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, id, rawPriority-raw+loadNice)
		}
	}
}

func read(l directory.Load) (lines int64) {
	for _, f := range l.Files {
		lines += f.Lines
	}
	return lines
}

// directoryPlace finds where the index of an installation is, beside whoever has it open.
func directoryPlace(ctx context.Context, c Config) (p directory.Place, done func(), err error) {
	c = c.completed()
	if err := c.checkDatabase(); err != nil {
		return p, nil, err
	}
	if !c.Postgres() {
		if _, err := os.Stat(c.DatabasePath()); errors.Is(err, fs.ErrNotExist) {
			return p, nil, refuse("--data", "%s holds no installation; `habilis serve` or `habilis migrate` makes one", c.Data)
		}
		return directory.Place{Folder: c.Data}, func() {}, nil
	}
	if err := makeFolder(c.Data); err != nil {
		return p, nil, err
	}
	db, err := store.Open(ctx, store.Options{URL: c.DatabaseURL.Reveal(), Clock: c.Clock})
	if err != nil {
		return p, nil, refuse("--database-url", "the database cannot be opened: %s", err)
	}
	if err := db.CheckSchema(ctx); err != nil {
		return p, nil, errors.Join(err, db.Close())
	}
	return directory.Place{DB: db, Folder: c.Data}, func() { _ = db.Close() }, nil
}

// inLanguage says a fault in the language of whoever typed the command.
func inLanguage(p *text.Printer, err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || !p.Has("fault."+f.Code) {
		return inWords(err)
	}
	said := fmt.Errorf("%s (%s)", p.TMap("fault."+f.Code, f.Args), f.Code)
	if f.Err != nil {
		return errors.Join(said, f.Err)
	}
	return said
}

// sayLoad tells what the index holds.
func sayLoad(p *text.Printer, out io.Writer, l directory.Load) {
	n := func(v int64) string { return p.Number(int(v)) }
	for _, f := range l.Files {
		fmt.Fprintln(out, p.T("directory.load.file", "File", f.Name, "Loaded", n(f.Loaded), "Lines", n(f.Lines), "Rejected", n(f.Rejected)))
		for _, reason := range directory.Reasons {
			if f.Reasons[reason] > 0 {
				fmt.Fprintln(out, p.T("directory.load.reason", "Count", n(f.Reasons[reason]), "Reason", p.T("directory.reject."+reason)))
			}
		}
	}
	fmt.Fprintln(out, p.T("directory.load.people", "Date", p.Date(l.AsOf), "Count", n(l.Practitioners),
		"Added", n(l.Added), "Changed", n(l.Changed), "Removed", n(l.Removed)))
}

// sayProgress is a line about a load under way.
func sayProgress(p *text.Printer, x directory.Progress) string {
	done := int64(0)
	if x.Total > 0 {
		done = x.Bytes * percent / x.Total
	}
	return p.T("directory.load.phase."+x.Phase, "Percent", done, "Lines", p.Number(int(x.Lines)), "Rate", p.Number(int(x.Rate)),
		"Left", x.Left.Round(time.Second).String())
}

// progressTeller writes lines about a load: over each other on a terminal, now and then
// into a file.
type progressTeller struct {
	p     *text.Printer
	out   io.Writer
	watch bool
	last  time.Time
	wide  int
}

func teller(p *text.Printer, out io.Writer) *progressTeller {
	t := &progressTeller{p: p, out: out}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		t.watch = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return t
}

func (t *progressTeller) tell(x directory.Progress) {
	pause := tellFileEvery
	if t.watch {
		pause = tellEvery
	}
	if x.Lines == 0 || time.Since(t.last) < pause {
		return
	}
	t.last = time.Now()
	line := sayProgress(t.p, x)
	if !t.watch {
		fmt.Fprintln(t.out, line)
		return
	}
	width := len([]rune(line))
	fmt.Fprintf(t.out, "\r%s%s", line, strings.Repeat(" ", max(0, t.wide-width)))
	t.wide = width
}

// end leaves the terminal at the beginning of a line.
func (t *progressTeller) end() {
	if t.wide > 0 {
		fmt.Fprintln(t.out)
	}
}

// DirectoryStatus says what is loaded, and how far a load under way is.
func DirectoryStatus(ctx context.Context, c Config, lang text.Lang, out io.Writer) error {
	p := text.For(lang)
	place, done, err := directoryPlace(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	if x, under := place.Underway(); under {
		fmt.Fprintln(out, p.T("directory.status.underway", "PID", x.PID, "Progress", sayProgress(p, x)))
	}
	index, err := directory.OpenIndex(place)
	if err != nil {
		return err
	}
	defer index.Close() //nolint:errcheck // it was only read
	loaded, err := index.Loaded(ctx)
	if errors.Is(err, directory.ErrNotLoaded) {
		fmt.Fprintln(out, p.T("directory.status.none"))
		return nil
	}
	if err != nil {
		return inLanguage(p, err)
	}
	fmt.Fprintln(out, p.T("directory.status.loaded", "Date", p.DateTime(loaded.LoadedAt)))
	sayLoad(p, out, loaded)
	return nil
}

// NoteDirectory writes to the audit trail that the operator loaded the directory.
type NoteDirectory struct {
	AsOf          time.Time `json:"as_of"`
	Lines         int64     `json:"lines"`
	Practitioners int64     `json:"practitioners"`
	Added         int64     `json:"added"`
	Changed       int64     `json:"changed"`
	Removed       int64     `json:"removed"`
}

// Verb names the order.
func (NoteDirectory) Verb() string { return "directory.load" }

// Do records.
func (o NoteDirectory) Do(ctx context.Context, b *Base, _ io.Writer) error {
	return b.record(ctx, o.Verb(), map[string]any{
		"as_of": o.AsOf.Format(time.RFC3339), "lines": o.Lines, "practitioners": o.Practitioners,
		"added": o.Added, "changed": o.Changed, "removed": o.Removed,
	})
}
