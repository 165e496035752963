package privacy

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"habilis/internal/audit"
	"habilis/internal/blob"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// The full export is a zip of lines of JSON, one file for each table, with what each means in
// schema.json, the trail, the papers, and a manifest that names every other file with its SHA-256. The
// manifest is signed: habilis verify-audit --file manifest.json --signature manifest.signature.json
// --keys keys.json holds on any machine.
const (
	exportFormat  = "habilis-organization-export"
	exportVersion = 1

	manifestName  = "manifest.json"
	signatureName = "manifest.signature.json"
	keysName      = "keys.json"
	schemaName    = "schema.json"
	trailName     = "trail/events.jsonl"
)

// leftOut are the tables of an organisation that no export holds, each with its reason.
var leftOut = map[string]string{
	"org_exit":          "says that the organisation is leaving: the trail tells it",
	"org_export":        "the exports themselves",
	"org_export_chunk":  "the exports themselves",
	"file":              "the papers stand in it as files; document.jsonl names them",
	"file_chunk":        "the papers stand in it as files",
	"draft":             "what one person typed and has sent to nobody",
	"registration_key":  "keys of pages that are open",
	"event_head":        "how far a feed was read",
	"event_waiting":     "events that wait for their place in the feed",
	"org_version":       "how often something changed",
	"dated_told":        "how far dates were told",
	"data_export":       "what a person took away of their own, sealed for them",
	"data_export_chunk": "what a person took away of their own, sealed for them",
}

// withheld are the columns that no export holds: what proves who somebody is, and the secrets of
// this installation.
var withheld = map[string][]string{
	"invitation":           {"token_hash", "temporary_hash"},
	"registration":         {"code_tag", "password_hash", "phone_sealed"},
	"registration_mailbox": {"code_tag"},
	"token":                {"token_hash"},
	"webhook":              {"secret", "secret_before"},
	"webhook_delivery":     {"lease"},
}

// manifest names every file of an export.
type manifest struct {
	Format       string         `json:"format"`
	Version      int            `json:"version"`
	Installation string         `json:"installation"`
	Organization manifestOrg    `json:"organization"`
	MadeAt       time.Time      `json:"made_at"`
	Trail        manifestHead   `json:"trail"`
	Files        []manifestFile `json:"files"`
}

type manifestOrg struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// manifestHead is the last event of the trail that the export holds.
type manifestHead struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

type manifestFile struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Rows   int64  `json:"rows,omitempty"`
	// Damaged says that a paper is not what was given: its bytes are as they were found.
	Damaged bool `json:"damaged,omitempty"`
}

// exportWriter writes the files of an export, and what the manifest says of them.
type exportWriter struct {
	ctx   context.Context //nolint:containedctx // of one export, whole
	tx    *store.Tx
	in    ident.Org
	zip   *zip.Writer
	files []manifestFile
}

// writeZip writes everything of an organisation as of one moment.
func (e Exits) writeZip(ctx context.Context, in ident.Org, out io.Writer) error {
	return e.Run.DB.ReadLong(ctx, func(tx *store.Tx) error {
		w := &exportWriter{ctx: ctx, tx: tx, in: in, zip: zip.NewWriter(out)}
		o, err := org.Get(ctx, tx, in)
		if err != nil {
			return err
		}
		head, err := audit.HeadOf(ctx, tx, in.String())
		if err != nil {
			return err
		}
		if err := w.tables(); err != nil {
			return err
		}
		if err := w.trail(); err != nil {
			return err
		}
		if err := w.papers(e.Run.Ring); err != nil {
			return err
		}
		m := manifest{
			Format: exportFormat, Version: exportVersion, Installation: e.Address,
			Organization: manifestOrg{in.String(), o.Slug, o.Name}, MadeAt: tx.Now.UTC(),
			Trail: manifestHead{head.Seq, hex.EncodeToString(head.Hash)}, Files: w.files,
		}
		return w.sign(e, m)
	})
}

// sign writes the manifest, its signature and the keys that verify it, and ends the zip.
func (w *exportWriter) sign(e Exits, m manifest) error {
	body, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	body = append(body, '\n')
	for _, f := range []struct {
		name string
		data []byte
	}{
		{manifestName, body},
		{signatureName, e.Run.Ring.SignatureFile(secret.UseExit, body, m.MadeAt)},
		{keysName, e.Run.Ring.PublicFile(e.Address)},
	} {
		if err := w.file(f.name, func(out io.Writer) (int64, error) {
			_, err := out.Write(f.data)
			return 0, err
		}); err != nil {
			return err
		}
	}
	return w.zip.Close()
}

// file writes one file, and notes its hash. fn gives how many rows it has.
func (w *exportWriter) file(path string, fn func(io.Writer) (int64, error)) error {
	out, err := w.zip.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: w.tx.Now.UTC()})
	if err != nil {
		return err
	}
	sum, size := sha256.New(), new(counted)
	rows, err := fn(io.MultiWriter(out, sum, size))
	damaged := errors.Is(err, blob.ErrDamaged) // one paper keeps nobody from the rest
	if err != nil && !damaged {
		return fmt.Errorf("%s: %w", path, err)
	}
	w.files = append(w.files, manifestFile{path, int64(*size), hex.EncodeToString(sum.Sum(nil)), rows, damaged})
	return nil
}

// counted counts what is written.
type counted int64

func (c *counted) Write(p []byte) (int, error) {
	*c += counted(len(p))
	return len(p), nil
}

// schemaTable says what a file of lines holds.
type schemaTable struct {
	File     string            `json:"file"`
	About    string            `json:"about"` // the entry of the register
	Columns  map[string]string `json:"columns"`
	Withheld []string          `json:"withheld"` // columns that are secrets of the installation
}

// tables writes the rows of each table, and what they are.
func (w *exportWriter) tables() error {
	list, err := store.OwnedTables(w.ctx, w.tx)
	if err != nil {
		return err
	}
	schema := map[string]schemaTable{}
	for _, t := range list {
		if _, out := leftOut[t.Name]; out {
			continue
		}
		s := schemaTable{File: "data/" + t.Name + ".jsonl", About: entryOf(t.Name), Columns: map[string]string{}, Withheld: []string{}}
		s.Withheld = append(s.Withheld, withheld[t.Name]...)
		var columns []string
		for i, c := range t.Columns {
			if !slices.Contains(s.Withheld, c) {
				columns = append(columns, c)
				s.Columns[c] = t.Types[i]
			}
		}
		if err := w.file(s.File, func(out io.Writer) (int64, error) { return w.lines(t, columns, out) }); err != nil {
			return err
		}
		schema[t.Name] = s
	}
	return w.file(schemaName, func(out io.Writer) (int64, error) {
		enc := json.NewEncoder(out)
		enc.SetIndent("", " ")
		return 0, enc.Encode(map[string]any{
			"format": exportFormat, "version": exportVersion, "tables": schema, "left_out": leftOut,
			"values": map[string]string{
				"text": "string", "bigint": "integer", "boolean": "true or false", "datetime": "RFC 3339, UTC, to the microsecond; null: never",
				"blob": "base64", "known_from, known_until": "when a line was true: it is true today where known_until is null",
			},
			"trail": "trail/events.jsonl: one event a line, in order; hash covers the line before (docs/handbook)",
		})
	})
}

// lines writes the rows of a table, one object a line, its columns in order.
func (w *exportWriter) lines(t store.OwnedTable, columns []string, out io.Writer) (n int64, err error) {
	line := make([]byte, 0, len(columns))
	return n, t.Each(w.ctx, w.tx, w.in.String(), columns, func(values []any) error {
		n++
		line = append(line[:0], '{')
		for i, c := range columns {
			if i > 0 {
				line = append(line, ',')
			}
			v, err := json.Marshal(plain(values[i]))
			if err != nil {
				return err
			}
			line = append(append(append(line, '"'), c...), '"', ':')
			line = append(line, v...)
		}
		_, err := out.Write(append(line, '}', '\n'))
		return err
	})
}

// plain is a value of the database as JSON has it.
func plain(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	}
	return v
}

// trail writes the events of the organisation with everything that their hashes cover.
func (w *exportWriter) trail() error {
	return w.file(trailName, func(out io.Writer) (n int64, err error) {
		enc := json.NewEncoder(out)
		return n, audit.EachOf(w.ctx, w.tx, w.in.String(), func(l audit.Line) error {
			n++
			return enc.Encode(l)
		})
	})
}

// endings are the ends of the names of papers, by their media type.
var endings = map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}

// papers writes the bytes of each paper, under the ID that document.jsonl has for it.
func (w *exportWriter) papers(ring *secret.Ring) error {
	list, err := blob.All(w.ctx, w.tx, w.in)
	if err != nil {
		return err
	}
	papers, err := paperFiles(w.ctx, w.tx, w.in)
	if err != nil {
		return err
	}
	for _, b := range list {
		if !papers[b.ID] {
			continue
		}
		err := w.file("papers/"+b.ID.String()+endings[b.MediaType], func(out io.Writer) (int64, error) {
			return 0, blob.Copy(w.ctx, w.tx, ring, b, out)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
