package journal

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// events reads the events of a page, in its order.
func (f *finder) events(ctx context.Context, tx *store.Tx, spots []spot) ([]Event, error) {
	if len(spots) == 0 {
		return nil, nil
	}
	seqs := make([]int64, len(spots))
	for i, s := range spots {
		seqs[i] = s.seq
	}
	found, err := linesOf(ctx, tx, f.org, seqs)
	if err != nil {
		return nil, err
	}
	ordered := make([]line, 0, len(found))
	for _, s := range seqs {
		if i := slices.IndexFunc(found, func(l line) bool { return l.seq == s }); i >= 0 {
			ordered = append(ordered, found[i])
		}
	}
	return f.told(ctx, tx, ordered)
}

// told makes of lines what the reader may know of them.
func (f *finder) told(ctx context.Context, tx *store.Tx, list []line) ([]Event, error) {
	bodies := make([]body, len(list))
	var actors []string
	for i := range list {
		b, err := list[i].open()
		if err != nil {
			return nil, err
		}
		bodies[i] = b
		actors = append(actors, list[i].actor, list[i].onBehalfOf)
	}
	who, err := f.parties(ctx, tx, actors)
	if err != nil {
		return nil, err
	}
	names, err := f.labels(ctx, tx, list, bodies)
	if err != nil {
		return nil, err
	}
	out := make([]Event, len(list))
	for i := range list {
		out[i] = f.tell(list[i], bodies[i], who, names)
	}
	return out, nil
}

// body is the payload as package audit writes it.
type body struct {
	Actor struct {
		Name      string `json:"name"`
		Address   string `json:"address"`
		RequestID string `json:"request_id"`
		Support   bool   `json:"support"`
	} `json:"actor"`
	Names  map[string]string `json:"names"`
	Before map[string]any    `json:"before"`
	After  map[string]any    `json:"after"`
}

func (l line) open() (b body, err error) {
	if l.body != nil {
		err = json.Unmarshal([]byte(*l.body), &b)
	}
	return b, err
}

func (f *finder) tell(l line, b body, who parties, names map[string]string) Event {
	e := l.Event
	e.Erased, e.Names, e.Address, e.Request = l.body == nil, b.Names, b.Actor.Address, b.Actor.RequestID
	e.Before, e.After = f.scrubbed(b.Before), f.scrubbed(b.After)
	if f.isAmong(l) {
		f.ownLines(&e, names)
	}
	e.Actor = Party{Kind: l.actorKind, ID: l.actor, OnBehalfOf: l.onBehalfOf, Name: b.Actor.Name, Support: b.Actor.Support}
	if p, ok := who[l.actor]; ok {
		e.Actor.Member = p.member
	}
	switch {
	case e.Actor.Support || e.Actor.Kind == string(access.PlatformToken):
		e.Actor.ID, e.Actor.OnBehalfOf, e.Actor.Support = "", "", true
	case l.actor != "" && !who.of(l.actor):
		if f.isAmong(l) {
			f.ownLines(&e, names)
		}
		e.Actor = Party{Kind: l.actorKind, Outside: true}
	case !who.of(l.onBehalfOf):
		e.Actor.OnBehalfOf = ""
	}
	e.Labels = map[string]string{}
	for id := range idsOf(e) {
		if n, ok := names[id]; ok {
			e.Labels[id] = n
		}
	}
	for _, id := range []string{e.Actor.ID, e.Actor.OnBehalfOf} {
		if p, ok := who[id]; ok {
			e.Labels[id] = p.name
		}
	}
	return e
}

// parties are those of the organisation, by account or token.
type parties map[string]person

func (p parties) of(id string) bool {
	_, ok := p[id]
	return ok
}

// parties reads which accounts and tokens are of the organisation (AUD-04).
func (f *finder) parties(ctx context.Context, tx *store.Tx, ids []string) (parties, error) {
	out := parties{}
	var accounts []string
	tokens := false
	for _, id := range ids {
		switch {
		case strings.HasPrefix(id, "acc_") && !slices.Contains(accounts, id):
			accounts = append(accounts, id)
		case strings.HasPrefix(id, "tok_"):
			tokens = true
		}
	}
	found, err := peopleOf(ctx, tx, f.org, nil, accounts)
	if err != nil {
		return nil, err
	}
	for _, p := range found {
		out[p.account.String()] = p
	}
	if !tokens {
		return out, nil
	}
	ours, err := tokenLabels(ctx, tx, f.org)
	for _, t := range ours {
		out[t.id] = person{name: t.name}
	}
	return out, err
}

// labels names the IDs that stand in events.
func (f *finder) labels(ctx context.Context, tx *store.Tx, list []line, bodies []body) (map[string]string, error) {
	ids := map[string]bool{}
	for i := range list {
		e := list[i].Event
		e.Before, e.After = bodies[i].Before, bodies[i].After
		for id := range idsOf(e) {
			ids[id] = true
		}
	}
	byKind := map[string][]string{}
	for id := range ids {
		kind, _, _ := strings.Cut(id, "_")
		byKind[kind] = append(byKind[kind], id)
	}
	out := map[string]string{}
	people, err := peopleOf(ctx, tx, f.org, byKind["mbr"], byKind["acc"])
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		out[p.member.String()] = p.name
		if !p.account.IsZero() {
			out[p.account.String()] = p.name
		}
	}
	found, err := f.objects(ctx, tx, byKind)
	for _, l := range found {
		out[l.id] = l.name
	}
	return out, err
}

// objects names the sites, roles, tokens, invitations and resources, by the first letters of their
// IDs; not the sites that the reader may not know of.
func (f *finder) objects(ctx context.Context, tx *store.Tx, byKind map[string][]string) ([]label, error) {
	var all []label
	for kind, read := range map[string]func() ([]label, error){
		"ste": func() ([]label, error) { return siteLabels(ctx, tx, f.org) },
		"rol": func() ([]label, error) { return roleLabels(ctx, tx, f.org) },
		"tok": func() ([]label, error) { return tokenLabels(ctx, tx, f.org) },
		"agd": func() ([]label, error) { return resourceLabels(ctx, tx, f.org, byKind["agd"], f.sight) },
		"msg": func() ([]label, error) { return resourceLabels(ctx, tx, f.org, byKind["msg"], f.sight) },
		"idn": func() ([]label, error) { return resourceLabels(ctx, tx, f.org, byKind["idn"], f.sight) },
		"inv": func() ([]label, error) { return invitationLabels(ctx, tx, f.org, byKind["inv"]) },
	} {
		if len(byKind[kind]) == 0 {
			continue
		}
		found, err := read()
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return slices.DeleteFunc(all, func(l label) bool {
		return strings.HasPrefix(l.id, "ste_") && !f.sight.Of(ident.Site(l.id))
	}), nil
}

// idsOf gathers the IDs that stand in an event.
func idsOf(e Event) map[string]bool {
	ids := map[string]bool{}
	add := func(s string) {
		if kind, rest, ok := strings.Cut(s, "_"); ok && len(kind) == kindLength && len(rest) >= idLength {
			ids[s] = true
		}
	}
	add(e.Object)
	add(e.Subject.String())
	add(e.Site.String())
	for _, facts := range []map[string]any{e.Before, e.After} {
		walk(facts, add)
	}
	return ids
}

// What an ID looks like: "mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10".
const kindLength, idLength = 3, 36

// walk goes through every text of a value.
func walk(v any, each func(string)) {
	switch v := v.(type) {
	case string:
		each(v)
	case []any:
		for _, x := range v {
			walk(x, each)
		}
	case map[string]any:
		for _, x := range v {
			walk(x, each)
		}
	}
}

// scrubbed leaves out of facts the sites that the reader may not know of, with what
// is held there (AUZ-06).
func (f *finder) scrubbed(facts map[string]any) map[string]any {
	if f.sight.Whole || facts == nil {
		return facts
	}
	out := map[string]any{}
	for k, v := range facts {
		if v, keep := f.scrub(v); keep {
			out[k] = v
		}
	}
	return out
}

func (f *finder) scrub(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		at := strings.Index(v, "ste_")
		return v, at < 0 || f.sight.Of(ident.Site(v[at:]))
	case []any:
		var kept []any
		for _, x := range v {
			if x, keep := f.scrub(x); keep {
				kept = append(kept, x)
			}
		}
		return kept, len(kept) > 0 || len(v) == 0
	case map[string]any:
		for _, x := range v {
			if _, keep := f.scrub(x); !keep {
				return nil, false
			}
		}
	}
	return v, true
}

func fullName(given, family, email string) string {
	if n := strings.TrimSpace(given + " " + family); n != "" {
		return n
	}
	return email
}

// fieldsOf lists the facts of before and after, in order.
func fieldsOf(e Event) []string {
	all := map[string]any{}
	maps.Copy(all, e.Before)
	maps.Copy(all, e.After)
	return sorted(all)
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
