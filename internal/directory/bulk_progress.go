package directory

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Phases of a load.
const (
	PhaseReading   = "reading"
	PhaseIndexing  = "indexing"
	PhaseComparing = "comparing"
	PhaseFinishing = "finishing"
)

// progressPause parts two reports of progress.
const progressPause = 500 * time.Millisecond

// Progress is how far a load is. Rate is in lines a second; Left is a guess, for the
// reading only.
type Progress struct {
	Phase string        `json:"phase"`
	Lines int64         `json:"lines"`
	Bytes int64         `json:"bytes"`
	Total int64         `json:"total_bytes"`
	Rate  int64         `json:"lines_per_second"`
	Left  time.Duration `json:"left"` // in nanoseconds
	Began time.Time     `json:"began"`
	PID   int           `json:"pid"`
}

func (w *work) progress() Progress {
	phase, _ := w.phase.Load().(string)
	p := Progress{Phase: phase, Lines: w.lines.Load(), Total: w.total, Began: w.began.UTC(), PID: os.Getpid()}
	for _, s := range w.sources {
		p.Bytes += s.read.Load()
	}
	p.Total = max(p.Total, p.Bytes)
	if took := w.Clock().Sub(w.began); took > 0 && p.Bytes > 0 {
		p.Rate = int64(float64(p.Lines) / took.Seconds())
		p.Left = time.Duration(float64(took) * float64(p.Total-p.Bytes) / float64(p.Bytes))
	}
	return p
}

// report tells the progress now and then, to the caller and in a file that `habilis
// directory status` reads; stop ends it.
func (w *work) report() (stop func()) {
	ended := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		tick := time.NewTicker(progressPause)
		defer tick.Stop()
		for {
			w.tell()
			select {
			case <-tick.C:
			case <-ended:
				return
			}
		}
	})
	return func() {
		close(ended)
		telling.Wait()
		_ = os.Remove(w.Place.path(progressFile)) // nobody believes it without the lock
	}
}

// tell writes the file whole or not at all; that it cannot is no reason to end the load.
func (w *work) tell() {
	p := w.progress()
	w.Progress(p)
	b, err := json.Marshal(p)
	if err != nil {
		return
	}
	path := w.Place.path(progressFile)
	if os.WriteFile(path+".new", b, fileMode) == nil {
		_ = os.Rename(path+".new", path)
	}
}

// Underway gives the progress of the load that runs in this folder, on whatever process;
// false when none does.
func (p Place) Underway() (Progress, bool) {
	var out Progress
	f, err := os.OpenFile(p.path(lockFile), os.O_RDWR, 0)
	if err != nil {
		return out, false // never was any
	}
	defer f.Close() //nolint:errcheck // it was only looked at
	if syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return out, false
	}
	b, err := os.ReadFile(p.path(progressFile))
	if err != nil || json.Unmarshal(b, &out) != nil {
		out.Phase = PhaseReading
	}
	return out, true
}

// maxReportLines bounds the file of refused lines; beyond, they are counted only.
const maxReportLines = 2_000_000

// rejectFile is the report of refused lines: CSV, a line each.
type rejectFile struct {
	file     *os.File
	buffer   *bufio.Writer
	csv      *csv.Writer
	sentence func(string) string
	lines    int
}

func newRejectFile(path string, sentence func(string) string) (*rejectFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fileMode)
	if err != nil {
		return nil, ErrReport.Because(err)
	}
	r := &rejectFile{file: f, buffer: bufio.NewWriter(f), sentence: sentence}
	r.csv = csv.NewWriter(r.buffer)
	return r, r.csv.Write([]string{"file", "line", "reason", "explanation"})
}

func (r *rejectFile) add(x Reject) error {
	r.lines++
	if r.lines > maxReportLines {
		return nil
	}
	return r.csv.Write([]string{x.File, strconv.FormatInt(x.Line, 10), x.Reason, r.sentence(x.Reason)})
}

func (r *rejectFile) Close() error {
	r.csv.Flush()
	return errors.Join(r.csv.Error(), r.buffer.Flush(), r.file.Close())
}
