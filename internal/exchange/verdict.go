package exchange

import (
	"encoding/json"
	"fmt"
	"math"

	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/role"
)

// Fate is what would happen to a line.
type Fate string

// The fates. Whether somebody would be created with an account of their own or with the one
// that their address has is not told before it is done (ENU-02).
const (
	Create  Fate = "create"
	Update  Fate = "update"
	Nothing Fate = "nothing"
	Wrong   Fate = "error"
)

// Fates are all of them, in the order of the screens.
var Fates = []Fate{Wrong, Create, Update, Nothing}

// Result is what happened to a line.
type Result string

// The results.
const (
	Invited   Result = "invited"
	Joined    Result = "joined"
	Created   Result = "created" // without a letter
	Updated   Result = "updated"
	Unchanged Result = "nothing"
)

// Codes of what is worth reading of a line that is right.
const (
	noteRPPSUnknown   = "exchange.note_rpps_unknown"
	noteRPPSUnchecked = "exchange.note_rpps_unchecked"
	noteActivities    = "exchange.note_activities"
	noteWithheld      = "exchange.note_withheld"
	noteNoAddress     = "exchange.note_no_address"
	notePlaces        = "exchange.note_places"
	noteSkipped       = "exchange.note_skipped"
	noteSameName      = "exchange.note_same_name"
	noteDeactivated   = "exchange.note_deactivated"
)

// Changed is a field of a member before and after, as values of the API.
type Changed struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Twin is a member who may be the person of a line.
type Twin struct {
	Member   ident.Member `json:"member"`
	Name     string       `json:"name"`
	Function string       `json:"function"`
	Email    string       `json:"email,omitempty"`
	Why      string       `json:"why"` // "name", "phone" or "mssante"
}

// Verdict is what would happen to a line, and why. What was shown is what is done: a commit
// compares it with what it would be then.
type Verdict struct {
	Fate    Fate         `json:"fate"`
	Member  ident.Member `json:"member,omitempty"` // who is updated, or stays as they are
	Name    string       `json:"name,omitempty"`   // of that member
	Points  []Point      `json:"points,omitempty"` // what must be corrected
	Notes   []Point      `json:"notes,omitempty"`  // what is worth reading
	Changes []Changed    `json:"changes,omitempty"`
	Letter  bool         `json:"letter,omitempty"` // an invitation is sent, or the news that they joined
	Sites   []ident.Site `json:"sites,omitempty"`
	Roles   []role.Given `json:"roles,omitempty"`

	Aside
}

// Aside is what the check found beside the members, and a commit takes as it was.
type Aside struct {
	Twins []Twin            `json:"twins,omitempty"`
	RPPS  *directory.Import `json:"rpps,omitempty"` // what the directory publishes of the number
	Found []Point           `json:"found,omitempty"`
}

// same reports whether two verdicts say one thing.
func (v *Verdict) same(other *Verdict) (bool, error) {
	a, b := *v, *other
	a.Aside, b.Aside = Aside{}, Aside{}
	x, err := a.written()
	if err != nil {
		return false, err
	}
	y, err := b.written()
	return x == y, err
}

// written is a verdict as it is kept.
func (v *Verdict) written() (string, error) {
	b, err := json.Marshal(v) //nolint:musttag // only what it embeds has none: its fields have
	if err != nil {
		return "", fmt.Errorf("exchange: a verdict: %w", err)
	}
	return string(b), nil
}

// openVerdict reads what written wrote.
func openVerdict(body string) (Verdict, error) {
	var v Verdict
	if body == "" {
		return v, nil
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil { //nolint:musttag // as written writes it
		return v, fmt.Errorf("exchange: a verdict: %w", err)
	}
	for _, list := range [][]Point{v.Points, v.Notes, v.Found} {
		for i := range list {
			whole(list[i].Args)
		}
	}
	return v, nil
}

// whole makes integers again of the numbers of a document, which sentences write as such.
func whole(args map[string]any) {
	for name, v := range args {
		if f, ok := v.(float64); ok && f == math.Trunc(f) {
			args[name] = int64(f)
		}
	}
}

// All are the notes of a line: of what would be done, and of what the check found.
func (v *Verdict) All() []Point { return append(append([]Point{}, v.Notes...), v.Found...) }

// refuse makes an error of a line.
func (v *Verdict) refuse(points []Point) {
	v.Fate, v.Points, v.Notes, v.Changes, v.Letter = Wrong, points, nil, nil, false
}

// fields says what a refusal says of a line.
func fields(err error, p *person) []Point {
	return pointsOf(fault.Of(err), len(p.Roles), p.orgRoles)
}
