package review

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"habilis/internal/ident"
)

// fileFormat names the format of the signed file.
const fileFormat = "habilis.review/1"

// document is the signed file of a campaign: the core, which is signed, and the parts that are left.
type document struct {
	Core  core   `json:"core"`
	Parts []part `json:"parts"`
}

// core is what is signed. It names nobody: of each name it holds the hash of a part.
type core struct {
	Format       string       `json:"format"`
	Installation string       `json:"installation"`
	Organization ident.Org    `json:"organization"`
	Review       ident.Review `json:"review"`
	Site         ident.Site   `json:"site,omitempty"`
	Function     string       `json:"function,omitempty"`
	OpenedAt     time.Time    `json:"opened_at"`
	OpenedBy     string       `json:"opened_by"`
	Deadline     time.Time    `json:"deadline"`
	EndedAt      time.Time    `json:"ended_at"`
	EndedBy      string       `json:"ended_by"`
	FinishedAt   time.Time    `json:"finished_at"`
	// Forced: it was ended with people who were not reviewed.
	Forced    bool           `json:"forced"`
	UsesSince time.Time      `json:"uses_known_since"`
	Audit     coreHead       `json:"audit"`
	Reviewers []ident.Member `json:"reviewers"`
	People    []corePerson   `json:"people"`
	Parts     []coreParts    `json:"parts"`
}

// coreHead is the head of the audit chain when the file was made.
type coreHead struct {
	Chain string `json:"chain"`
	Seq   int64  `json:"seq"`
	Hash  string `json:"hash"`
}

type corePerson struct {
	Member     ident.Member    `json:"member"`
	LastSignIn *time.Time      `json:"last_sign_in,omitempty"`
	LastUse    *time.Time      `json:"last_use,omitempty"`
	UseWide    bool            `json:"last_use_anywhere,omitempty"` // of a site: known of the whole organisation only
	Rights     []coreRight     `json:"rights"`
	Reviewer   ident.Member    `json:"reviewer,omitempty"`
	Decision   Choice          `json:"decision,omitempty"`
	Drops      []string        `json:"drops,omitempty"`
	Leaves     Leave           `json:"leaves,omitempty"` // of a removal: what was decided that they leave
	DecidedBy  string          `json:"decided_by,omitempty"`
	DecidedAt  *time.Time      `json:"decided_at,omitempty"`
	Outcome    Outcome         `json:"outcome"`
	Code       string          `json:"code,omitempty"`
	ChangeSet  ident.ChangeSet `json:"change_set,omitempty"`
	DoneAt     *time.Time      `json:"done_at,omitempty"`
}

// coreRight is a right as it was when it was decided upon, or else when the campaign was opened.
type coreRight struct {
	right

	Key     string     `json:"key"`
	LastUse *time.Time `json:"last_use,omitempty"`
	UseWide bool       `json:"last_use_anywhere,omitempty"`
}

// coreParts is the hash of a part.
type coreParts struct {
	Part   string `json:"part"`
	SHA256 string `json:"sha256"`
}

// part is what is said of somebody, or the name of something: it can be erased alone.
type part struct {
	Part  string `json:"part"` // whose: an ID; an ID and /comment
	Salt  string `json:"salt"` // hexadecimal
	Text  string `json:"text"`
	Email string `json:"email,omitempty"`
}

// commentOf names the part of what was said of somebody.
const commentOf = "/comment"

func (p part) hash() string {
	sum := sha256.Sum256(canonical(p))
	return hex.EncodeToString(sum[:])
}

// canonical writes a document in its one form.
func canonical(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		panic("review: a file: " + err.Error()) // strings, numbers and times always marshal
	}
	return b.Bytes()
}

// errShape is the refusal of a file that is not one, or was altered.
var errShape = errors.New("review: this is not a review of Habilis, or it was altered")

// parse reads a file, byte for byte as it was written: its parts are those of the core, but for those
// that were erased. Errors: errShape.
func parse(b []byte) (document, error) {
	var d document
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if dec.Decode(&d) != nil || !bytes.Equal(canonical(d), b) || d.Core.Format != fileFormat {
		return d, errShape
	}
	hashes := map[string]string{}
	for _, p := range d.Core.Parts {
		hashes[p.Part] = p.SHA256
	}
	if len(hashes) != len(d.Core.Parts) {
		return d, errShape
	}
	sorted := slices.IsSortedFunc(d.Parts, func(a, b part) int { return strings.Compare(a.Part, b.Part) })
	for i, p := range d.Parts {
		if !sorted || hashes[p.Part] != p.hash() || (i > 0 && d.Parts[i-1].Part == p.Part) {
			return d, errShape
		}
	}
	return d, nil
}

// erased is how many parts are there no more.
func (d *document) erased() int { return len(d.Core.Parts) - len(d.Parts) }

// says gives the text of a part; empty: it was erased, or never was.
func (d *document) says(id string) part {
	i, found := slices.BinarySearchFunc(d.Parts, id, func(p part, id string) int { return strings.Compare(p.Part, id) })
	if !found {
		return part{}
	}
	return d.Parts[i]
}
