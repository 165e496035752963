package notify

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	invitations "habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// closedPause is after how long a letter is tried again that waits for an administration space
// to open.
const closedPause = 10 * time.Minute

// invitation writes to the invited person, unless the invitation was used, deleted
// or sent again since, has expired, or stands on nobody's authority any more. While the
// administration space is closed it waits, as its link does, until it expires (ORG-6).
func (h handlers) invitation(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[invitations.Letter](j)
	if err != nil {
		return Letter{}, err
	}
	i, ok, err := invitations.Read(ctx, tx, args.Org, args.Invitation)
	if err != nil {
		return Letter{}, err
	}
	if !ok || i.Version != args.Version || i.Expired(tx.Now) {
		return Letter{}, errMoot
	}
	closed, err := i.Closed(ctx, tx)
	if err == nil && closed {
		err = job.Later(closedPause)
	}
	if err != nil {
		return Letter{}, err
	}
	stands, err := i.Stands(ctx, tx)
	if err != nil {
		return Letter{}, err
	}
	if !stands {
		return Letter{}, errMoot
	}
	return h.writeInvitation(ctx, tx, i, j)
}

func (h handlers) writeInvitation(ctx context.Context, tx *store.Tx, i invitations.Invitation, j job.Job) (Letter, error) {
	o, err := plaque(ctx, tx, i.Org)
	if err != nil {
		return Letter{}, err
	}
	contact, err := inviter(ctx, tx, i)
	if err != nil {
		return Letter{}, err
	}
	to := Recipient{Email: mailbox(i.Email), Lang: i.Language}
	if i.InvitedBy == "" {
		i.InvitedBy = o.Name
	}
	roles := roleNames(i.Language, i.RoleLabels)
	if i.Welcome == invitations.ByTemporaryPassword {
		until := i.SentAt.Add(invitations.TemporaryLife)
		if !tx.Now.Before(until) {
			return Letter{}, errMoot
		}
		return WriteTemporaryPassword(to, TemporaryPasswordFacts{
			Org: o, By: i.InvitedBy, Sites: i.SiteNames, Roles: roles, Password: j.Secret, Link: h.link("login"), Expires: until, Contact: contact,
		})
	}
	return WriteInvitation(to, InvitationFacts{
		Org: o, By: i.InvitedBy, Sites: i.SiteNames, Roles: roles, Administer: administers(i),
		Link: h.link("activate", j.Secret.Reveal()), Expires: i.ExpiresAt, Contact: contact,
	})
}

// inviter is the person to ask; a token or the platform is nobody to write to.
func inviter(ctx context.Context, tx *store.Tx, i invitations.Invitation) (Contact, error) {
	by := i.Inviter
	if by.Platform || by.Actor.Kind != access.Person {
		return Contact{}, nil
	}
	a, ok, err := account.Get(ctx, tx, by.Actor.Account)
	if err != nil || !ok {
		return Contact{}, err
	}
	return Contact{Name: a.Name(), Email: mailbox(a.Email)}, nil
}

// administers says whether the invitation gives the administration, and of what.
func administers(i invitations.Invitation) Scope {
	widest := ScopeNone
	for n, l := range i.RoleLabels {
		switch {
		case l.BuiltIn != role.Administrator:
		case i.Roles[n].Scope.Site.IsZero():
			return ScopeOrganization
		default:
			widest = ScopeSite
		}
	}
	return widest
}

// roleNames are the roles in the reader's words, each once.
func roleNames(lang text.Lang, labels []invitations.Label) []string {
	var names []string
	for _, l := range labels {
		name := l.Name
		if l.BuiltIn != "" {
			name = text.For(lang).T("role." + l.BuiltIn)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
