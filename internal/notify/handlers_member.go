package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	invitations "habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/preference"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// addressee is a member who is written to, with their account and the plaque of
// the organisation.
type addressee struct {
	member  member.Member
	account account.Account
	org     Org
}

// addressed reads whom a letter about a membership is for, in the language in which they
// read what is of that organisation (ADR 0013). One who has left, or whose account is
// gone, gets none.
func addressed(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (addressee, error) {
	m, err := member.Find(ctx, tx, in, id)
	if fault.Is(err, fault.NotFound) || err == nil && m.Account.IsZero() {
		return addressee{}, errMoot
	}
	if err != nil {
		return addressee{}, err
	}
	to := addressee{member: m}
	if to.account, err = person(ctx, tx, m.Account); err != nil {
		return addressee{}, err
	}
	if to.account.Language, err = preference.LanguageOf(ctx, tx, in, m.Account, to.account.Language); err != nil {
		return addressee{}, err
	}
	to.org, err = plaque(ctx, tx, in)
	return to, err
}

func (a addressee) inForce() bool {
	return a.member.InForce()
}

// by names whoever acted; the organisation, when the trail has no name.
func (a addressee) by(name string) string {
	if name == "" {
		return a.org.Name
	}
	return name
}

// joined tells a person with an account that they joined (MEM-10), unless they left
// or were shut out before the letter went.
func (h handlers) joined() composer {
	return letter(
		func(l enrolment.JoinedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
		func(ctx context.Context, tx *store.Tx, _ job.Job, l enrolment.JoinedLetter, to addressee) (Letter, error) {
			if !to.inForce() {
				return Letter{}, errMoot
			}
			o, err := org.Get(ctx, tx, l.Org)
			if err != nil {
				return Letter{}, err
			}
			sites, err := siteNames(ctx, tx, l.Org, l.Sites)
			if err != nil {
				return Letter{}, err
			}
			labels, err := roleLabels(ctx, tx, l.Org, l.Roles)
			if err != nil {
				return Letter{}, err
			}
			return WriteJoined(recipient(to.account), JoinedFacts{
				Org: to.org, By: to.by(l.InvitedBy), Sites: sites, Roles: roleNames(to.account.Language, labels),
				Link: h.link("o", o.Slug, "home"),
			})
		})
}

// siteNames names the sites that are still open.
func siteNames(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Site) ([]string, error) {
	all, err := org.ActiveSites(ctx, tx, in)
	var names []string
	for i := range all {
		if slices.Contains(ids, all[i].ID) {
			names = append(names, all[i].Name)
		}
	}
	return names, err
}

func roleLabels(ctx context.Context, tx *store.Tx, in ident.Org, given []role.Given) ([]invitations.Label, error) {
	all, err := role.All(ctx, tx, in)
	var labels []invitations.Label
	for _, r := range all {
		if slices.ContainsFunc(given, func(g role.Given) bool { return g.Role == r.ID }) {
			labels = append(labels, invitations.Label{BuiltIn: r.BuiltIn, Name: r.Name})
		}
	}
	return labels, err
}

// letter makes the composer of a letter about a membership.
func letter[T any](of func(T) (ident.Org, ident.Member),
	write func(context.Context, *store.Tx, job.Job, T, addressee) (Letter, error),
) composer {
	return func(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
		args, err := decode[T](j)
		if err != nil {
			return Letter{}, err
		}
		in, id := of(args)
		to, err := addressed(ctx, tx, in, id)
		if err != nil {
			return Letter{}, err
		}
		return write(ctx, tx, j, args, to)
	}
}

// appointed tells what the administration of a scope opens (ORG-5).
var appointed = letter(
	func(l member.AppointedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, j job.Job, l member.AppointedLetter, to addressee) (Letter, error) {
		facts, err := administration(ctx, tx, l.Org, to, l.Scope, l.By, j.Created)
		if err != nil {
			return Letter{}, err
		}
		return WriteAdministratorNamed(recipient(to.account), facts)
	})

// withdrawn tells that the administration of a scope was taken back (ORG-5).
var withdrawn = letter(
	func(l member.WithdrawnLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, j job.Job, l member.WithdrawnLetter, to addressee) (Letter, error) {
		facts, err := administration(ctx, tx, l.Org, to, l.Scope, l.By, j.Created)
		if err != nil {
			return Letter{}, err
		}
		return WriteAdministratorRevoked(recipient(to.account), facts)
	})

// deactivated tells that access to an organisation is closed (CHG-4), unless it was
// opened again before.
var deactivated = letter(
	func(l member.DeactivatedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(_ context.Context, _ *store.Tx, j job.Job, l member.DeactivatedLetter, to addressee) (Letter, error) {
		if to.inForce() {
			return Letter{}, errMoot
		}
		return WriteDeactivated(recipient(to.account), AccessFacts{Org: to.org, By: to.by(l.By), At: j.Created})
	})

// reactivated tells that access is open again (CHG-4), unless it was closed since.
var reactivated = letter(
	func(l member.ReactivatedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(_ context.Context, _ *store.Tx, j job.Job, l member.ReactivatedLetter, to addressee) (Letter, error) {
		if !to.inForce() {
			return Letter{}, errMoot
		}
		return WriteReactivated(recipient(to.account), AccessFacts{Org: to.org, By: to.by(l.By), At: j.Created})
	})

func administration(ctx context.Context, tx *store.Tx, in ident.Org, to addressee, scope, by string, at time.Time,
) (AdministrationFacts, error) {
	facts := AdministrationFacts{Org: to.org, By: to.by(by), At: at}
	s, ok := access.ParseScope(in, scope)
	if !ok {
		return facts, job.Permanent(errors.New("notify: no such scope"))
	}
	if s.Site.IsZero() {
		return facts, nil
	}
	site, err := org.GetSite(ctx, tx, in, s.Site)
	if fault.Is(err, fault.NotFound) {
		err = errMoot // closed since
	}
	facts.Site = site.Name
	return facts, err
}

// toOthers tells the other administrators of a scope what somebody gave themself
// (RGT-1): one letter each. Tried again after a cut, the letters that had left bear the
// same Message-ID.
func (h handlers) toOthers(compose func(context.Context, *store.Tx, job.Job) (map[string]Letter, error)) job.Handler {
	return func(ctx context.Context, j job.Job) error {
		var letters map[string]Letter
		err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			letters, err = compose(ctx, tx, j)
			return err
		})
		return h.sendAll(ctx, j, letters, err)
	}
}

func (h handlers) sendAll(ctx context.Context, j job.Job, letters map[string]Letter, err error) error {
	switch {
	case errors.Is(err, errMoot):
		return nil
	case errors.Is(err, ErrUnsafe):
		return job.Permanent(err)
	case err != nil:
		return err
	}
	var again, refused error
	for _, who := range slices.Sorted(maps.Keys(letters)) {
		m, err := letters[who].Message(messageID(j, who), j.Created)
		if err != nil {
			return job.Permanent(err)
		}
		switch err := h.Mailer.Send(ctx, m); {
		case Permanent(err):
			refused = errors.Join(refused, err)
		case err != nil:
			again = errors.Join(again, err)
		}
	}
	if again == nil && refused != nil {
		return job.Permanent(refused)
	}
	return again
}

// messageID tells the letters of one job apart, and is the same at each attempt.
func messageID(j job.Job, who string) string {
	sum := sha256.Sum256([]byte(who))
	return j.ID.String() + "-" + hex.EncodeToString(sum[:8])
}

// selfGranted writes to every other administrator of the scope, by their account.
func selfGranted(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[member.SelfGrantLetter](j)
	if err != nil {
		return nil, err
	}
	return others(ctx, tx, j, args, func(to addressee, facts AdministrationFacts) (Letter, error) {
		return WriteSelfGranted(recipient(to.account), facts)
	})
}

// selfRights does the same for other rights than the administration.
func selfRights(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[member.SelfRightsLetter](j)
	if err != nil {
		return nil, err
	}
	given := make([]role.Given, 0, len(args.Roles))
	for _, id := range args.Roles {
		given = append(given, role.Given{Role: id})
	}
	labels, err := roleLabels(ctx, tx, args.Org, given)
	if err != nil {
		return nil, err
	}
	about := member.SelfGrantLetter{Org: args.Org, Member: args.Member, Scope: args.Scope}
	return others(ctx, tx, j, about, func(to addressee, facts AdministrationFacts) (Letter, error) {
		names := roleNames(to.account.Language, labels)
		for _, p := range args.Permissions {
			names = append(names, text.For(to.account.Language).T("permission."+string(p)))
		}
		for _, g := range args.Groups {
			names = append(names, text.For(to.account.Language).T("groups.letter_name", "Name", g))
		}
		if len(names) == 0 {
			return Letter{}, errMoot // a role that is gone since
		}
		return WriteSelfRights(recipient(to.account), facts, names)
	})
}

// others writes to every other administrator of the scope in force, by their account.
func others(ctx context.Context, tx *store.Tx, j job.Job, args member.SelfGrantLetter,
	write func(addressee, AdministrationFacts) (Letter, error),
) (map[string]Letter, error) {
	at, ok := access.ParseScope(args.Org, args.Scope)
	if !ok {
		return nil, job.Permanent(errors.New("notify: no such scope"))
	}
	giver, err := addressed(ctx, tx, args.Org, args.Member)
	if err != nil {
		return nil, err
	}
	facts, err := administration(ctx, tx, args.Org, giver, args.Scope, giver.member.Name(), j.Created)
	if err != nil {
		return nil, err
	}
	all, err := member.Administrators(ctx, tx, at)
	if err != nil {
		return nil, err
	}
	letters := make(map[string]Letter, len(all))
	for i := range all {
		if all[i].ID == args.Member {
			continue
		}
		to, err := addressed(ctx, tx, args.Org, all[i].ID)
		if errors.Is(err, errMoot) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if letters[to.account.ID.String()], err = write(to, facts); err != nil {
			return nil, err
		}
	}
	return letters, nil
}
