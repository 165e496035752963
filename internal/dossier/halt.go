package dossier

import (
	"context"
	"encoding/json"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/store"
)

// Facts of the installation that the watch keeps.
const (
	factDay       = "directory_watch_day"       // the last night's date
	factHalt      = "directory_watch_halt"      // a Halt, while the watch is halted
	factConfirmed = "directory_watch_confirmed" // the next round may raise however many
)

// paris is the calendar of the night.
var paris = func() *time.Location {
	l, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return time.UTC
	}
	return l
}()

// Halt says that, and why, the watch raises nothing.
type Halt struct {
	At      time.Time `json:"at"`
	Changed int       `json:"changed"`
	Checked int       `json:"checked"`
}

// ErrNotHalted is the refusal to confirm what nobody asks about.
var ErrNotHalted = fault.New(fault.Conflict, "dossier.not_halted")

// State is the halt of the watch; nil when it goes on.
func State(ctx context.Context, db *store.DB) (halt *Halt, err error) {
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		halt, err = halted(ctx, tx)
		return err
	})
	return halt, err
}

func halted(ctx context.Context, tx *store.Tx) (*Halt, error) {
	value, found, err := store.Fact(ctx, tx, factHalt)
	if err != nil || !found {
		return nil, err
	}
	h := new(Halt)
	return h, json.Unmarshal([]byte(value), h)
}

// Confirm lets the next round raise however many alerts: somebody looked, and the
// directory is right. It is the platform's. Errors: ErrNotHalted.
func (w Watch) Confirm(ctx context.Context, by access.Actor) error {
	return w.carryOut(ctx, by, "watch.confirm", func(tx *action.Tx) (map[string]any, error) {
		halt, err := halted(ctx, tx.Tx)
		if err != nil {
			return nil, err
		}
		if halt == nil {
			return nil, ErrNotHalted
		}
		return halt.facts(), store.SetFact(ctx, tx.Tx, factConfirmed, "yes")
	})
}

func (h Halt) facts() map[string]any {
	return map[string]any{"changed": h.Changed, "checked": h.Checked}
}

// halt notes that nothing is raised; the first night only is news.
func (w Watch) halt(ctx context.Context, r Report) error {
	return w.carryOut(ctx, access.Operator("job"), "watch.halt", func(tx *action.Tx) (map[string]any, error) {
		before, err := halted(ctx, tx.Tx)
		if err != nil {
			return nil, err
		}
		if before != nil {
			return nil, action.Nothing
		}
		h := Halt{At: tx.Now, Changed: r.Changed, Checked: r.Checked}
		value, err := json.Marshal(h)
		if err != nil {
			return nil, err
		}
		return h.facts(), store.SetFact(ctx, tx.Tx, factHalt, string(value))
	})
}

// resume ends a halt: the directory is itself again, or somebody confirmed it.
func (w Watch) resume(ctx context.Context, r Report) error {
	return w.carryOut(ctx, access.Operator("job"), "watch.resume", func(tx *action.Tx) (map[string]any, error) {
		before, err := halted(ctx, tx.Tx)
		if err != nil {
			return nil, err
		}
		if before == nil {
			return nil, action.Nothing
		}
		if err := store.DropFact(ctx, tx.Tx, factHalt); err != nil {
			return nil, err
		}
		return map[string]any{"changed": r.Changed, "checked": r.Checked}, store.DropFact(ctx, tx.Tx, factConfirmed)
	})
}

// carryOut is an act on the installation that records its facts.
func (w Watch) carryOut(ctx context.Context, by access.Actor, verb string, fn func(*action.Tx) (map[string]any, error)) error {
	act := action.Act{Verb: verb, Needs: []access.Need{access.OfPlatform(access.PlatformAdminister)}}
	_, err := action.Run(ctx, w.Run, by, act, func(tx *action.Tx) (bool, error) {
		facts, err := fn(tx)
		if err != nil {
			return false, err
		}
		tx.Record(audit.Event{Verb: verb, After: facts})
		return true, nil
	})
	return err
}

func (w Watch) isConfirmed(ctx context.Context) (yes bool, err error) {
	err = w.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		_, yes, err = store.Fact(ctx, tx, factConfirmed)
		return err
	})
	return yes, err
}

// claim takes the round of one night for this node.
func (w Watch) claim(ctx context.Context, day string) (mine bool, err error) {
	err = w.Run.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		last, _, err := store.Fact(ctx, tx, factDay)
		if mine = last != day; err != nil || !mine {
			return err
		}
		return store.SetFact(ctx, tx, factDay, day)
	})
	return mine, err
}
