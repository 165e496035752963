package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"

	"habilis/internal/store"
	"habilis/internal/text"
)

// What an event is searched by: the names and addresses that it mentions, each kept
// once a chain. It stands outside the hashes, and erasure removes it.

// maxFolded bounds a name as it is searched.
const maxFolded = 200

// worded are the facts of Before and After that people search for as words.
var worded = []string{"given_name", "family_name", "birth_name", "email", "name", "locum_name"}

// name is one line of audit_name.
type name struct {
	actor, folded string
}

// numbered is a name with its number.
type numbered struct {
	name

	number int64
}

// no numbers the name by what it is, so that writing it needs no reading. Two names of
// a chain share a number once in 2^63: one is then found by the other, no more.
func (n name) no(chain int64) int64 {
	h := sha256.Sum256([]byte(strconv.FormatInt(chain, 10) + "\x00" + n.actor + "\x00" + n.folded))
	return int64(binary.BigEndian.Uint64(h[:8]) >> 1)
}

// mention says that an event mentions a name.
type mention struct {
	seq, name int64
}

// mentions gathers those of some events of one chain.
type mentions struct {
	chain int64
	known map[name]int64 // by number
	names []numbered
	list  []mention
}

// add gathers what an event mentions. An actor's name is kept as theirs: whoever is
// no member of the organisation is not found by it (AUD-04). Support always is (AUD-2).
func (m *mentions) add(seq int64, who Who, e Event) {
	actor := who.ID
	if who.Support || (who.Kind != "person" && who.Kind != "token") {
		actor = ""
	}
	m.one(seq, actor, who.Name)
	for _, v := range e.Names {
		m.one(seq, "", v)
	}
	for _, facts := range []map[string]any{e.Before, e.After} {
		for _, key := range worded {
			if v, ok := facts[key].(string); ok {
				m.one(seq, "", v)
			}
		}
	}
}

func (m *mentions) one(seq int64, actor, s string) {
	folded := text.Fold(s)
	if folded == "" {
		return
	}
	if cut := []rune(folded); len(cut) > maxFolded {
		folded = string(cut[:maxFolded])
	}
	n := name{actor: actor, folded: " " + folded}
	number, known := m.known[n]
	if !known {
		if m.known == nil {
			m.known = map[name]int64{}
		}
		number = n.no(m.chain)
		m.known[n] = number
		m.names = append(m.names, numbered{n, number})
	}
	if x := (mention{seq: seq, name: number}); !slices.Contains(m.list[max(0, len(m.list)-maxMentions):], x) {
		m.list = append(m.list, x)
	}
}

// maxMentions is more than one event ever has: what was said before is looked for
// among the last so many.
const maxMentions = 64

// MentionsPerTurn is how many events CatchUp reads in one transaction.
const MentionsPerTurn = 500

// CatchUp writes what the events of before migration 003 are searched by. It may be
// stopped at any moment and goes on where it was; the
// timetable calls it.
func CatchUp(ctx context.Context, db *store.DB) error {
	for {
		chain, left, err := nextBacklog(ctx, db)
		if err != nil || !left {
			return err
		}
		if err := db.Write(ctx, []store.Lock{lockOf(chain)}, func(tx *store.Tx) error { return catchUp(ctx, tx, chain) }); err != nil {
			return err
		}
	}
}

// lockOf is the lock under which a chain grows.
func lockOf(chain string) store.Lock {
	if chain == Installation {
		return store.Installation
	}
	return store.Lock(chain)
}

func nextBacklog(ctx context.Context, db *store.DB) (chain string, left bool, err error) {
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		chain, left, err = firstBacklog(ctx, tx)
		return err
	})
	return chain, left, err
}

func catchUp(ctx context.Context, tx *store.Tx, chain string) error {
	next, last, found, err := readBacklog(ctx, tx, chain)
	if err != nil || !found {
		return err
	}
	head, err := readHead(ctx, tx, chain)
	if err != nil {
		return err
	}
	until := min(next+MentionsPerTurn-1, last)
	m := mentions{chain: head.no}
	if err := eachPayload(ctx, tx, chain, next, until, func(seq int64, who Who, body string) error {
		var p payload
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return err
		}
		who.Name, who.Support = p.Actor.Name, p.Actor.Support
		m.add(seq, who, Event{Names: p.Names, Before: p.Before, After: p.After})
		return nil
	}); err != nil {
		return err
	}
	if err := m.write(ctx, tx); err != nil {
		return err
	}
	return setBacklog(ctx, tx, chain, until+1, last)
}
