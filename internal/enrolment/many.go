package enrolment

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Judged is what Create would say of one of several people (MEM-14).
type Judged struct {
	Err    error    // what Create would refuse; nil: nothing
	Doubts []string // text keys of what is only plausible
	// Letter: something is sent, an invitation or the news that they joined; which one is not
	// told (ENU-02). Withheld: it would be, but the limits of a day are reached.
	Letter, Withheld bool
}

// Several are creations of one organisation, judged together.
type Several struct {
	Judged []Judged // in their order

	org    ident.Org
	limits invitation.Limits
	all    []*creation
	fresh  []member.Checked
}

// JudgeMany judges several creations as Create would each, with the rights that by has now;
// nothing is written. Their addresses differ, and so do their RPPS numbers: whoever calls it
// has seen to it. Who gets no letter today is created without, and told so. Temporary
// passwords and levels are no part of it. Errors: access.ErrForbidden, the store's.
func (e Enrolments) JudgeMany(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, list []Create) (*Several, error) {
	h, err := access.HeldBy(ctx, tx, by, org)
	if err != nil {
		return nil, err
	}
	s := &Several{Judged: make([]Judged, len(list)), org: org, limits: e.Limits, all: make([]*creation, len(list))}
	plans, known := map[string]*creation{}, map[string]known{}
	if err := s.knownOf(ctx, tx, h, list, known); err != nil {
		return nil, err
	}
	for i := range list {
		if s.all[i], err = s.examine(ctx, tx, by, h, list[i], plans, known); err != nil {
			return nil, err
		}
	}
	if err := s.profiles(ctx, tx, by); err != nil {
		return nil, err
	}
	err = s.letters(ctx, tx)
	return s, err
}

// examine reads one creation. What depends on its sites and roles alone was read for the
// first that has them.
func (s *Several) examine(ctx context.Context, tx *store.Tx, by access.Actor, h access.Held, in Create,
	plans map[string]*creation, all map[string]known,
) (*creation, error) {
	key, err := json.Marshal([]any{in.Sites, in.Roles})
	if err != nil {
		return nil, err
	}
	p, ok := plans[string(key)]
	if !ok {
		p = &creation{in: Create{Org: in.Org, Sites: in.Sites, Roles: in.Roles}, plan: plan{
			org: in.Org, held: h, by: invitation.InviterOf(by, in.Org, false),
		}}
		if err := p.rights(ctx, tx, by); err != nil {
			return nil, err
		}
		plans[string(key)] = p
	}
	c := &creation{in: in, plan: p.plan}
	c.function, c.language = in.Function, in.Language
	c.findings.take(p.findings, func(at string) string { return at })
	if c.greet() {
		c.taken(all)
	}
	return c, nil
}

// knownOf reads what is known of the addresses of several people. Almost all of them are
// nobody's here: only of the others each is looked up by itself.
func (s *Several) knownOf(ctx context.Context, tx *store.Tx, h access.Held, list []Create, out map[string]known) error {
	entries := make([]entry, 0, len(list))
	for i := range list {
		if email, code := account.ParseEmail(list[i].Email); code == "" {
			entries = append(entries, entry{email: email})
		}
	}
	for part := range slices.Chunk(entries, invitation.Chunk) {
		accounts, busy, err := s.strangers(ctx, tx, part)
		if err != nil {
			return err
		}
		for key, a := range accounts {
			out[key] = known{account: a, hasAccount: true}
		}
		more, err := lookUp(ctx, tx, h, busy)
		if err != nil {
			return err
		}
		maps.Copy(out, more)
	}
	return nil
}

// strangers gives the accounts of some addresses, by key, and the addresses that the
// organisation knows: of a member, with or without an account, or invited.
func (s *Several) strangers(ctx context.Context, tx *store.Tx, part []entry) (map[string]account.Account, []entry, error) {
	keys := make([]string, len(part))
	for i, x := range part {
		keys[i] = x.email.Key
	}
	accounts, err := account.ByEmails(ctx, tx, keys)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]ident.Account, 0, len(accounts))
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	members, err := member.OfAccounts(ctx, tx, s.org, ids)
	if err != nil {
		return nil, nil, err
	}
	pending, err := invitation.PendingKeys(ctx, tx, s.org, keys)
	if err != nil {
		return nil, nil, err
	}
	waiting, err := accountlessAny(ctx, tx, s.org, part)
	var busy []entry
	for _, x := range part {
		key := x.email.Key
		_, isMember := members[accounts[key].ID]
		if isMember || waiting[key] || !pending[key].IsZero() {
			busy = append(busy, x)
		}
	}
	return accounts, busy, err
}

// profiles judges who they are, by the rules of package member.
func (s *Several) profiles(ctx context.Context, tx *store.Tx, by access.Actor) error {
	fresh := make([]member.New, len(s.all))
	closed := make([]bool, len(s.all))
	for i, c := range s.all {
		closed[i] = c.describe()
		fresh[i] = c.fresh
	}
	var err error
	if s.fresh, err = member.CheckMany(ctx, tx, s.org, fresh); err != nil {
		return err
	}
	for i, c := range s.all {
		if err := c.weigh(ctx, tx, by, s.fresh[i].Doubts, s.fresh[i].Err, closed[i]); err != nil {
			return err
		}
		s.Judged[i] = Judged{Err: c.verdict(StepComplete), Doubts: c.doubts}
	}
	return nil
}

// letters decides who is written to today, in their order.
func (s *Several) letters(ctx context.Context, tx *store.Tx) error {
	var keys []string
	var places []int
	for i, c := range s.all {
		if s.Judged[i].Err == nil && c.sends() {
			keys, places = append(keys, c.email.Key), append(places, i)
		}
	}
	room, err := s.limits.Room(ctx, tx, s.org, keys)
	for n, ok := range room {
		s.Judged[places[n]].Letter, s.Judged[places[n]].Withheld = ok, !ok
	}
	return err
}

// CreateMany makes the people of several creations, none of which was refused, in the
// transaction in which they were judged: each is recorded as Create records it.
func (s *Several) CreateMany(ctx context.Context, tx *action.Tx) ([]Created, error) {
	out := make([]Created, len(s.all))
	var keys []string
	for i, c := range s.all {
		if s.Judged[i].Letter {
			keys = append(keys, c.email.Key)
		} else {
			c.in.Welcome, c.welcome = WelcomeNone, ""
		}
		if c.sends() && c.known.joins() {
			s.fresh[i].Joins(c.known.account.ID, c.known.account.Email.Address, newcomer{account: c.known.account}.status())
		}
	}
	if err := s.limits.TakeMany(ctx, tx.Tx, s.org, keys); err != nil {
		return nil, err
	}
	if err := member.InsertMany(ctx, tx.Tx, s.fresh); err != nil {
		return nil, err
	}
	letters := s.welcomes(tx, out)
	for _, l := range letters {
		if err := l.invite(ctx, tx); err != nil {
			return nil, err
		}
		for n, place := range l.places {
			out[place].Fate, out[place].Invitation = l.fates[n].Fate, l.fates[n].Invitation
		}
	}
	return out, nil
}

// welcomes records everybody, tells those who joined, and gathers those to invite: together
// when they get the same.
func (s *Several) welcomes(tx *action.Tx, out []Created) []*batched {
	var all []*batched
	open := map[string]*batched{}
	for i, c := range s.all {
		m := s.fresh[i].Member
		tx.Record(c.event(m, nil))
		out[i] = Created{Member: m.ID, Name: m.Name(), Warnings: c.doubts}
		if !c.sends() {
			continue
		}
		if c.known.joins() {
			out[i].Fate = Joined
			l := sending{plan: c.plan, priority: job.Bulk}
			l.tell(tx, m)
			continue
		}
		key := c.alike()
		b := open[key]
		if b == nil || len(b.to) == invitation.Chunk {
			b = &batched{sending: sending{plan: c.plan, priority: job.Bulk}}
			open[key] = b
			all = append(all, b)
		}
		b.add(i, invitation.To{Email: c.email, Member: m.ID})
	}
	return all
}

// batched are the invitations of those who get the same, with the places of their people.
type batched struct {
	sending

	places []int
}

func (b *batched) add(place int, to invitation.To) {
	b.sending.places = append(b.sending.places, len(b.to))
	b.to, b.fates, b.places = append(b.to, to), append(b.fates, Line{}), append(b.places, place)
}

// alike tells apart what invitations give.
func (c *creation) alike() string {
	b, err := json.Marshal([]any{c.sites, c.roles, c.function, c.language})
	if err != nil { // texts and IDs always can be written
		panic(err)
	}
	return string(b)
}
