package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"habilis/internal/apptest"
	"habilis/internal/storetest"
)

// importLines is how many people each file of the test brings.
const importLines = 1000

// FIL-08, F1: kill -9 during the commit of an import. Everybody of the file is a member and the
// import is done, or nobody is and it may be committed again: nothing half. Whatever became of
// it, the same file sent again finds the same people and creates nobody.
func TestFaultKillImport(t *testing.T) {
	const rounds = 3
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			u := newUploader(t, apptest.Config(t, e))
			at := u.p.base + "/api/v1/organizations/" + u.org
			for round := range rounds {
				u.importKilled(at, round)
			}
			u.p.stop()
		})
	}
}

// importKilled sends a file, and kills the program while it is committed.
func (u *uploader) importKilled(at string, round int) {
	u.t.Helper()
	file := importFile(round)
	one := u.sent(at, file)
	u.ready(one, "create")
	before := u.total(at)
	told := u.committedKilled(one)
	done, total := u.state(one).State == "done", u.total(at)
	switch {
	case told && !done:
		u.t.Errorf("round %d: acknowledged, and not done", round)
	case done && total != before+importLines, !done && total != before:
		u.t.Errorf("round %d: done %v, %d members, %d before", round, done, total, before)
	}
	if !done {
		u.committed(one)
	}
	u.ready(u.sent(at, file), "nothing")
	if total := u.total(at); total != before+importLines {
		u.t.Errorf("round %d: %d members, %d before", round, total, before)
	}
}

// importFile is a file of people who are told apart by their addresses. The names of two rounds
// differ by more than one letter, or a person would have to decide of each line (MEM-3).
func importFile(round int) string {
	var b strings.Builder
	b.WriteString("Nom;Prénom;E-mail;Fonction;Type de profil\n")
	for n := range importLines {
		fmt.Fprintf(&b, "%sFamille%s%s;Prénom%s;p%d.%d@exemple.fr;Secrétariat;Non-praticien\n",
			word(round), word(round), word(n), word(n), round, n)
	}
	return b.String()
}

// sent sends a file and gives the address of its import.
func (u *uploader) sent(at, file string) string {
	u.t.Helper()
	status, answer, err := u.do(http.MethodPost, at+"/imports?name=x.csv&invites=false", strings.NewReader(file))
	if err != nil || status != http.StatusAccepted {
		u.t.Fatal(status, string(answer), err)
	}
	var m struct{ ID string }
	if err := json.Unmarshal(answer, &m); err != nil {
		u.t.Fatal(err)
	}
	return at + "/imports/" + m.ID
}

// ready waits until an import is checked: each of its lines would have one fate.
func (u *uploader) ready(one, fate string) {
	u.t.Helper()
	for range 600 {
		m := u.state(one)
		if m.State == "ready" {
			if m.Counts[fate] != importLines || m.Undecided != 0 {
				u.t.Fatalf("%v, %d undecided: not %s", m.Counts, m.Undecided, fate)
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	u.t.Fatal("never ready")
}

// committedKilled kills the program while it commits an import, starts it again, and reports
// whether the commit was acknowledged.
func (u *uploader) committedKilled(one string) bool {
	u.t.Helper()
	acknowledged := make(chan bool, 1)
	go func() {
		status, answer, err := u.do(http.MethodPost, one+"/commit", nil)
		if err == nil && status != http.StatusOK {
			u.t.Errorf("refused: %d %s", status, answer)
		}
		acknowledged <- err == nil && status == http.StatusOK
	}()
	time.Sleep(rand.N(600 * time.Millisecond))
	u.p.kill()
	told := <-acknowledged
	u.p.start()
	return told
}

// committed commits an import that was left as it was.
func (u *uploader) committed(one string) {
	u.t.Helper()
	if status, answer, err := u.do(http.MethodPost, one+"/commit", nil); err != nil || status != http.StatusOK {
		u.t.Errorf("again: %d %s %v", status, answer, err)
	}
}

// word is a number in letters: names hold no digits alone.
func word(n int) string {
	return strings.Map(func(r rune) rune { return 'a' + (r-'0')*2 }, fmt.Sprintf("%04d", n))
}

// imported is an import as the API tells it.
type imported struct {
	State     string
	Counts    map[string]int
	Undecided int
}

func (u *uploader) state(one string) (m imported) {
	u.t.Helper()
	status, b, err := u.do(http.MethodGet, one+"?limit=0", nil)
	if err != nil || status != http.StatusOK {
		u.t.Fatal(status, string(b), err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		u.t.Fatal(err)
	}
	return m
}

func (u *uploader) total(at string) int {
	u.t.Helper()
	var l struct{ Total int }
	status, b, err := u.do(http.MethodGet, at+"/members?limit=1", nil)
	if err != nil || status != http.StatusOK {
		u.t.Fatal(status, string(b), err)
	}
	if err := json.Unmarshal(b, &l); err != nil {
		u.t.Fatal(err)
	}
	return l.Total
}
