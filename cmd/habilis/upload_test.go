package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/papertest"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// uploader is a program with a token that adds papers to the file of somebody who registered.
type uploader struct {
	t          *testing.T
	p          *process
	org, token string
	file       string // address of the papers
	http       http.Client
}

// newUploader makes the organisation, the registrant and the token, and starts the program.
func newUploader(t *testing.T, c app.Config) *uploader {
	t.Helper()
	a, err := app.New(t.Context(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	s := apptest.Attach(t, a)
	o := s.NewOrg("Maison des pièces", "chef@pieces.example")
	u := &uploader{t: t, org: o.ID.String(), token: s.Token(o).Header.Get("Authorization")}
	var m member.Member
	if err := a.DB.Write(ctx, []store.Lock{store.Lock(o.ID)}, func(tx *store.Tx) (err error) {
		m, err = member.Insert(ctx, tx, member.New{
			Org: o.ID, Status: member.Created, Verification: member.Unchecked, GivenName: "Linh", FamilyName: "Nguyen", Sites: []ident.Site{o.Site},
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	u.p = program(t, c, "--log-level", "warn")
	u.file = u.p.base + "/api/v1/organizations/" + u.org + "/dossiers/" + ident.DossierOf(m.ID).String() + "/documents"
	u.p.start()
	t.Cleanup(u.p.kill)
	return u
}

func (u *uploader) do(method, address string, body io.Reader) (int, []byte, error) {
	r, err := http.NewRequestWithContext(u.t.Context(), method, address, body)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", u.token)
	if body != nil {
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	answer, err := u.http.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	return answer.StatusCode, b, err
}

// kept is a document as the API tells it.
type kept struct {
	ID, Sha256 string
	Bytes      int64
}

func (u *uploader) list() (l struct{ Items []kept }) {
	u.t.Helper()
	status, b, err := u.do(http.MethodGet, u.file, nil)
	if err == nil && status == http.StatusOK {
		err = json.Unmarshal(b, &l)
	}
	if err != nil || status != http.StatusOK {
		u.t.Fatal(status, err)
	}
	return l
}

// FIL-07, F1: kill -9 during uploads. Each paper that was acknowledged is there whole; one
// whose answer never came is there whole or not at all; no bytes without a row.
func TestFaultKillUpload(t *testing.T) {
	rounds := 3
	if s := os.Getenv(envKills); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(envKills, err)
		}
		rounds = n
	}
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			c := apptest.Config(t, e)
			u := newUploader(t, c)
			acknowledged := 0
			for round := range rounds {
				acknowledged += u.killed(c, round)
			}
			if acknowledged == 0 {
				t.Error("no paper was acknowledged: the test proves too little")
			}
			u.p.stop()
		})
	}
}

// What became of a paper whose removal was asked for.
const (
	maybe   = "maybe" // the answer never came
	removed = "removed"
)

// killed uploads until the program is killed, and compares; it gives how many papers were
// acknowledged.
func (u *uploader) killed(c app.Config, round int) int {
	u.t.Helper()
	var mu sync.Mutex
	acknowledged := map[string]string{} // by ID: the hash of what must be there, maybe or removed
	ctx, cancel := context.WithCancel(u.t.Context())
	var working sync.WaitGroup
	for n := range 2 {
		working.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				data := append(papertest.PDF(fmt.Sprintf("/N (%d %d %d)", round, n, i)), papertest.LargePDF(2 << 20)[8:]...)
				status, b, err := u.do(http.MethodPost, u.file+"?kind=card&name=carte.pdf", bytes.NewReader(data))
				if err != nil {
					return
				}
				var d kept
				if status == http.StatusCreated && json.Unmarshal(b, &d) == nil {
					sum := sha256.Sum256(data)
					mu.Lock()
					acknowledged[d.ID] = hex.EncodeToString(sum[:])
					mu.Unlock()
					if i > 0 { // room for the next
						mu.Lock()
						acknowledged[d.ID] = maybe // it may be gone when the answer never comes
						mu.Unlock()
						if status, _, err := u.do(http.MethodDelete, u.file+"/"+d.ID, nil); err == nil && status == http.StatusNoContent {
							mu.Lock()
							acknowledged[d.ID] = removed
							mu.Unlock()
						}
					}
				}
			}
		})
	}
	time.Sleep(100*time.Millisecond + rand.N(400*time.Millisecond))
	u.p.kill()
	cancel()
	working.Wait()
	u.compare(c, acknowledged)
	u.p.start()
	list := u.list()
	for _, d := range list.Items {
		status, b, err := u.do(http.MethodGet, u.file+"/"+d.ID, nil)
		sum := sha256.Sum256(b)
		if err != nil || status != http.StatusOK || hex.EncodeToString(sum[:]) != d.Sha256 || int64(len(b)) != d.Bytes {
			u.t.Errorf("round %d: %s is not whole: %d, %d bytes, %v", round, d.ID, status, len(b), err)
		}
		if want, told := acknowledged[d.ID]; told && want != maybe && want != d.Sha256 {
			u.t.Errorf("round %d: %s is %s, and was acknowledged as %s", round, d.ID, d.Sha256, want)
		}
	}
	for id, sum := range acknowledged {
		if sum != maybe && sum != removed && !slices.ContainsFunc(list.Items, func(d kept) bool { return d.ID == id }) {
			u.t.Errorf("round %d: %s was acknowledged, and is not there", round, id)
		}
	}
	for _, d := range list.Items {
		if status, _, err := u.do(http.MethodDelete, u.file+"/"+d.ID, nil); err != nil || status != http.StatusNoContent {
			u.t.Fatal(status, err)
		}
	}
	return len(acknowledged)
}

// compare reads the database of the dead program: each row has its file, each file its row,
// and every chunk that it should have.
func (u *uploader) compare(c app.Config, acknowledged map[string]string) {
	u.t.Helper()
	w := &world{t: u.t}
	w.look(c, func(ctx context.Context, tx *store.Tx) error {
		var rows, files, torn, events int
		err := tx.QueryRow(ctx, `select (select count(*) from document where org_id = $1), (select count(*) from file where org_id = $1),
			(select count(*) from file f where f.org_id = $1 and (f.bytes + 262143) / 262144 <> (select count(*) from file_chunk k where k.org_id = $1 and k.file_id = f.id)),
			(select count(*) from audit_event where chain = $1 and verb = 'document.add' and outcome = 'done')
			- (select count(*) from audit_event where chain = $1 and verb = 'document.remove' and outcome = 'done')`, u.org).Scan(&rows, &files, &torn, &events)
		if rows != files || torn != 0 || events != rows {
			u.t.Errorf("%d rows, %d files, %d of them torn; %d papers in the trail", rows, files, torn, events)
		}
		if err != nil {
			return err
		}
		for id := range acknowledged { // those that were removed since, too
			var n int
			if err := tx.QueryRow(ctx, `select count(*) from audit_event where chain = $1 and verb = 'document.add' and object = $2`,
				u.org, id).Scan(&n); err != nil {
				return err
			}
			if n != 1 {
				u.t.Errorf("%s was acknowledged, and stands %d times in the trail", id, n)
			}
		}
		return nil
	})
}

// rules.md 16: two papers of 10 MB at once take little more than themselves.
func TestUploadMemory(t *testing.T) {
	const bound = 100 << 20
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			u := newUploader(t, apptest.Config(t, e))
			u.list()
			before := u.memory("VmRSS")
			var both sync.WaitGroup
			for n := range 2 {
				both.Go(func() {
					data := papertest.LargePDF(10<<20 - n)
					if status, b, err := u.do(http.MethodPost, u.file+"?kind=card&name=carte.pdf", bytes.NewReader(data)); err != nil || status != http.StatusCreated {
						t.Errorf("%d %s %v", status, b, err)
					}
				})
			}
			both.Wait()
			took := u.memory("VmHWM") - before
			t.Logf("%d MiB more, %d MiB before", took>>20, before>>20)
			if took > bound {
				t.Errorf("two papers took %d MiB, %d at most", took>>20, bound>>20)
			}
			for _, d := range u.list().Items {
				if _, b, err := u.do(http.MethodGet, u.file+"/"+d.ID, nil); err != nil || int64(len(b)) != d.Bytes {
					t.Errorf("%d bytes, %v", len(b), err)
				}
			}
			u.p.stop()
		})
	}
}

// memory reads a figure of the program, in bytes.
func (u *uploader) memory(name string) int64 {
	u.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", u.p.cmd.Process.Pid))
	if err != nil {
		u.t.Fatal(err)
	}
	m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(b)
	if m == nil {
		u.t.Fatalf("%s is not in\n%s", name, b)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		u.t.Fatal(err)
	}
	return n << 10
}
