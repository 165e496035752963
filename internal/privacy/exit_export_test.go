package privacy_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/blob"
	"habilis/internal/ident"
	"habilis/internal/privacy"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

func (p *place) export() map[string][]byte {
	p.Helper()
	if _, err := p.exits.OrderExport(p.Context(), p.as("claire"), p.a); err != nil {
		p.Fatal(err)
	}
	p.must(p.exits.SweepExports(p.Context()))
	return unzip(p, p.download("bruno"))
}

func (p *place) download(who string) []byte {
	p.Helper()
	f, err := p.exits.Download(p.Context(), p.as(who), p.a)
	p.must(err)
	var out bytes.Buffer
	p.must(f.Write(p.Context(), nil, &out, func() error { return nil }))
	if int64(out.Len()) != f.Export.Bytes || !strings.HasPrefix(f.Name(time.Time{}), "tilleuls-") {
		p.Errorf("%s: %d bytes of %d", f.Name(time.Time{}), out.Len(), f.Export.Bytes)
	}
	return out.Bytes()
}

func unzip(p *place, file []byte) map[string][]byte {
	p.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	p.must(err)
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		p.must(err)
		out[f.Name], err = io.ReadAll(r)
		p.must(err)
	}
	return out
}

// AUD-4: the full export holds every table of the organisation and nothing of another, no secret, the
// papers, the trail with what its hashes cover; the manifest names every file, and its signature
// holds by the key file alone.
func TestOrgExport(t *testing.T) {
	eachPlace(t, func(p *place) {
		p.fill(p.a, canary)
		p.fill(p.b, other)
		p.write(func(ctx context.Context, tx *store.Tx) error { return p.paper(ctx, tx, []byte("%PDF diplôme")) })
		p.act(p.a, "settings.edit")
		p.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `delete from org_export_chunk`)
			if err == nil {
				_, err = tx.Exec(ctx, `delete from org_export`)
			}
			return err
		})
		files := p.export()
		for name, body := range files {
			if bytes.Contains(body, []byte(other)) || bytes.Contains(body, []byte(p.b)) {
				p.Errorf("AUD-04: %s holds what is another organisation's", name)
			}
		}
		var tables int
		p.must(p.db.Read(p.Context(), func(tx *store.Tx) error {
			list, err := store.OwnedTables(p.Context(), tx)
			for _, table := range list {
				if _, out := privacy.LeftOut[table.Name]; out {
					continue
				}
				tables++
				body, ok := files["data/"+table.Name+".jsonl"]
				if !ok || !bytes.Contains(body, []byte(canary)) && !bytes.Contains(body, []byte(p.a)) && table.Name != "token_permission" {
					p.Errorf("the export has nothing of %s", table.Name)
				}
				for _, c := range privacy.Withheld[table.Name] {
					if bytes.Contains(body, []byte(`"`+c+`"`)) {
						p.Errorf("%s.%s stands in the export", table.Name, c)
					}
				}
			}
			return err
		}))
		if tables < 60 {
			p.Errorf("only %d tables", tables)
		}
		p.checkManifest(files)
		found := false
		for name, body := range files {
			found = found || strings.HasPrefix(name, "papers/blo_") || bytes.Equal(body, []byte("%PDF diplôme"))
		}
		if !found {
			p.Error("the paper is missing")
		}
		last := bytes.Split(bytes.TrimSpace(files["trail/events.jsonl"]), []byte("\n"))
		var line struct {
			Salt, PayloadHash []byte
			Payload           *string
		}
		dec := strings.NewReplacer("payload_hash", "PayloadHash")
		p.must(json.Unmarshal([]byte(dec.Replace(string(last[0]))), &line))
		sum := sha256.Sum256(append(line.Salt, []byte(*line.Payload)...))
		if !bytes.Equal(sum[:], line.PayloadHash) {
			p.Error("a line of the trail cannot be verified with what the export says of it")
		}
	})
}

func (p *place) paper(ctx context.Context, tx *store.Tx, data []byte) error {
	b, err := blob.Put(ctx, tx, p.run.Ring, p.a, "application/pdf", data)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update document set file_id = $2 where org_id = $1`, p.a, b.ID)
	return err
}

// checkManifest checks every file against the manifest, and the manifest against its signature.
func (p *place) checkManifest(files map[string][]byte) {
	p.Helper()
	var m struct {
		Organization struct{ ID, Name string }
		Files        []struct {
			Path   string
			Bytes  int
			SHA256 string
		}
	}
	p.must(json.Unmarshal(files["manifest.json"], &m))
	named := map[string]bool{"manifest.json": true, "manifest.signature.json": true, "keys.json": true}
	for _, f := range m.Files {
		sum := sha256.Sum256(files[f.Path])
		if hex.EncodeToString(sum[:]) != f.SHA256 || len(files[f.Path]) != f.Bytes {
			p.Errorf("%s is not what the manifest says", f.Path)
		}
		named[f.Path] = true
	}
	for name := range files {
		if !named[name] {
			p.Errorf("%s is not in the manifest", name)
		}
	}
	if m.Organization.ID != p.a.String() || m.Organization.Name != "Maison tilleuls" {
		p.Errorf("%+v", m.Organization)
	}
	_, keys, err := secret.ReadPublicFile(files["keys.json"])
	p.must(err)
	s, err := secret.ReadSignatureFile(files["manifest.signature.json"])
	p.must(err)
	if s.Use != secret.UseExit || s.Verify(files["manifest.json"], keys) != nil {
		p.Error("the signature of the manifest does not hold")
	}
	altered := slices.Clone(files["manifest.json"])
	altered[len(altered)/2] ^= 1
	if s.Verify(altered, keys) == nil {
		p.Error("it holds of an altered manifest")
	}
}

// proving are the names of columns that may hold a proof or a secret.
var proving = regexp.MustCompile(`hash|secret|sealed|token|(^|_)tag($|_)|password|code_for|lease$`)

// plainly are the columns of such names that hold neither, each with its reason.
var plainly = map[string]string{
	"invitation.token_until": "a date", "token_permission.token_id": "an identifier", "registration.code_for": "what a code is for",
	"document.sum":     "the hash of a paper, by which it is certified",
	"review_file.core": "the file that a review leaves", "review_file.signature": "its signature, to be verified by anybody",
	"review_part.salt": "with it the part is verified against the file",
}

// AUD-03, rules.md 21: no column that holds a proof or a secret leaves with the export: whoever adds one
// says so.
func TestOrgExportWithholds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Read(context.Background(), func(tx *store.Tx) error {
			list, err := store.OwnedTables(context.Background(), tx)
			for _, table := range list {
				if _, out := privacy.LeftOut[table.Name]; out {
					continue
				}
				for i, c := range table.Columns {
					name := table.Name + "." + c
					if (table.Types[i] == "blob" || proving.MatchString(c)) && !slices.Contains(privacy.Withheld[table.Name], c) && plainly[name] == "" {
						t.Errorf("%s may be a secret: withhold it (internal/privacy/exit_content.go), or say here why not", name)
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// AUD-4: who may take everything away, once for one at a time; after its days it is gone.
func TestOrgExportRights(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx := p.Context()
		for who, want := range map[string]string{"tina": "access.forbidden", "paul": "access.forbidden", "odile": "access.not_found"} {
			if _, err := p.exits.OrderExport(ctx, p.as(who), p.a); codeOf(err) != want {
				p.Errorf("%s orders: %v", who, err)
			}
			if _, err := p.exits.Download(ctx, p.as(who), p.a); codeOf(err) != want {
				p.Errorf("%s downloads: %v", who, err)
			}
		}
		if _, err := p.exits.Download(ctx, p.as("claire"), p.a); codeOf(err) != "exit.export_none" {
			p.Errorf("before any: %v", err)
		}
		_, err := p.exits.OrderExport(ctx, p.as("claire"), p.a)
		p.must(err)
		if _, err := p.exits.OrderExport(ctx, p.as("bruno"), p.a); codeOf(err) != "exit.export_ordered" {
			p.Errorf("two at a time: %v", err)
		}
		p.must(p.exits.SweepExports(ctx))
		if p.pending(privacy.OrgExportLetter{}.Kind()) != 1 {
			p.Error("whoever ordered it is not told")
		}
		late := p.as("claire")
		late.StepUp = p.db.Now().Add(-time.Hour)
		if _, err := p.exits.Download(ctx, late, p.a); codeOf(err) != "access.step_up_required" {
			p.Errorf("without a fresh proof: %v", err)
		}
		p.download("claire")
		if n := p.count(`select count(*) from audit_event where chain = $1 and verb = 'exit.export_download' and outcome = 'done'`, p.a); n != 1 {
			p.Errorf("recorded %d times", n)
		}
		p.clock.Add(privacy.OrgExportKept)
		p.must(p.exits.SweepExports(ctx))
		if _, err := p.exits.Download(ctx, p.as("claire"), p.a); codeOf(err) != "exit.export_none" || p.count(`select count(*) from org_export_chunk`) != 0 {
			p.Errorf("after its days: %v", err)
		}
	})
}

// AUD-4: an export of many papers is made in bounded memory; an attempt that was cut off is begun
// again by another, and what is written after it was taken over is refused.
func TestOrgExportStreams(t *testing.T) {
	p := newPlace(t, store.SQLite)
	p.fill(p.a, canary)
	const papers, size = 12, 8 << 20
	random := rand.NewChaCha8([32]byte{1})
	for range papers {
		data := make([]byte, size)
		_, _ = random.Read(data)
		p.must(p.db.Write(p.Context(), []store.Lock{store.Lock(p.a)}, func(tx *store.Tx) error {
			b, err := blob.Put(p.Context(), tx, p.run.Ring, p.a, "application/pdf", data)
			if err != nil {
				return err
			}
			_, err = tx.Exec(p.Context(), `
				insert into document (org_id, id, member_id, kind, name, media_type, bytes, sum, file_id, state, own, added_by, added_name, added_at)
				select org_id, $2, member_id, kind, name, media_type, bytes, sum, $3, state, own, added_by, added_name, added_at from document
				where org_id = $1 limit 1`, p.a, ident.NewDocument(), b.ID)
			return err
		}))
	}
	p.write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `delete from org_export_chunk`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from org_export`)
		return err
	})
	_, err := p.exits.OrderExport(p.Context(), p.as("claire"), p.a)
	p.must(err)
	cut, end := context.WithTimeout(p.Context(), 300*time.Millisecond)
	defer end()
	if err := p.exits.SweepExports(cut); err == nil || errors.Is(err, privacy.ErrNoOrgExport) {
		t.Fatalf("it was to be cut off: %v", err)
	}
	p.clock.Add(time.Hour)
	peak, stop := watchMemory()
	p.must(p.exits.SweepExports(p.Context()))
	close(stop)
	if grew := <-peak; grew > papers*size/2 {
		t.Errorf("memory grew by %d MiB for an export of %d", grew>>20, papers*size>>20)
	}
	file := p.download("claire")
	if len(file) < papers*size {
		t.Errorf("%d bytes", len(file))
	}
	// The paper that fill wrote has no bytes: a paper that is damaged is said to be, and keeps nothing else.
	if m := unzip(p, file)["manifest.json"]; bytes.Count(m, []byte(`"damaged": true`)) != 1 {
		t.Error("the manifest does not say which paper is damaged")
	}
}

// watchMemory tells by how much the heap in use grew at most.
func watchMemory() (peak chan uint64, stop chan struct{}) {
	peak, stop = make(chan uint64, 1), make(chan struct{})
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	before, most := s.HeapInuse, s.HeapInuse
	go func() {
		for {
			select {
			case <-stop:
				peak <- most - before
				return
			case <-time.After(10 * time.Millisecond):
				runtime.ReadMemStats(&s)
				most = max(most, s.HeapInuse)
			}
		}
	}()
	return peak, stop
}
