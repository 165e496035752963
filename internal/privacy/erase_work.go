package privacy

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/departure"
	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/exchange"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/store"
	"habilis/internal/text"
)

// The stages of an erasure, in their order. Who the person was goes last: what is left to do is found
// by it, whatever stopped the work.
const (
	stageDeparture = "departure" // what was hidden by their departure goes
	stageRowsGo    = "rows"      // what their IDs find
	stageWords     = "words"     // what names them, wherever anything may be written
	stageTrailGo   = "trail"     // what the trail says of them
)

// EraseOrder orders the work of an erasure.
type EraseOrder struct {
	Org ident.Org
	ID  ident.Erasure
}

// Kind names the job.
func (EraseOrder) Kind() string { return "privacy.erase" }

// DoErase does the work of an EraseOrder. It may run twice, or stop anywhere.
func (p People) DoErase(ctx context.Context, j job.Job) error {
	var o EraseOrder
	if err := j.Decode(&o); err != nil {
		return err
	}
	return p.carry(ctx, o.Org, o.ID)
}

// dueAtOnce bounds what Sweep reads at once.
const dueAtOnce = 100

// Sweep goes on with erasures and exports that stopped, and drops exports whose time is over: the
// timetable calls it, so that nothing of it depends on letters that leave.
func (p People) Sweep(ctx context.Context) error {
	failed := []error{p.sweepCopies(ctx)}
	var last Erasure
	for {
		var some []Erasure
		err := p.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			some, err = underWay(ctx, tx, last, dueAtOnce)
			return err
		})
		for _, e := range some {
			failed = append(failed, p.carry(ctx, e.Org, e.ID))
		}
		if err != nil || len(some) < dueAtOnce {
			return errors.Join(append(failed, err)...)
		}
		last = some[len(some)-1]
	}
}

// carry does all that can be done now of one erasure.
func (p People) carry(ctx context.Context, org ident.Org, id ident.Erasure) error {
	var signed *audit.Head // of its chain; nil: not asked for yet
	for {
		e, back, err := p.read(ctx, org, id)
		if err != nil || e.ID.IsZero() || e.Done() || e.Stopped() {
			return err
		}
		switch {
		case e.Stage == stageDeparture && !back:
			err = p.Departures.Finish(ctx, org, e.Member)
		case e.Stage == stageTrailGo && signed == nil:
			signed, err = p.head(ctx, org)
		}
		if err != nil {
			return err
		}
		waits, err := p.part(ctx, e, signed)
		if err == nil && p.between != nil {
			err = p.between(e.Stage)
		}
		if err != nil || waits {
			return err
		}
	}
}

// read reads an erasure, and whether its person came back. There may be none.
func (p People) read(ctx context.Context, org ident.Org, id ident.Erasure) (e Erasure, back bool, err error) {
	err = p.Run.DB.Read(ctx, func(tx *store.Tx) error {
		var found bool
		var err error
		if e, found, err = getErasure(ctx, tx, org, id); err != nil || !found || e.Stage != stageDeparture {
			return err
		}
		err = e.back(ctx, tx)
		if back = isBack(err); back {
			return nil
		}
		return err
	})
	return e, back, err
}

// head gives the signed head of the chain in which an erasure is told.
func (p People) head(ctx context.Context, org ident.Org) (*audit.Head, error) {
	if p.Signed == nil {
		return &audit.Head{}, nil
	}
	signed, err := p.Signed(ctx)
	if err != nil {
		return nil, err
	}
	h := signed[chainOf(org)]
	return &h, nil
}

// part does the next part of an erasure in one transaction, with its record. It waits where what the
// trail says would go before its head was signed and kept outside: nobody could tell it from an attack.
func (p People) part(ctx context.Context, seen Erasure, signed *audit.Head) (waits bool, err error) {
	act := action.Act{Verb: verbEraseStep, Object: seen.subject, Needs: []access.Need{access.Everybody()}}
	if !seen.Org.IsZero() {
		act.Orgs = []ident.Org{seen.Org}
	}
	_, err = action.Run(ctx, p.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		e, found, err := getErasure(ctx, tx.Tx, seen.Org, seen.ID)
		if err != nil {
			return struct{}{}, err
		}
		if !found || e.Done() || e.Stage != seen.Stage || e.place != seen.place {
			return struct{}{}, action.Nothing // another node did it meanwhile
		}
		if err := e.back(ctx, tx.Tx); err != nil {
			if isBack(err) {
				err = e.stop(ctx, tx)
			}
			return struct{}{}, err
		}
		w := looking{erasure: &e, org: e.Org, member: e.Member, account: e.Account, signed: signed}
		before := e.Count
		if err := w.advance(ctx, tx); err != nil {
			return struct{}{}, err
		}
		if waits = w.waits; waits && e.Count == before && e.place == seen.place {
			return struct{}{}, action.Nothing
		}
		if e.Count > before && !e.Org.IsZero() {
			tx.Touch(e.Org) // rows of any time changed
		}
		tx.Record(e.event(seen.Stage, e.Count-before))
		return struct{}{}, updateErasure(ctx, tx.Tx, e)
	})
	return waits, err
}

// event tells a part of the work, and names nobody.
func (e Erasure) event(stage string, n int64) audit.Event {
	v := audit.Event{Org: e.Org, Verb: verbEraseStep, Object: e.subject, Subject: e.Member.String()}
	v.After = map[string]any{"stage": stage, "count": n}
	if e.Done() {
		v.Verb, v.After = verbErased, map[string]any{"count": e.Count}
		if e.Org.IsZero() {
			v.Verb = verbErasedAlone
		}
	}
	return v
}

// looking is the search for somebody in one organisation, or in what has none.
type looking struct {
	erasure *Erasure
	org     ident.Org
	member  ident.Member
	account ident.Account

	ids      []string
	person   text.Person
	namesake bool
	// forgotten: no telephone or number of theirs is known.
	forgotten bool
	// sure finds them where an ID says that it is about them; careful where nothing does; contacts
	// where an address stands by itself.
	sure, careful, contacts text.Redactor

	signed *audit.Head // of the chain, at the stage of the trail
	waits  bool        // the trail: what comes next waits for a signed head
}

// prepare reads who is looked for.
func (w *looking) prepare(ctx context.Context, tx *store.Tx) error {
	if !w.account.IsZero() {
		same, err := merge.Covered(ctx, tx, w.account)
		if err != nil {
			return err
		}
		for _, id := range same {
			w.ids = append(w.ids, id.String())
		}
		if w.person, w.namesake, err = account.PersonOf(ctx, tx, same...); err != nil {
			return err
		}
	}
	if !w.member.IsZero() {
		w.ids = append(w.ids, w.member.String(), ident.DossierOf(w.member).String())
		sent, err := invitation.SentTo(ctx, tx, w.org, w.member)
		if err != nil {
			return err
		}
		w.ids = append(w.ids, sent...)
		same, err := departure.SamePerson(ctx, tx, w.org, w.member)
		if err != nil {
			return err
		}
		t, err := member.TracesOf(ctx, tx, w.org, w.member, same, w.person)
		if err != nil {
			return err
		}
		w.person, w.namesake, w.forgotten = t.Person, t.Namesake, t.Forgotten
	}
	only := w.person
	only.Names = nil
	w.contacts = text.NewRedactor(only)
	certain := w.person
	certain.Alone = true
	w.sure, w.careful = text.NewRedactor(certain), text.NewRedactor(w.person)
	if w.namesake {
		w.careful = w.contacts
	}
	return nil
}

// advance does the next part.
func (w *looking) advance(ctx context.Context, tx *action.Tx) error {
	if err := w.prepare(ctx, tx.Tx); err != nil {
		return err
	}
	e := w.erasure
	switch e.Stage {
	case stageDeparture:
		e.Stage, e.place = stageRowsGo, ""
	case stageRowsGo:
		n, err := w.rows(ctx, tx)
		if err != nil {
			return err
		}
		e.Count += n
		e.Stage, e.place = stageWords, ""
	case stageWords:
		return w.words(ctx, tx)
	case stageTrailGo:
		return w.trail(ctx, tx)
	}
	return nil
}

// rows erases what the IDs find.
func (w *looking) rows(ctx context.Context, tx *action.Tx) (n int64, err error) {
	if n, err = dropCopies(ctx, tx.Tx, w.org, w.member, w.account); err != nil {
		return n, err
	}
	if w.org.IsZero() {
		err = forgetRegistrations(ctx, tx, w.account)
	} else {
		for _, erase := range []func() (int64, error){
			func() (int64, error) { return dossier.ErasePapers(ctx, tx.Tx, w.org, w.member) },
			func() (int64, error) { return exchange.EraseLines(ctx, tx.Tx, w.org, w.member) },
		} {
			more, err := erase()
			if err != nil {
				return n, err
			}
			n += more
		}
		err = forgetElsewhere(ctx, tx, w.org, w.member)
	}
	for _, t := range within(!w.org.IsZero()) {
		if err != nil {
			return n, err
		}
		var more int64
		if t.Moving() {
			more, err = t.Erase(ctx, tx.Tx, w.org.String(), w.ids)
		}
		n += more
	}
	return n, err
}

// wordsPlace is where the search in words goes on: a table, and the key of its last row.
type wordsPlace struct {
	Table int      `json:"t"`
	Key   []string `json:"k,omitempty"`
}

// words looks through a part of the tables in which anything may be written.
func (w *looking) words(ctx context.Context, tx *action.Tx) error {
	e := w.erasure
	var at wordsPlace
	if e.place != "" {
		if err := json.Unmarshal([]byte(e.place), &at); err != nil {
			return err
		}
	}
	list := worded(!w.org.IsZero())
	for room := rowsAtOnce; room > 0 && at.Table < len(list); {
		t := list[at.Table]
		read := 0
		last, changed, err := t.Look(ctx, tx.Tx, w.org.String(), w.ids, readKey(at.Key), room, func(r store.Worded) ([]string, bool) {
			read++
			return w.redact(t, r)
		})
		if err != nil {
			return err
		}
		e.Count += int64(changed)
		room -= read
		at.Key = writeKey(last)
		if last == nil {
			at = wordsPlace{Table: at.Table + 1}
			room--
		}
	}
	if at.Table == len(list) {
		e.Stage, e.place = stageTrailGo, ""
		return nil
	}
	b, err := json.Marshal(at)
	e.place = string(b)
	return err
}

// addresses are columns that hold an address by itself: a name in it may be a namesake's.
var addresses = []string{"email", "email_key", "address"}

// redact takes the person out of the words of a row.
func (w *looking) redact(t store.Personal, r store.Worded) ([]string, bool) {
	about := r.About
	if t.Everywhere && !about {
		about = slices.ContainsFunc(r.Words, func(s string) bool { return w.tells(s) })
	}
	out, differ := slices.Clone(r.Words), false
	for i, s := range r.Words {
		find := w.careful
		switch {
		case about:
			find = w.sure
		case t.Everywhere || slices.Contains(addresses, t.Words[i]):
			find = w.contacts
		}
		if cut, found := find.Redact(s); found {
			out[i], differ = cut, true
		}
	}
	return out, differ
}

// tells reports whether a text holds an ID of the person.
func (w *looking) tells(s string) bool {
	return slices.ContainsFunc(w.ids, func(id string) bool { return strings.Contains(s, id) })
}

// trail removes what a part of the trail says of the person; at its end, who they were goes too.
func (w *looking) trail(ctx context.Context, tx *action.Tx) error {
	e := w.erasure
	after, _ := strconv.ParseInt(e.place, 10, 64) // empty: from the beginning
	if stands, err := w.signedHere(ctx, tx.Tx); err != nil || !stands {
		return firstOf(err, fmt.Errorf("%w (%s #%d)", ErrForeignHead, w.signed.Chain, w.signed.Seq))
	}
	some, err := audit.EraseSome(ctx, tx.Tx, chainOf(w.org), audit.Span{After: after, Signed: w.signed.Seq, Most: rowsAtOnce}, w.goes)
	if err != nil {
		return err
	}
	e.Count += int64(some.Removed)
	e.place, w.waits = strconv.FormatInt(some.Last, 10), some.Waits
	if some.More || some.Waits {
		return nil
	}
	return w.end(ctx, tx)
}

// signedHere reports whether the signed head is one of this trail; without one nothing of it goes.
func (w *looking) signedHere(ctx context.Context, tx *store.Tx) (bool, error) {
	if w.signed.Seq == 0 {
		return true, nil
	}
	return audit.Stands(ctx, tx, *w.signed)
}

// goes reports whether what an event says goes: the person acts in it, or is acted upon, or named.
// That they are erased, and by whom, stays.
func (w *looking) goes(v audit.Entry) bool {
	acts := slices.Contains(w.ids, v.Actor) || slices.Contains(w.ids, v.OnBehalfOf)
	if slices.Contains(kept, v.Verb) {
		return acts
	}
	return acts || slices.Contains(w.ids, v.Object) || slices.Contains(w.ids, v.Subject) || w.careful.Finds(v.Body) ||
		w.tells(v.Body) && w.sure.Finds(v.Body)
}

// kept are the acts of erasing: they name nobody who is erased.
var kept = []string{
	verbErase, verbEraseMine, verbEraseStep, verbEraseStop, verbErased, verbErasedAlone, verbEraseAsk, verbEraseBegin, verbEraseTakeBack,
}

// end erases who the person was.
func (w *looking) end(ctx context.Context, tx *action.Tx) error {
	if err := limit.Forget(ctx, tx.Tx, w.person.Emails); err != nil {
		return err
	}
	if _, err := directory.Forget(ctx, tx.Tx, w.sure.Finds); err != nil {
		return err
	}
	var err error
	if w.org.IsZero() {
		err = w.eraseAccounts(ctx, tx.Tx)
	} else {
		err = firstOf(member.Erase(ctx, tx.Tx, w.org, w.member), dropPrepared(ctx, tx.Tx, w.org))
	}
	w.erasure.Stage, w.erasure.place, w.erasure.DoneAt = "", "", tx.Now
	return err
}

// eraseAccounts erases who the person was in every account of theirs.
func (w *looking) eraseAccounts(ctx context.Context, tx *store.Tx) error {
	same, err := merge.Covered(ctx, tx, w.account)
	for _, id := range same {
		if err == nil {
			err = account.Erase(ctx, tx, id)
		}
	}
	return err
}

// writeKey and readKey keep the key of a row between two transactions.
func writeKey(key []any) (out []string) {
	for _, k := range key {
		switch k := k.(type) {
		case int64:
			out = append(out, "i"+strconv.FormatInt(k, 10))
		case []byte:
			out = append(out, "b"+base64.StdEncoding.EncodeToString(k))
		case string:
			out = append(out, "s"+k)
		}
	}
	return out
}

func readKey(key []string) (out []any) {
	for _, k := range key {
		switch rest := k[1:]; k[0] {
		case 'i':
			n, _ := strconv.ParseInt(rest, 10, 64) // written by writeKey
			out = append(out, n)
		case 'b':
			b, _ := base64.StdEncoding.DecodeString(rest)
			out = append(out, b)
		default:
			out = append(out, rest)
		}
	}
	return out
}
