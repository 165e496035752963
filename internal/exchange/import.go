package exchange

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/directory"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Imports are the spreadsheets by which members come in (MEM-14).
type Imports struct {
	Run        *action.Runner
	Enrolments enrolment.Enrolments
	// Index is asked about RPPS numbers: the local one, never a network.
	Index directory.Source
}

// Bounds of imports.
const (
	Kept       = setting.MaxImportDays * 24 * time.Hour // after which what was sent is forgotten; an organisation may ask for less
	PerHour    = 20                                     // files that one person or token sends
	MaxName    = 200                                    // characters of a file's name
	recentMost = 20
)

// sent counts the files of one person or token.
var sent = limit.Counter{Name: "import", Window: time.Hour, Max: PerHour}

// State is where an import stands.
type State string

// The states.
const (
	Checking State = "checking"
	Ready    State = "ready"
	Done     State = "done"
	Failed   State = "failed"
)

// Import is a file that was sent.
type Import struct {
	Org       ident.Org
	ID        ident.Import
	State     State
	Format    Format
	FileName  string
	Columns   []Column
	Ignored   []string // columns of the file that are not understood, as they were written
	Latin     bool     // it was read as Windows-1252
	Invites   bool     // who is created is written to
	Language  text.Lang
	Total     int64  // lines of people
	Progress  int64  // of the check, in hundredths
	Code      string // why the check could not be done
	MadeBy    string // name
	DoneBy    string
	CreatedAt time.Time
	CheckedAt *time.Time
	DoneAt    *time.Time

	Counts    map[Fate]int64 // lines by what would happen
	Results   map[Result]int64
	Undecided int64 // lines of which a person must say who it is
	Letters   int64 // that would go
	Withheld  int64 // that would not, by the limits of a day

	round             int64
	madeBy, checkedBy string
	saw               string // where the last check looked for members; empty: it was not made yet
	veiled            bool   // whoever reads it may not know what its check found
}

// letter is what would become of the letter of a line.
type letter string

const (
	letterNone     letter = ""
	letterGoes     letter = "goes"
	letterWithheld letter = "withheld"
)

// Faults of imports.
var (
	ErrNotFound  = fault.New(fault.NotFound, "exchange.not_found")
	ErrChecking  = fault.New(fault.Conflict, "exchange.checking")
	ErrDone      = fault.New(fault.Conflict, "exchange.done")
	ErrFailed    = fault.New(fault.Conflict, "exchange.failed")
	ErrChecked   = fault.New(fault.Conflict, "exchange.checked_by_other") // AUZ-06
	ErrErrors    = fault.New(fault.Conflict, "exchange.has_errors")
	ErrUndecided = fault.New(fault.Conflict, "exchange.undecided")
	ErrIdle      = fault.New(fault.Conflict, "exchange.nothing_to_do")
	ErrChanged   = fault.New(fault.Conflict, "exchange.changed")
	ErrChoice    = fault.New(fault.Invalid, "exchange.choice_unknown")
)

// Verbs of the trail.
const (
	verbCreate = "import.create"
	verbCheck  = "import.check"
	verbCommit = "import.commit"
)

// File is what is sent.
type File struct {
	Name    string
	Data    []byte
	Invites bool
	// Language of the letters; French by default.
	Language text.Lang
}

// CheckOrder is the job that judges the lines of an import.
type CheckOrder struct {
	Org    ident.Org    `json:"org"`
	Import ident.Import `json:"import"`
	Round  int64        `json:"round"`
}

// Kind names the job.
func (CheckOrder) Kind() string { return "import.check" }

// running needs imports.run somewhere; what a line may do is judged with the line.
func running(by access.Actor, in ident.Org) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		h, err := access.HeldBy(ctx, tx, by, in)
		if err != nil {
			return nil, err
		}
		if !h.HasAnywhere(access.ImportsRun) {
			return []access.Need{access.At(access.ImportsRun, access.OrgScope(in))}, nil
		}
		return []access.Need{access.MemberOf(in)}, nil
	}
}

// Begin reads a file, keeps what it says of people and orders its check. Errors: the faults of
// a file, access.ErrForbidden, limit.ErrExceeded.
func (i Imports) Begin(ctx context.Context, by access.Actor, in ident.Org, f File) (Import, error) {
	act := action.Act{Verb: verbCreate, Orgs: []ident.Org{in}, Resolve: running(by, in)}
	if _, err := action.View(ctx, i.Run, by, act, func(*store.Tx) (struct{}, error) { return struct{}{}, nil }); err != nil {
		return Import{}, err
	}
	if err := sent.Take(ctx, i.Run.DB, by.ID()); err != nil {
		return Import{}, err
	}
	made, lines, err := f.read()
	if err != nil {
		return Import{}, err
	}
	return action.Run(ctx, i.Run, by, act, func(tx *action.Tx) (Import, error) {
		m := made
		m.Org, m.ID, m.CreatedAt, m.MadeBy = in, ident.NewImport(), tx.Now, tx.By.Name
		m.madeBy = invitation.InviterOf(by, in, false).String()
		m.checkedBy = m.madeBy
		if err := insertImport(ctx, tx.Tx, m); err != nil {
			return m, err
		}
		if err := writeLines(ctx, tx.Tx, m, lines); err != nil {
			return m, err
		}
		tx.Record(m.event(verbCreate, map[string]any{"format": m.Format, "lines": m.Total, "invites": m.Invites}))
		tx.After(m.order())
		return m, nil
	})
}

// read judges a file by what it holds.
func (f File) read() (Import, []kept, error) {
	m := Import{State: Checking, Invites: f.Invites, Language: f.Language, round: 1, FileName: fileName(f.Name)}
	if !slices.Contains(text.All, m.Language) {
		m.Language = text.All[0]
	}
	s, err := readSheet(f.Data)
	if err != nil {
		return m, nil, err
	}
	h, list, err := linesOf(s)
	if err != nil {
		return m, nil, err
	}
	m.Format, m.Latin, m.Columns, m.Ignored, m.Total = s.format, s.latin, h.columns, h.ignored, int64(len(list))
	lines := make([]kept, len(list))
	for n, l := range list {
		cells, err := json.Marshal(l)
		if err != nil {
			return m, nil, err
		}
		lines[n] = kept{no: l.No, cells: string(cells)}
	}
	return m, lines, nil
}

// fileName is the name of a file as it is shown, and never used.
func fileName(typed string) string {
	name, problem := text.Line(filepath.Base(strings.ReplaceAll(typed, `\`, "/")), MaxName)
	if problem != text.Fine || name == "." || name == "/" {
		return ""
	}
	return name
}

func (m *Import) event(verb string, after map[string]any) audit.Event {
	return audit.Event{Org: m.Org, Verb: verb, Object: m.ID.String(), Names: map[string]string{"file": m.FileName}, After: after}
}

// order is the job that checks an import, in its present round.
func (m *Import) order() job.Order {
	return job.Order{Args: CheckOrder{Org: m.Org, Import: m.ID, Round: m.round}, Priority: job.Urgent}
}

// find reads an import as by may see it: their own, or any with imports.run for the whole
// organisation; what was found under the rights of others is veiled. Errors: ErrNotFound.
func find(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, id ident.Import) (Import, error) {
	m, ok, err := get(ctx, tx, in, id)
	if err != nil {
		return m, err
	}
	h, err := access.HeldBy(ctx, tx, by, in)
	if err != nil {
		return m, err
	}
	reader := invitation.InviterOf(by, in, false).String()
	if !ok || (m.madeBy != reader && !h.Has(access.ImportsRun, access.OrgScope(in))) {
		return Import{}, ErrNotFound
	}
	m.veil(reader, h)
	return m, nil
}

// veil hides from a reader what was found under the rights of somebody else, or under their own of
// another day, who may see more of the organisation than they do (AUZ-06): they make the check
// again, under those they hold. Whoever imports and sees everywhere may see it.
func (m *Import) veil(reader string, h access.Held) {
	whole := access.OrgScope(m.Org)
	if (m.checkedBy == reader && m.stillSeen(h)) || (h.Has(access.ImportsRun, whole) && h.Has(access.MembersRead, whole)) {
		return
	}
	m.veiled = true
	if m.State == Ready {
		m.State, m.Code = Failed, ErrChecked.Code
	}
}

// sawAll is where a check looked that was made by whoever sees every member.
const sawAll = "*"

// whereSeen says where whoever holds h sees members.
func whereSeen(h access.Held) string {
	sites, whole := h.Sites(access.MembersRead)
	if whole {
		return sawAll
	}
	at := []string{"at"}
	for _, s := range sites {
		at = append(at, s.String())
	}
	return strings.Join(at, " ")
}

// stillSeen reports whether whoever holds h sees members wherever the check looked.
func (m *Import) stillSeen(h access.Held) bool {
	sites, whole := h.Sites(access.MembersRead)
	switch {
	case whole:
		return m.saw != ""
	case m.saw == "" || m.saw == sawAll:
		return false
	}
	return !slices.ContainsFunc(strings.Fields(m.saw)[1:], func(s string) bool { return !slices.Contains(sites, ident.Site(s)) })
}

// Filter is which lines are shown.
type Filter struct {
	Fate      Fate // empty: any
	Undecided bool // those alone of which a person must say who it is
	After     int  // the line before the first
	Most      int
}

// MaxLines bounds the lines of one page.
const MaxLines = 100

// Page is an import with some of its lines.
type Page struct {
	Import

	Lines []Line
	Next  int // the last line of this page, to continue after; 0: there is no more
}

// Line is a line with what would happen to it, and what did.
type Line struct {
	Verdict

	No        int
	Cells     map[Column]string
	Choice    string // "new", "skip" or the ID of a member
	Undecided bool
	Result    Result       // once it is done
	Made      ident.Member // who was created or updated
}

// Get reads an import with some of its lines. Errors: ErrNotFound.
func (i Imports) Get(ctx context.Context, by access.Actor, in ident.Org, id ident.Import, f Filter) (Page, error) {
	act := action.Act{Verb: "import.read", Orgs: []ident.Org{in}, Object: id.String(), Resolve: running(by, in)}
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) (Page, error) {
		m, err := find(ctx, tx, by, in, id)
		if err != nil {
			return Page{}, err
		}
		p := Page{Import: m}
		if m.veiled {
			f.Fate, f.Undecided = "", false
		} else if err := tally(ctx, tx, &p.Import); err != nil {
			return p, err
		}
		if f.Most = min(f.Most, MaxLines); f.Most == 0 {
			return p, nil
		}
		list, err := linesAfter(ctx, tx, m, f, f.After, f.Most+1)
		if err != nil {
			return p, err
		}
		if len(list) > f.Most {
			list = list[:f.Most]
			p.Next = list[f.Most-1].no
		}
		p.Lines, err = m.opened(list)
		return p, err
	})
}

// opened gives lines as they are shown: what was sent, and what was found of it.
func (m *Import) opened(list []kept) ([]Line, error) {
	out := make([]Line, len(list))
	for n, k := range list {
		var l line
		if err := json.Unmarshal([]byte(k.cells), &l); err != nil {
			return nil, err
		}
		if m.veiled {
			out[n] = Line{No: k.no, Cells: l.Cells}
			continue
		}
		v, err := openVerdict(k.verdict)
		if err != nil {
			return nil, err
		}
		out[n] = Line{Verdict: v, No: k.no, Cells: l.Cells, Choice: k.choice, Undecided: k.undecided, Result: k.result, Made: k.member}
	}
	return out, nil
}

// List gives the last imports that by may see, without their lines.
func (i Imports) List(ctx context.Context, by access.Actor, in ident.Org) ([]Import, error) {
	act := action.Act{Verb: "import.list", Orgs: []ident.Org{in}, Resolve: running(by, in)}
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) ([]Import, error) {
		h, err := access.HeldBy(ctx, tx, by, in)
		if err != nil {
			return nil, err
		}
		reader := invitation.InviterOf(by, in, false).String()
		maker := reader
		if h.Has(access.ImportsRun, access.OrgScope(in)) {
			maker = ""
		}
		list, err := recent(ctx, tx, in, maker, recentMost)
		for n := range list {
			list[n].veil(reader, h)
		}
		return list, err
	})
}

// Sweep forgets what was sent long ago; the timetable calls it.
func Sweep(ctx context.Context, db *store.DB) error {
	const atOnce = 5
	for {
		var list []old
		err := db.Write(ctx, []store.Lock{"import sweep"}, func(tx *store.Tx) (err error) {
			if list, err = before(ctx, tx, tx.Now.Add(-Kept), atOnce); err != nil {
				return err
			}
			for _, o := range list {
				if err := forget(ctx, tx, o); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(list) < atOnce {
			return err
		}
	}
}

// SweepIn forgets the oldest imports of an organisation that were sent before a time, n at most, and
// says how many.
func SweepIn(ctx context.Context, tx *store.Tx, org ident.Org, sent time.Time, n int) (int64, error) {
	list, err := beforeIn(ctx, tx, org, sent, n)
	if err != nil {
		return 0, err
	}
	for _, o := range list {
		if err := forget(ctx, tx, o); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}
