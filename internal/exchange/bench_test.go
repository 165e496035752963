//go:build bench

package exchange

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"habilis/internal/directory"
	"habilis/internal/job"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// Promises of issue 7, 2: run by hand or by `make bench`, on a quiet machine:
// go test -tags bench -run FiveThousand -v ./internal/exchange
const (
	benchLines  = 5000
	benchCheck  = 10 * time.Second
	benchCommit = 20 * time.Second
	benchWriter = 2 * time.Second
	benchMemory = 200 << 20
)

// numbered is an RPPS number of the trial range, its key included.
func numbered(n int) string {
	body := fmt.Sprintf("997%07d", n)
	sum := 0
	for i := range body {
		d := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return body + strconv.Itoa((10-sum%10)%10)
}

// benchRows are people who all differ: two thirds with an address, a third with a number.
func benchRows(w *world) (rows [][]string) {
	known := register{}
	for n := range benchLines {
		r := []string{"Famille" + letters(n), "Prénom" + letters(n%97), "", "Secrétariat", "Non-praticien", "Saint-Aubin", "Secrétariat", "", ""}
		switch n % 3 {
		case 0, 1:
			r[2] = fmt.Sprintf("p%05d@exemple.fr", n)
		case 2:
			rpps := numbered(n)
			known[rpps] = directory.Practitioner{
				RPPS: rpps, Active: true, FamilyName: strings.ToUpper(r[0]), GivenName: r[1],
				Activities: []directory.Activity{{ID: "1", Profession: directory.Code{Code: "60", Label: "Infirmier"}}},
			}
			r[3], r[4], r[7] = "Soins infirmiers", "", rpps
		}
		rows = append(rows, r)
	}
	w.i.Index = known
	return rows
}

func letters(n int) string {
	var b strings.Builder
	for range 4 {
		b.WriteByte(byte('a' + n%26))
		n /= 26
	}
	return b.String()
}

func asCSV(rows [][]string) []byte {
	var b strings.Builder
	b.WriteString(head)
	for _, r := range rows {
		b.WriteString(strings.Join(r, ";") + "\n")
	}
	return []byte(b.String())
}

func asXLSX(t *testing.T, rows [][]string) []byte {
	return book(t, func(f *excelize.File) error {
		titles := strings.Split(strings.TrimSpace(head), ";")
		if err := f.SetSheetRow("Sheet1", "A1", &titles); err != nil {
			return err
		}
		for n, r := range rows {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+2), &r); err != nil {
				return err
			}
		}
		return nil
	})
}

// MEM-14: 5,000 lines of either format are checked with progress, and committed while others
// write, within the time and memory that are promised; all the letters go when the limit allows.
func TestFiveThousandLines(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		for _, format := range []Format{CSV, XLSX} {
			t.Run(e.String()+"/"+string(format), func(t *testing.T) {
				w := newWorld(t, storetest.Open(t, e, storetest.Options{NoTwin: true}))
				w.limit(benchLines)
				rows := benchRows(w)
				data := asCSV(rows)
				if format == XLSX {
					data = asXLSX(t, rows)
				}
				w.measure(File{Name: "x." + string(format), Data: data, Invites: true})
				for n := range rows { // the same people, with a telephone each
					rows[n][8] = fmt.Sprintf("06%08d", n)
				}
				w.measure(File{Name: "again.csv", Data: asCSV(rows), Invites: true})
			})
		}
	}
}

func (w *world) measure(f File) {
	runtime.GC()
	resetPeak()
	start := time.Now()
	m, err := w.i.Begin(ctx, w.bruno, w.org, f)
	w.must(err)
	began := time.Since(start)
	seen, stop := w.watchProgress(m)
	start = time.Now()
	args := fmt.Sprintf(`{"org":%q,"import":%q,"round":1}`, m.Org, m.ID)
	w.must(w.i.Check(ctx, job.Job{Args: []byte(args)}))
	checked := time.Since(start)
	close(stop)
	steps := <-seen
	others, longest := w.otherWriter()
	start = time.Now()
	m, err = w.i.Commit(ctx, w.bruno, w.org, m.ID)
	took := time.Since(start)
	close(others)
	worst := <-longest
	w.must(err)
	memory := peak(w.T)
	w.Logf("%s: sent in %v, checked in %v (%d steps of progress), committed in %v, another writer waited %v at most, %d MB resident at most; %v",
		f.Name, began.Round(time.Millisecond), checked.Round(time.Millisecond), steps, took.Round(time.Millisecond),
		worst.Round(time.Millisecond), memory>>20, m.Results)
	if began+checked > benchCheck || took > benchCommit || worst > benchWriter || memory > benchMemory || steps < 3 {
		w.Errorf("promised: check %v, commit %v, writer %v, %d MB", benchCheck, benchCommit, benchWriter, benchMemory>>20)
	}
}

// watchProgress counts the different values of progress that somebody sees.
func (w *world) watchProgress(m Import) (chan int, chan struct{}) {
	seen, stop := make(chan int, 1), make(chan struct{})
	go func() {
		values := map[int64]bool{}
		for {
			select {
			case <-stop:
				seen <- len(values)
				return
			case <-time.After(20 * time.Millisecond):
			}
			if p, err := w.i.Get(ctx, w.bruno, w.org, m.ID, Filter{}); err == nil {
				values[p.Progress] = true
			}
		}
	}()
	return seen, stop
}

// otherWriter writes to the same organisation until it is stopped, and tells how long it waited.
func (w *world) otherWriter() (stop chan struct{}, longest chan time.Duration) {
	stop, longest = make(chan struct{}), make(chan time.Duration, 1)
	go func() {
		worst := time.Duration(0)
		for {
			select {
			case <-stop:
				longest <- worst
				return
			case <-time.After(5 * time.Millisecond):
			}
			start := time.Now()
			if err := w.db.Write(ctx, []store.Lock{store.Lock(w.org)}, func(*store.Tx) error { return nil }); err != nil {
				w.Error(err)
			}
			worst = max(worst, time.Since(start))
		}
	}()
	return stop, longest
}

// resetPeak has the kernel count the most memory resident from now on.
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

func peak(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("no peak of memory")
	return 0
}
