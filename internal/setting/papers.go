package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/nomenclature"
	"habilis/internal/paper"
	"habilis/internal/store"
)

// Papers says what an organisation asks of whoever comes in by themself, and how long it
// keeps what they gave once they are verified, or left (VER-1, FIL-07).
type Papers struct {
	KeepDays  int64
	Checklist paper.Checklist
	Rev       int64 // 0: never changed, the defaults hold
}

// Bounds and default of KeepDays, in days after the file is verified.
const (
	DefaultKeepDays = 90
	MinKeepDays     = 1
	MaxKeepDays     = 730
)

const papersName = "papers"

// papersRow is the setting as it is kept.
type papersRow struct {
	KeepDays  int64           `json:"keep_days"`
	Checklist paper.Checklist `json:"checklist"`
}

// ReadPapers reads the setting in the caller's transaction: the defaults, when the
// organisation never set any.
func ReadPapers(ctx context.Context, tx *store.Tx, org ident.Org) (Papers, error) {
	value, rev, err := current(ctx, tx, org, papersName)
	if err != nil || rev == 0 {
		return Papers{KeepDays: DefaultKeepDays, Checklist: paper.DefaultChecklist()}, err
	}
	var row papersRow
	if err := json.Unmarshal([]byte(value), &row); err != nil {
		return Papers{}, fmt.Errorf("setting: papers of %s: %w", org, err)
	}
	return Papers{KeepDays: row.KeepDays, Checklist: row.Checklist, Rev: rev}, nil
}

// Papers reads what org asks: for its members, since it says what all are asked.
func (s Settings) Papers(ctx context.Context, by access.Actor, org ident.Org) (Papers, error) {
	act := action.Act{
		Verb: verbRead, Orgs: []ident.Org{org}, Object: org.String(), Needs: []access.Need{access.MemberOf(org)},
	}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) (Papers, error) { return ReadPapers(ctx, tx, org) })
}

// SetPapers changes it; rev is the version that was read. What was decided before keeps its
// day. It needs settings.edit in the organisation, and a fresh proof of the person. Errors:
// ErrStale, fields to correct.
func (s Settings) SetPapers(ctx context.Context, by access.Actor, org ident.Org, rev int64, v Papers) (Papers, error) {
	act := editAct("settings.edit", access.SettingsEdit, org)
	return action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (Papers, error) {
		old, err := ReadPapers(ctx, tx.Tx, org)
		if err != nil {
			return Papers{}, err
		}
		if old.Rev != rev {
			return Papers{}, ErrStale
		}
		if err := v.check(); err != nil {
			return Papers{}, err
		}
		e := audit.Event{Org: org, Verb: act.Verb, Object: org.String()}
		if e.Before, e.After = old.changed(v); len(e.After) == 0 {
			return old, action.Nothing
		}
		tx.Record(e)
		value, err := json.Marshal(papersRow{v.KeepDays, v.Checklist})
		if err != nil {
			return Papers{}, err
		}
		v.Rev = old.Rev + 1
		return v, replace(ctx, tx.Tx, org, papersName, v.Rev, string(value))
	})
}

// check: a number of days within its bounds, and kinds and professions that exist, each once.
func (v Papers) check() error {
	var f fault.Fields
	if v.KeepDays < MinKeepDays || v.KeepDays > MaxKeepDays {
		f.Add("keep_days", "setting.keep_days", "Min", MinKeepDays, "Max", MaxKeepDays)
	}
	for line, kinds := range v.Checklist {
		_, known := nomenclature.Profession(line)
		if !known && line != paper.Regulated && line != paper.Others {
			f.Add("checklist", "setting.checklist_line", "Line", line)
		}
		for i, k := range kinds {
			if !paper.Known(k) || slices.Contains(kinds[:i], k) {
				f.Add("checklist", "setting.checklist_kind", "Kind", string(k))
			}
		}
	}
	return f.Err()
}

// changed tells the days, and the lines of the checklist that another value changes.
func (v Papers) changed(next Papers) (before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	if v.KeepDays != next.KeepDays {
		before["papers_keep_days"], after["papers_keep_days"] = v.KeepDays, next.KeepDays
	}
	all := maps.Clone(v.Checklist)
	maps.Copy(all, next.Checklist)
	var was, is []any
	for _, line := range slices.Sorted(maps.Keys(all)) {
		old, had := v.Checklist[line]
		now, has := next.Checklist[line]
		if had == has && slices.Equal(old, now) {
			continue
		}
		was, is = append(was, lineFact(line, old)), append(is, lineFact(line, now))
	}
	if len(is) > 0 {
		before["papers_asked"], after["papers_asked"] = was, is
	}
	return before, after
}

// lineFact is a line of a checklist as the trail shows it, the profession by its label.
func lineFact(line string, kinds []paper.Kind) map[string]any {
	if c, ok := nomenclature.Profession(line); ok {
		line = c.Label
	}
	return map[string]any{"papers_of": line, "papers": kinds}
}
