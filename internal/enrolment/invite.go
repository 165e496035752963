package enrolment

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Invite invites the addresses in chunks, each line whole: an act of its own for
// each invitation.Chunk addresses, checked anew. An address with an account joins at
// once and is told (MEM-10). When a later chunk is refused, the report holds the
// lines done so far. Errors: those of check, for nobody yet; the store's.
func (e Enrolments) Invite(ctx context.Context, by access.Actor, in Invite) (Report, error) {
	r := read(in.Emails)
	secrets, err := e.temporaries(ctx, by, in, r.entries)
	if err != nil {
		return Report{}, err
	}
	chunks := slices.Collect(slices.Chunk(r.entries, invitation.Chunk))
	if len(chunks) == 0 {
		chunks = append(chunks, nil) // nothing to do, but not for whoever may not do it
	}
	throttled := false
	for n, chunk := range chunks {
		act := action.Act{
			Verb: "invitation.send", Orgs: []ident.Org{in.Org}, Resolve: inviting(by, in.Org), Part: " " + strconv.Itoa(n),
		}
		fates, err := action.Run(ctx, e.Run, by, act, func(tx *action.Tx) ([]Line, error) {
			return e.sendChunk(ctx, tx, in, chunk, secrets, len(r.entries))
		})
		if err != nil {
			return r.close(), err
		}
		r.put(chunk, fates)
		throttled = throttled || slices.ContainsFunc(fates, func(l Line) bool { return l.Fate == Throttled })
	}
	if throttled {
		err = e.Run.RecordRefusal(ctx, by, action.Act{Verb: "invitation.send", Orgs: []ident.Org{in.Org}}, limit.ErrExceeded.Code)
	}
	return r.close(), err
}

// inviting needs members.invite somewhere, before anything else: a repeated request
// too, whose answer is read and not made again. What may be given, and where, is
// checked with the command.
func inviting(by access.Actor, org ident.Org) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		if !held.HasAnywhere(access.MembersInvite) {
			return []access.Need{access.At(access.MembersInvite, access.OrgScope(org))}, nil
		}
		return []access.Need{access.MemberOf(org)}, nil
	}
}

// temporaries draws and hashes a temporary password for each address, where they
// were asked for and by whoever may ask: there is no time for it inside a write.
func (e Enrolments) temporaries(ctx context.Context, by access.Actor, in Invite, entries []entry) (map[string]invitation.To, error) {
	drawn := make(map[string]invitation.To)
	if in.Welcome != invitation.ByTemporaryPassword {
		return drawn, nil
	}
	act := action.Act{Verb: "invitation.send", Orgs: []ident.Org{in.Org}, Needs: []access.Need{access.MemberOf(in.Org)}}
	if _, err := action.View(ctx, e.Run, by, act, func(tx *store.Tx) (plan, error) { return checkProven(ctx, tx, by, in) }); err != nil {
		return nil, err
	}
	for _, x := range entries {
		to := invitation.To{Temporary: credential.NewTemporaryPassword()}
		var err error
		if to.Hash, err = e.Hasher.Hash(ctx, to.Temporary); err != nil {
			return nil, err
		}
		drawn[x.email.Key] = to
	}
	return drawn, nil
}

// sendChunk settles some addresses in one transaction and gives their fates.
func (e Enrolments) sendChunk(ctx context.Context, tx *action.Tx, in Invite, chunk []entry, secrets map[string]invitation.To, total int,
) ([]Line, error) {
	p, err := checkProven(ctx, tx.Tx, tx.By, in)
	if err != nil {
		return nil, err
	}
	s := sending{plan: p, priority: job.Normal, fates: make([]Line, len(chunk))}
	if total >= bulkFrom {
		s.priority = job.Bulk
	}
	known, err := lookUp(ctx, tx.Tx, p.held, chunk)
	if err != nil {
		return nil, err
	}
	for n, x := range chunk {
		if err := e.settle(ctx, tx, &s, n, x, known[x.email.Key], secrets[x.email.Key]); err != nil {
			return nil, err
		}
	}
	if err := s.invite(ctx, tx); err != nil {
		return nil, err
	}
	if !s.changed {
		return s.fates, action.Nothing
	}
	return s.fates, nil
}

// sending is a chunk while its fates are found.
type sending struct {
	plan
	priority job.Priority
	fates    []Line
	to       []invitation.To // to be invited together at the end
	places   []int           // and their lines
	changed  bool
}

// settle finds the fate of one address. What sends a letter is counted before, and
// the same whether there is an account or not (INV-10, ENU-02).
func (e Enrolments) settle(ctx context.Context, tx *action.Tx, s *sending, n int, x entry, k known, to invitation.To) error {
	if fate, settled := k.settled(s.held); settled {
		s.fates[n] = fate
		return nil
	}
	switch err := e.Limits.Take(ctx, tx.Tx, s.org, x.email.Key); {
	case errors.Is(err, limit.ErrExceeded):
		s.fates[n].Fate = Throttled
		return nil
	case err != nil:
		return err
	}
	to.Email, to.Member = x.email, k.waiting
	return s.place(ctx, tx, n, k, to)
}

// place lets an active account join at once, and keeps the others to be invited
// together.
func (s *sending) place(ctx context.Context, tx *action.Tx, n int, k known, to invitation.To) error {
	s.changed = true
	if k.joins() {
		m, err := s.join(ctx, tx, k)
		s.fates[n] = Line{Fate: Joined, Member: m}
		return err
	}
	s.to, s.places = append(s.to, to), append(s.places, n)
	return nil
}

// invite writes the invitations of the chunk, their records and their letters.
func (s *sending) invite(ctx context.Context, tx *action.Tx) error {
	if len(s.to) == 0 {
		return nil
	}
	b := invitation.Batch{
		Org: s.org, By: s.by, ByName: tx.By.Name, Language: s.language, Function: s.function, Welcome: s.welcome,
		Roles: s.roles, Sites: s.sites, Levels: s.levels.Lasting(tx.Now), To: s.to,
	}
	sent, err := invitation.Insert(ctx, tx.Tx, b)
	if err != nil {
		return err
	}
	for i, x := range sent {
		s.fates[s.places[i]] = Line{Fate: Invited, Invitation: x.ID}
		to := s.to[i]
		tx.Record(s.record("invitation.create", x.ID.String(), to.Member.String(), map[string]string{"email": to.Email.Address}))
		tx.After(job.Order{
			Args: invitation.Letter{Org: s.org, Invitation: x.ID, Version: x.Version}, Priority: s.priority, Secret: x.Secret,
		})
	}
	return nil
}

// known is what is known of an address in one organisation.
type known struct {
	account    account.Account
	hasAccount bool
	member     member.Member
	isMember   bool
	waiting    ident.Member     // of the organisation, with this address and no account yet
	invitation ident.Invitation // pending, expired or not
}

// lookUp reads what is known of each address of a chunk, by its key, for whoever holds
// what viewer says.
func lookUp(ctx context.Context, tx *store.Tx, viewer access.Held, chunk []entry) (map[string]known, error) {
	org := viewer.Org
	keys := make([]string, len(chunk))
	for n, x := range chunk {
		keys[n] = x.email.Key
	}
	pending, err := invitation.PendingKeys(ctx, tx, org, keys)
	if err != nil {
		return nil, err
	}
	waiting, err := accountless(ctx, tx, org, member.Created, chunk)
	if err != nil {
		return nil, err
	}
	proposed, err := accountless(ctx, tx, org, member.PendingApproval, chunk)
	if err != nil {
		return nil, err
	}
	all := make(map[string]known, len(keys))
	for _, key := range keys {
		k := known{invitation: pending[key], waiting: waiting[key]}
		if k.account, k.hasAccount, err = account.ByEmail(ctx, tx, key); err != nil {
			return nil, err
		}
		if k.hasAccount {
			if k.member, k.isMember, err = member.ByAccount(ctx, tx, org, k.account.ID); err != nil {
				return nil, err
			}
		}
		if id := proposed[key]; !k.isMember && !id.IsZero() { // only a decision lets them in (APP-1)
			k.isMember, k.member.ID = true, id
		}
		if all[key], err = k.within(ctx, tx, viewer); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// within makes of a waiting member whose administration exceeds the viewer's a member
// like any other: whoever may not touch them does not let them in either (AUZ-05).
func (k known) within(ctx context.Context, tx *store.Tx, viewer access.Held) (known, error) {
	if k.waiting.IsZero() {
		return k, nil
	}
	given, err := access.GivenTo(ctx, tx, viewer.Org, k.waiting)
	if err == nil && !viewer.Covers(given) {
		k.isMember, k.member.ID, k.waiting = true, k.waiting, ""
	}
	return k, err
}

// settled gives the fate of an address to which nothing is sent: a member, in
// whatever state, or somebody already invited. Which one is told only to whoever
// may see the whole organisation (AUZ-06).
func (k known) settled(viewer access.Held) (Line, bool) {
	whole := access.OrgScope(viewer.Org)
	switch {
	case k.isMember:
		l := Line{Fate: AlreadyMember}
		if viewer.Has(access.MembersRead, whole) {
			l.Member = k.member.ID
		}
		return l, true
	case !k.invitation.IsZero():
		l := Line{Fate: AlreadyInvited}
		if viewer.Has(access.MembersInvite, whole) {
			l.Invitation = k.invitation
		}
		return l, true
	}
	return Line{}, false
}

// joins reports whether the address joins at once. A blocked account does not, and
// is treated as an address without account: the administrator learns nothing, and
// no membership begins that nobody could use.
func (k known) joins() bool { return k.hasAccount && k.account.Status == account.Active }
