package enrolment

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/token"
)

const (
	verbAccept   = "invitation.accept"
	verbActivate = "account.activate"
)

// Finish spends the link: it makes the account with its password, and the
// membership (MEM-13). Errors: invitation.ErrGone, ErrHasAccount, ErrOtherAddress,
// member.ErrAlreadyMember, fields to correct, which spend nothing.
func (e Enrolments) Finish(ctx context.Context, by access.Actor, presented string, f Finish) (Finished, error) {
	l, err := e.follow(ctx, by, verbAccept, presented, access.Everybody())
	if err != nil {
		return Finished{}, err
	}
	seen, err := action.View(ctx, e.Run, by, l.act(verbAccept, access.Everybody()), func(tx *store.Tx) (offered, error) {
		return l.offers(ctx, tx, by)
	})
	if err != nil {
		return Finished{}, err
	}
	if f, err = f.clean(seen); err != nil {
		return Finished{}, err
	}
	if err := e.another(ctx, seen, f.Password); err != nil {
		return Finished{}, err
	}
	hash, err := e.Hasher.Hash(ctx, f.Password)
	if err != nil {
		return Finished{}, err
	}
	act := l.act(verbAccept, access.Everybody())
	act.Accounts = true
	return action.Run(ctx, e.Run, by, act, func(tx *action.Tx) (Finished, error) {
		o, err := l.offers(ctx, tx.Tx, by)
		if err != nil {
			return Finished{}, err
		}
		return l.finish(ctx, tx, o, f, hash)
	})
}

// another refuses the temporary password as the person's own: others have seen the
// letter, and it is dead after the change (MEM-12, PWD-04).
func (e Enrolments) another(ctx context.Context, i offered, chosen secret.Text) error {
	if i.temporary == "" {
		return nil
	}
	same, err := e.Hasher.Verify(ctx, i.temporary, chosen)
	if err == nil && same {
		err = fault.OnField("new_password", "enrolment.password_temporary")
	}
	return err
}

// offered is what a link opens for somebody who has no account yet.
type offered struct {
	opened
	org       org.Org
	temporary string // the hash of the temporary password that led here, if one did
}

// offers reads it. Errors: invitation.ErrGone, ErrClosed, ErrOtherAddress, ErrHasAccount.
func (l link) offers(ctx context.Context, tx *store.Tx, by access.Actor) (offered, error) {
	i, err := l.opens(ctx, tx)
	if err != nil {
		return offered{}, err
	}
	if err := notForAnother(ctx, tx, by, i); err != nil {
		return offered{}, err
	}
	has, err := account.Owned(ctx, tx, i.Email.Key)
	if err != nil {
		return offered{}, err
	}
	if has {
		return offered{}, ErrHasAccount
	}
	temporary, err := invitation.TemporaryHash(ctx, tx, i.Org, i.ID)
	if err != nil {
		return offered{}, err
	}
	o, err := org.Get(ctx, tx, i.Org)
	return offered{i, o, temporary}, err
}

// clean reads what the person typed. Function is theirs to choose only where the
// invitation left it open (INV-03).
func (f Finish) clean(i offered) (Finish, error) {
	var wrong fault.Fields
	f.Names = f.Names.Clean(&wrong)
	switch {
	case i.Function != "" && f.Function != "" && f.Function != i.Function:
		wrong.Add("function", "enrolment.function_given")
	case i.Function != "":
		f.Function = i.Function
	case f.Function == "":
		wrong.Add("function", string(text.Empty))
	case !slices.Contains(member.Functions, f.Function):
		wrong.Add("function", "enrolment.function_unknown")
	}
	if f.Language == "" {
		f.Language = i.Language
	}
	if !slices.Contains(text.All, f.Language) {
		wrong.Add("language", "enrolment.language_unknown")
	}
	known := []string{f.Names.GivenName, f.Names.FamilyName, i.Email.Address, i.org.Name}
	problem := credential.CheckPassword(f.Password, credential.MinPasswordAlone, known)
	wrong.Check("new_password", problem.Code, problem.Args...)
	return f, wrong.Err()
}

// finish writes the account, its password and the membership, and spends the link.
func (l link) finish(ctx context.Context, tx *action.Tx, i offered, f Finish, hash string) (Finished, error) {
	a, err := i.account(ctx, tx, f)
	if errors.Is(err, account.ErrTaken) {
		return Finished{}, ErrHasAccount
	}
	if err != nil {
		return Finished{}, err
	}
	if err := credential.SetPassword(ctx, tx.Tx, a.ID, hash); err != nil {
		return Finished{}, err
	}
	return l.enter(ctx, tx, i, a, f.Function)
}

// account makes the person's account, or opens the one that waits for the verification of a
// registration elsewhere, and the memberships that wait go on waiting (VER-1). Errors:
// account.ErrTaken, member.ErrAlreadyMember.
func (i offered) account(ctx context.Context, tx *action.Tx, f Finish) (account.Account, error) {
	a, waits, err := account.ByEmail(ctx, tx.Tx, i.Email.Key)
	if err != nil {
		return a, err
	}
	if !waits {
		a, err = account.Insert(ctx, tx.Tx, account.New{Email: i.Email, Names: f.Names, Language: f.Language})
		tx.Record(audit.Event{
			Verb: "account.create", Object: a.ID.String(), Names: map[string]string{"account": a.Name()},
		})
		return a, err
	}
	if _, here, err := member.ByAccount(ctx, tx.Tx, i.Org, a.ID); err != nil || here {
		return a, firstError(err, member.ErrAlreadyMember)
	}
	a.Title, a.GivenName, a.FamilyName = f.Names.Title, f.Names.GivenName, f.Names.FamilyName
	a.Language, a.Status = f.Language, account.Active
	if a, err = account.Set(ctx, tx.Tx, a); err != nil {
		return a, err
	}
	tx.Record(audit.Event{
		Verb: verbActivate, Object: a.ID.String(), Names: map[string]string{"account": a.Name()}, After: map[string]any{"wiped": true},
	})
	if err := disown(ctx, tx, a.ID); err != nil {
		return a, err
	}
	return a, touchOthers(ctx, tx, i.Org, a.ID)
}

// disown ends all by which somebody acts as an account that waited, or could move it: the link
// proves its mailbox, and whoever had that before, when the account was once open, may not be who
// has it now (rules.md 11).
func disown(ctx context.Context, tx *action.Tx, id ident.Account) error {
	if err := credential.Wipe(ctx, tx.Tx, id, verbActivate); err != nil {
		return err
	}
	if _, err := account.EndEmailAsks(ctx, tx.Tx, id); err != nil {
		return err
	}
	if err := endSessions(ctx, tx, id); err != nil {
		return err
	}
	_, err := token.RevokeOf(ctx, tx.Tx, id, verbActivate)
	return err
}

// enter makes the account a member as the invitation says, and spends the link.
func (l link) enter(ctx context.Context, tx *action.Tx, i offered, a account.Account, function string) (Finished, error) {
	var err error
	if i.opened, err = i.without(ctx, tx.Tx); err != nil {
		return Finished{}, err
	}
	m, err := admit(ctx, tx, newcomer{
		org: i.Org, account: a, function: function, roles: i.Roles, sites: i.Sites, levels: i.Levels, by: i.Inviter, waiting: i.waiting.ID,
	})
	if err != nil {
		return Finished{}, err
	}
	if err := invitation.Accept(ctx, tx.Tx, i.Invitation, l.hash, m.ID, a.ID); err != nil {
		return Finished{}, err
	}
	tx.Record(accepted(i.opened, a, m.ID))
	return Finished{Account: a.ID, Org: i.Org, Slug: i.org.Slug, Member: m.ID, Email: a.Email.Address}, nil
}

// without is the invitation without what was taken since from the member who waits for
// it: the sheet that an administrator saved last is what holds (RGT-1).
func (i opened) without(ctx context.Context, tx *store.Tx) (opened, error) {
	if i.waiting.ID.IsZero() {
		return i, nil
	}
	taken, err := member.TakenSince(ctx, tx, i.Org, i.waiting.ID, i.ID)
	i.Roles = slices.DeleteFunc(slices.Clone(i.Roles), func(g role.Given) bool {
		return slices.Contains(taken.Roles, g) || slices.Contains(taken.Sites, g.Scope.Site)
	})
	i.Sites = slices.DeleteFunc(slices.Clone(i.Sites), func(s ident.Site) bool { return slices.Contains(taken.Sites, s) })
	return i, err
}

func accepted(i opened, a account.Account, m ident.Member) audit.Event {
	return audit.Event{
		Org: i.Org, Verb: verbAccept, Object: i.ID.String(), Subject: m.String(),
		Names:  map[string]string{"member": a.Name(), "inviter": i.InvitedBy},
		Before: map[string]any{"status": invitation.Pending},
		After:  map[string]any{"status": invitation.Accepted, "roles": rolesOf(i.Roles), "sites": i.Sites},
	}
}
