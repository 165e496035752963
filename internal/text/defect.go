package text

import (
	"log/slog"
	"slices"
	"sync"
)

// Defect is a text that could not be made: our mistake, seen by a person as ⟦key⟧.
type Defect struct {
	Lang   Lang
	Key    string
	Reason string // in English, for us
}

// maxDefects bounds what is remembered, should keys ever be made from input.
const maxDefects = 1000

// defects remembers what was reported, so that each is told once.
var defects struct {
	sync.Mutex
	seen map[Defect]bool
	list []Defect
	hook func(Defect)
}

// OnDefect has every new defect told to hook instead of the log, until restore
// is called. It also forgets the earlier ones, so that a test sees its own.
func OnDefect(hook func(Defect)) (restore func()) {
	defects.Lock()
	defer defects.Unlock()
	before := defects.hook
	defects.hook, defects.seen, defects.list = hook, nil, nil
	return func() {
		defects.Lock()
		defer defects.Unlock()
		defects.hook = before
	}
}

// Defects lists the defects met since the start or the last OnDefect, in order, each once.
func Defects() []Defect {
	defects.Lock()
	defer defects.Unlock()
	return slices.Clone(defects.list)
}

// defective reports a text that could not be made and answers what is shown instead.
func (p *Printer) defective(key string, cause error) string {
	d := Defect{Lang: p.lang, Key: key, Reason: cause.Error()}
	if hook, first := remember(d); first {
		hook(d)
	}
	return "⟦" + key + "⟧"
}

// remember answers whether this defect is new, and who is to be told.
func remember(d Defect) (hook func(Defect), first bool) {
	defects.Lock()
	defer defects.Unlock()
	if defects.seen[d] || len(defects.list) >= maxDefects {
		return nil, false
	}
	if defects.seen == nil {
		defects.seen = map[Defect]bool{}
	}
	defects.seen[d] = true
	defects.list = append(defects.list, d)
	if defects.hook != nil {
		return defects.hook, true
	}
	return logDefect, true
}

func logDefect(d Defect) {
	slog.Error("a text could not be made", "lang", string(d.Lang), "key", d.Key, "reason", d.Reason)
}
